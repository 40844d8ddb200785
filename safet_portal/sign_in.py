"""How allauth is bent to the portal: nobody signs up alone, and its links carry our address."""

from urllib.parse import urljoin, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest


class PortalAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No: people come in by an owner's invitation or an operator's import."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of the reset e-mail, on SITE_URL: the Host header is the sender's to choose."""
        return urljoin(settings.SITE_URL, urlsplit(super().get_reset_password_from_key_url(key)).path)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: object) -> str:
        return urljoin(settings.SITE_URL, urlsplit(super().get_email_confirmation_url(request, emailconfirmation)).path)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom the rate limits count: the proxy's word where one is trusted and gave it, else the peer."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:  # fewer addresses in X-Forwarded-For than we have proxies: a request past them
            return str(request.META["REMOTE_ADDR"])
