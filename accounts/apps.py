from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import factors  # noqa: F401 (it hears of changed factors)
        from accounts.groups import make_groups

        post_migrate.connect(make_groups, sender=self)
