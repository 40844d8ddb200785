from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import Page, register
        from desk.audit import audit_middleware  # noqa: F401 (it hears who signs in)

        register(
            {
                Page.DESK_FILE: "desk:file",
                Page.DESK_FILE_PREVIEW: "desk:preview",
                Page.DESK_ORIGINAL: "desk:mail",
                Page.DESK_ORIGINAL_DOWNLOAD: "desk:original_mail",
            }
        )
