"""Addresses of the Communication Center. E-mails and bookmarks rely on them."""

from django.urls import path

import claims.urls  # noqa: F401 - registers what a claim id looks like in an address
from messaging.communication_page import live_views
from messaging.communication_page import views as communication_page_views
from messaging.notifications import views as notifications_views
from messaging.packs import views as packs_views
from messaging.search import views as search_views

app_name = "messaging"
urlpatterns = [
    path("claims/<claim_id:claim_id>/messages/", communication_page_views.communication, name="thread"),
    path("claims/<claim_id:claim_id>/pack/", packs_views.pack, name="pack"),
    path("claims/<claim_id:claim_id>/pack/<uuid:uuid>/", packs_views.pack_file, name="pack_file"),
    path("claims/<claim_id:claim_id>/messages/search/", search_views.in_thread, name="search_thread"),
    path("claims/<claim_id:claim_id>/messages/live/", live_views.live, name="live"),
    path("messages/", search_views.everywhere, name="search"),
    path("settings/email/", notifications_views.email_settings, name="email_settings"),
    path("settings/email/addresses/", notifications_views.add_address, name="add_address"),
    path("settings/email/addresses/<int:pk>/remove/", notifications_views.remove_address, name="remove_address"),
    path("settings/email/calendar/", notifications_views.change_calendar, name="change_calendar"),
    path("settings/email/again/", notifications_views.send_to_me_again, name="send_to_me_again"),
    path("email/returned/", notifications_views.returned, name="returned"),
    path("email/stop/<str:token>/", notifications_views.stop, name="stop"),
    path("email/stop-copies/<str:token>/", notifications_views.stop_copies, name="stop_copies"),
    path("email/confirm/<str:token>/", notifications_views.confirm_address, name="confirm_address"),
    path("calendar/<str:token>/safe-t.ics", notifications_views.calendar, name="calendar"),
]
