"""Addresses of the Communication Center. E-mails and bookmarks rely on them."""

from django.urls import path

import claims.urls  # noqa: F401 - registers what a claim id looks like in an address
from messaging import views

app_name = "messaging"
urlpatterns = [
    path("claims/<claim_id:claim_id>/messages/", views.communication, name="thread"),
]
