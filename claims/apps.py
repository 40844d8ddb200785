from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsConfig(AppConfig):
    name = "claims"
    verbose_name = _("Claims")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import PageName, register
        from claims import receivers  # noqa: F401 (connects them)

        register({PageName.CLAIMS: "claims:manage"})
