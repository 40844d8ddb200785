"""Addresses of the desk, under /admin/desk/."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from claims.urls import ClaimIdConverter
from desk.views import (
    asking,
    claim,
    deciding,
    files,
    insight,
    mail,
    money,
    packs,
    queue,
    repairing,
    turns,
    viewing,
    writing,
)

if "claim_id" not in get_converters():
    register_converter(ClaimIdConverter, "claim_id")

app_name = "desk"
urlpatterns = [
    path("bulk/", queue.bulk, name="bulk"),
    path("filters/", queue.save_filter, name="save_filter"),
    path("filters/<int:pk>/remove/", queue.remove_filter, name="remove_filter"),
    path("insight/", insight.insight, name="insight"),
    path("payments/", money.waiting, name="payments"),
    path("payments/<int:pk>/", money.settle, name="settle_payment"),
    path("unpaid/", money.granted_unpaid, name="unpaid"),
    path("view-as/stop/", viewing.stop_viewing, name="stop_viewing"),
    path("next/", turns.take_next, name="take_next"),
    path("files/<uuid:uuid>/", files.file, name="file"),
    path("files/<uuid:uuid>/preview/<int:page>/", files.preview, name="preview"),
    path("mail/<int:pk>/", mail.mail, name="mail"),
    path("mail/<int:pk>/original/", mail.original, name="original_mail"),
    path("<claim_id:claim_id>/pack/", packs.pack, name="pack"),
    path("<claim_id:claim_id>/pack/<uuid:uuid>/", packs.pack_file, name="pack_file"),
    path("<claim_id:claim_id>/", claim.claim_page, name="claim"),
    path("<claim_id:claim_id>/here/", claim.here, name="here"),
    path("<claim_id:claim_id>/evidence/", files.evidence, name="evidence"),
    path("<claim_id:claim_id>/assign/", turns.assign, name="assign"),
    path("<claim_id:claim_id>/take/", turns.take, name="take"),
    path("<claim_id:claim_id>/release/", turns.release, name="release"),
    path("<claim_id:claim_id>/accept-mail/", turns.accept_mail, name="accept_mail"),
    path("<claim_id:claim_id>/request/", asking.request_information, name="request"),
    path("<claim_id:claim_id>/decide/", deciding.decide, name="decide"),
    path("<claim_id:claim_id>/confirm/", deciding.confirm, name="confirm"),
    path("<claim_id:claim_id>/message/", writing.send_message, name="message"),
    path("<claim_id:claim_id>/extend/", repairing.extend, name="extend"),
    path("<claim_id:claim_id>/view-as/", viewing.view_as, name="view_as"),
    path("<claim_id:claim_id>/correct/", repairing.correct, name="correct"),
    path("<claim_id:claim_id>/redact/", repairing.redact, name="redact"),
    path("<claim_id:claim_id>/release-appeal/", repairing.release_appeal, name="release_appeal"),
    path("<claim_id:claim_id>/note/", writing.add_note, name="note"),
]
