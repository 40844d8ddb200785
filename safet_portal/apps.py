from django.apps import AppConfig


class SafetPortalConfig(AppConfig):
    name = "safet_portal"
    default_auto_field = "django.db.models.BigAutoField"
