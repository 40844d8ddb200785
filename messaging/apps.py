from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import Page, register
        from claims.files import orphans
        from messaging import receivers  # noqa: F401 (connects them)
        from messaging.correspondence import store_mail

        orphans.owned("mail", store_mail.OWNER)
        register(
            {
                Page.THREAD: "messaging:thread",
                Page.PACK: "messaging:pack",
                Page.MESSAGE_SEARCH: "messaging:search",
                Page.EMAIL_SETTINGS: "messaging:email_settings",
            }
        )
