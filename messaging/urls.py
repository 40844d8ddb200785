"""Addresses of the Communication Center. E-mails and bookmarks rely on them."""

from django.urls import path

import claims.urls  # noqa: F401 - registers what a claim id looks like in an address
from messaging.views import communication, email, live, packs, search

app_name = "messaging"
urlpatterns = [
    path("claims/<claim_id:claim_id>/messages/", communication.communication, name="thread"),
    path("claims/<claim_id:claim_id>/pack/", packs.pack, name="pack"),
    path("claims/<claim_id:claim_id>/pack/<uuid:uuid>/", packs.pack_file, name="pack_file"),
    path("claims/<claim_id:claim_id>/messages/search/", search.in_thread, name="search_thread"),
    path("claims/<claim_id:claim_id>/messages/live/", live.live, name="live"),
    path("messages/", search.everywhere, name="search"),
    path("settings/email/", email.email_settings, name="email_settings"),
    path("settings/email/addresses/", email.add_address, name="add_address"),
    path("settings/email/addresses/<int:pk>/remove/", email.remove_address, name="remove_address"),
    path("settings/email/calendar/", email.change_calendar, name="change_calendar"),
    path("email/stop/<str:token>/", email.stop, name="stop"),
    path("email/stop-copies/<str:token>/", email.stop_copies, name="stop_copies"),
    path("email/confirm/<str:token>/", email.confirm_address, name="confirm_address"),
    path("calendar/<str:token>/safe-t.ics", email.calendar, name="calendar"),
]
