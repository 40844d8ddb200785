"""Addresses of claims and refunds. E-mails and bookmarks rely on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from claims.views import attachments, manage, refunds


class ClaimIdConverter(StringConverter):
    regex = r"\d{5}-\d{5}-\d{7}"


register_converter(ClaimIdConverter, "claim_id")

app_name = "claims"
urlpatterns = [
    path("claims/", manage.manage, name="manage"),
    path("claims/report.csv", manage.download_report, name="report"),
    path("claims/seen/", manage.mark_all_seen, name="mark_seen"),
    path("refunds/", refunds.refunds, name="refunds"),
    path("attachments/<uuid:uuid>/", attachments.download, name="attachment"),
]
