from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SafetPortalConfig(AppConfig):
    name = "safet_portal"
    verbose_name = _("Operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from safet_portal import checks  # noqa: F401 - registers the deploy checks
