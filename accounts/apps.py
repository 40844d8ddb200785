from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.groups import make_groups
        from accounts.sign_in import factors  # noqa: F401 (it hears of changed factors)
        from accounts.unsent import note_at_sign_in

        post_migrate.connect(make_groups, sender=self)
        user_logged_in.connect(note_at_sign_in, dispatch_uid="note where unsent words wait")
