"""Addresses that only the demo has."""

from django.urls import path

from safet_portal.demo import kinds, views

urlpatterns = [
    path("switch/", views.switch, name="demo_switch"),
    path("mail/", views.mail_list, name="demo_mail"),
    path("mail/kinds/", kinds.kinds, name="demo_mail_kinds"),
    path("mail/kinds/<slug:kind>/", kinds.look, name="demo_mail_kind"),
    path("mail/<str:name>/", views.mail_detail, name="demo_mail_detail"),
    path("mail/<str:name>/look/", views.mail_look, name="demo_mail_look"),
]
