"""Addresses of the desk, under /admin/desk/."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from claims.urls import ClaimIdConverter
from desk.claim_page import file_views, message_views, pack_views, request_views
from desk.claim_page import views as claim_page_views
from desk.decisions import views as decisions_views
from desk.imports import views as import_views
from desk.mail import views as mail_views
from desk.money import views as money_views
from desk.queue import assign_views
from desk.queue import views as queue_views
from desk.repairs import views as repairs_views
from desk.statistics import views as statistics_views
from desk.view_as_seller import views as view_as_seller_views

if "claim_id" not in get_converters():
    register_converter(ClaimIdConverter, "claim_id")

app_name = "desk"
urlpatterns = [
    path("bulk/", queue_views.bulk, name="bulk"),
    path("filters/", queue_views.save_filter, name="save_filter"),
    path("filters/<int:pk>/remove/", queue_views.remove_filter, name="remove_filter"),
    path("imports/", import_views.imports, name="imports"),
    path("imports/<uuid:uuid>/", import_views.import_run, name="import_run"),
    path("imports/<uuid:uuid>/rejects/", import_views.import_rejects, name="import_rejects"),
    path("insight/", statistics_views.insight, name="insight"),
    path("payments/", money_views.waiting, name="payments"),
    path("payments/<int:pk>/", money_views.settle, name="settle_payment"),
    path("unpaid/", money_views.granted_unpaid, name="unpaid"),
    path("view-as/stop/", view_as_seller_views.stop_viewing, name="stop_viewing"),
    path("next/", assign_views.take_next, name="take_next"),
    path("files/<uuid:uuid>/", file_views.file, name="file"),
    path("files/<uuid:uuid>/preview/<int:page>/", file_views.preview, name="preview"),
    path("mail/<int:pk>/", mail_views.mail, name="mail"),
    path("mail/<int:pk>/original/", mail_views.original, name="original_mail"),
    path("<claim_id:claim_id>/pack/", pack_views.pack, name="pack"),
    path("<claim_id:claim_id>/pack/<uuid:uuid>/", pack_views.pack_file, name="pack_file"),
    path("<claim_id:claim_id>/", claim_page_views.claim_page, name="claim"),
    path("<claim_id:claim_id>/here/", claim_page_views.here, name="here"),
    path("<claim_id:claim_id>/evidence/", file_views.evidence, name="evidence"),
    path("<claim_id:claim_id>/assign/", assign_views.assign, name="assign"),
    path("<claim_id:claim_id>/take/", assign_views.take, name="take"),
    path("<claim_id:claim_id>/release/", assign_views.release, name="release"),
    path("<claim_id:claim_id>/accept-mail/", assign_views.accept_mail, name="accept_mail"),
    path("<claim_id:claim_id>/request/", request_views.request_information, name="request"),
    path("<claim_id:claim_id>/decide/", decisions_views.decide, name="decide"),
    path("<claim_id:claim_id>/confirm/", decisions_views.confirm, name="confirm"),
    path("<claim_id:claim_id>/message/", message_views.send_message, name="message"),
    path("<claim_id:claim_id>/extend/", repairs_views.extend, name="extend"),
    path("<claim_id:claim_id>/view-as/", view_as_seller_views.view_as, name="view_as"),
    path("<claim_id:claim_id>/correct/", repairs_views.correct, name="correct"),
    path("<claim_id:claim_id>/redact/", repairs_views.redact, name="redact"),
    path("<claim_id:claim_id>/release-appeal/", repairs_views.release_appeal, name="release_appeal"),
    path("<claim_id:claim_id>/note/", message_views.add_note, name="note"),
]
