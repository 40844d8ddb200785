"""Addresses of people, settings and the sign-in pages that are our own."""

from django.urls import path
from django.views.generic import RedirectView

from accounts import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<int:pk>/revoke/", views.revoke, name="revoke_invitation"),
    path("people/<int:pk>/role/", views.change_role, name="change_role"),
    path("people/<int:pk>/remove/", views.remove_member, name="remove_member"),
    path("people/join/<str:token>/", views.join, name="join"),
    path("settings/", views.settings_page, name="settings"),
    path("switch/", views.switch_seller, name="switch_seller"),
    path("help/", views.help_page, name="help"),
    # An address is who a person is here; it is changed by who administers the portal.
    path("accounts/email/", RedirectView.as_view(pattern_name="settings"), name="account_email"),
    path("accounts/password/reset/", views.password_reset, name="account_reset_password"),
]
