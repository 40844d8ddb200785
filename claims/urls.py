"""Addresses of claims and refunds. E-mails and bookmarks rely on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from claims.claim_page import file_views
from claims.claim_page import views as claim_page_views
from claims.claims_list import views as claims_list_views
from claims.filing import batch_views, draft_views, receipt_views, step_views
from claims.payments import views as payments_views
from claims.refunds import views as refunds_views
from claims.statistics import views as statistics_views


class ClaimIdConverter(StringConverter):
    regex = "[0-9]{5}-[0-9]{5}-[0-9]{7}"


register_converter(ClaimIdConverter, "claim_id")

app_name = "claims"
urlpatterns = [
    path("claims/", claims_list_views.manage, name="manage"),
    path("claims/report.csv", claims_list_views.download_report, name="report"),
    path("claims/seen/", claims_list_views.mark_all_seen, name="mark_seen"),
    path("claims/insight/", statistics_views.insight, name="insight"),
    path("claims/unpaid/", payments_views.granted_unpaid, name="unpaid"),
    path("claims/new/", step_views.new, name="new"),
    path("claims/new/<uuid:uuid>/delete/", draft_views.delete_draft, name="delete_draft"),
    path("claims/new/<uuid:uuid>/<str:step>/", step_views.step, name="new_step"),
    path("claims/<claim_id:claim_id>/receipt/", receipt_views.receipt, name="receipt"),
    path("drafts/", draft_views.draft_list, name="drafts"),
    path("claims/<claim_id:claim_id>/", claim_page_views.details, name="details"),
    path("claims/<claim_id:claim_id>/withdraw/", claim_page_views.withdraw, name="withdraw"),
    path("refunds/", refunds_views.refunds, name="refunds"),
    path("refunds/bulk/", batch_views.bulk, name="bulk"),
    path("refunds/bulk/template.csv", batch_views.template, name="bulk_template"),
    path("refunds/selected/", batch_views.selected, name="selected"),
    path("refunds/batches/<uuid:uuid>/", batch_views.batch, name="batch"),
    path("refunds/batches/<uuid:uuid>/results.csv", batch_views.batch_report, name="batch_report"),
    path("refunds/batches/<uuid:uuid>/submit/", batch_views.submit_batch, name="submit_batch"),
    path("drafts/submit/", batch_views.submit_drafts, name="submit_drafts"),
    path("refunds/report.csv", refunds_views.download_report, name="refunds_report"),
    path("attachments/<uuid:uuid>/", file_views.download, name="attachment"),
    path("attachments/<uuid:uuid>/look/", file_views.look, name="look"),
    path("attachments/<uuid:uuid>/preview/<int:page>/", file_views.preview, name="preview"),
    path("policy/<slug:rule>/<int:version>/", receipt_views.policy, name="policy"),
]
