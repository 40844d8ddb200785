"""Addresses of the desk, under /admin/desk/."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from claims.urls import ClaimIdConverter
from desk import views

if "claim_id" not in get_converters():
    register_converter(ClaimIdConverter, "claim_id")

app_name = "desk"
urlpatterns = [
    path("next/", views.take_next, name="take_next"),
    path("files/<uuid:uuid>/", views.file, name="file"),
    path("<claim_id:claim_id>/", views.claim_page, name="claim"),
    path("<claim_id:claim_id>/take/", views.take, name="take"),
    path("<claim_id:claim_id>/release/", views.release, name="release"),
    path("<claim_id:claim_id>/request/", views.request_information, name="request"),
    path("<claim_id:claim_id>/decide/", views.decide, name="decide"),
    path("<claim_id:claim_id>/message/", views.send_message, name="message"),
    path("<claim_id:claim_id>/note/", views.add_note, name="note"),
]
