from django.apps import AppConfig


class SafetPortalConfig(AppConfig):
    name = "safet_portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from safet_portal import checks  # noqa: F401 - registers the deploy checks
