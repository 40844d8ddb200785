from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "claims"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import marketplaces
        from claims import receivers  # noqa: F401 (connects them)
        from claims.policy import marketplace_by_spelling

        marketplaces.learn(marketplace_by_spelling)
