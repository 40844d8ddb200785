"""Addresses of the Communication Center. E-mails and bookmarks rely on them."""

from django.urls import path

import claims.urls  # noqa: F401 - registers what a claim id looks like in an address
from messaging.views import communication, search

app_name = "messaging"
urlpatterns = [
    path("claims/<claim_id:claim_id>/messages/", communication.communication, name="thread"),
    path("claims/<claim_id:claim_id>/messages/search/", search.in_thread, name="search_thread"),
    path("messages/", search.everywhere, name="search"),
]
