from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "claims"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.page_addresses import PageName, register
        from claims import receivers  # noqa: F401 (connects them)

        register({PageName.CLAIMS: "claims:manage"})
