from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "desk"
    verbose_name = _("Desk")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import PageName, register
        from desk.audit import audit_middleware  # noqa: F401 (it hears who signs in)

        register(
            {
                PageName.DESK_FILE: "desk:file",
                PageName.DESK_FILE_PREVIEW: "desk:preview",
                PageName.DESK_ORIGINAL: "desk:mail",
                PageName.DESK_ORIGINAL_DOWNLOAD: "desk:original_mail",
            }
        )
