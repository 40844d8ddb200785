"""Addresses of claims and refunds. E-mails and bookmarks rely on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from claims.statistics import views as statistics_views
from claims.views import attachments, bulk, details, drafts, filing, manage, receipt, refunds, unpaid


class ClaimIdConverter(StringConverter):
    regex = "[0-9]{5}-[0-9]{5}-[0-9]{7}"


register_converter(ClaimIdConverter, "claim_id")

app_name = "claims"
urlpatterns = [
    path("claims/", manage.manage, name="manage"),
    path("claims/report.csv", manage.download_report, name="report"),
    path("claims/seen/", manage.mark_all_seen, name="mark_seen"),
    path("claims/insight/", statistics_views.insight, name="insight"),
    path("claims/unpaid/", unpaid.granted_unpaid, name="unpaid"),
    path("claims/new/", filing.new, name="new"),
    path("claims/new/<uuid:uuid>/delete/", drafts.delete_draft, name="delete_draft"),
    path("claims/new/<uuid:uuid>/<str:step>/", filing.step, name="new_step"),
    path("claims/<claim_id:claim_id>/receipt/", receipt.receipt, name="receipt"),
    path("drafts/", drafts.draft_list, name="drafts"),
    path("claims/<claim_id:claim_id>/", details.details, name="details"),
    path("claims/<claim_id:claim_id>/withdraw/", details.withdraw, name="withdraw"),
    path("refunds/", refunds.refunds, name="refunds"),
    path("refunds/bulk/", bulk.bulk, name="bulk"),
    path("refunds/bulk/template.csv", bulk.template, name="bulk_template"),
    path("refunds/selected/", bulk.selected, name="selected"),
    path("refunds/batches/<uuid:uuid>/", bulk.batch, name="batch"),
    path("refunds/batches/<uuid:uuid>/results.csv", bulk.batch_report, name="batch_report"),
    path("refunds/batches/<uuid:uuid>/submit/", bulk.submit_batch, name="submit_batch"),
    path("drafts/submit/", bulk.submit_drafts, name="submit_drafts"),
    path("refunds/report.csv", refunds.download_report, name="refunds_report"),
    path("attachments/<uuid:uuid>/", attachments.download, name="attachment"),
    path("attachments/<uuid:uuid>/look/", attachments.look, name="look"),
    path("attachments/<uuid:uuid>/preview/<int:page>/", attachments.preview, name="preview"),
    path("policy/<slug:rule>/<int:version>/", receipt.policy, name="policy"),
]
