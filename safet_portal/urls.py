"""Every address of the portal. Tools, bookmarks and e-mails rely on them: add, don't rename."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path

from safet_portal.health import healthz, readyz, status
from safet_portal.metrics import metrics

admin.autodiscover()
# A person's address is changed on the person's page; the sign-in library's table of addresses follows it.
admin.site.unregister(EmailAddress)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def home(request: HttpRequest) -> HttpResponse:
    """Lead everybody to their work: staff to the desk, sellers to their claims, strangers to the sign-in."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    return redirect("admin:claims_claim_changelist" if request.user.is_staff else "/claims/")


def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that look for an icon by its old name (on pages of the admin) to the portal's."""
    return redirect(static("favicon.svg"))


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("status", status, name="status"),
    path("metrics", metrics, name="metrics"),
    path("", include("accounts.urls")),  # before allauth: two of its pages are our own
    path("accounts/", include("allauth.urls")),
    path("admin/desk/", include("desk.urls")),
    path("admin/", admin.site.urls),
    path("", include("claims.urls")),
    path("", include("messaging.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("safet_portal.demo.urls")))

handler400 = "safet_portal.errors.bad_request"
handler500 = "safet_portal.errors.server_error"
