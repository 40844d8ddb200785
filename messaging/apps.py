from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import PageName, register
        from claims.files import orphans
        from messaging import receivers  # noqa: F401 (connects them)
        from messaging.correspondence import store_mail

        orphans.owned("mail", store_mail.OWNER)
        register(
            {
                PageName.THREAD: "messaging:thread",
                PageName.PACK: "messaging:pack",
                PageName.MESSAGE_SEARCH: "messaging:search",
                PageName.EMAIL_SETTINGS: "messaging:email_settings",
            }
        )
