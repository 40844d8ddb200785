"""Metrics for Prometheus at ``/metrics``: requests by route, e-mails owed, files that wait for the scanner,
security events.

Shown to this machine itself, or to who brings ``METRICS_TOKEN`` as a bearer token; for others there is no such page.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import REGISTRY, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.sign_in import security_events
from claims.files import scan_queue
from messaging.notifications import outbox
from safet_portal import task_records
from safet_portal.inside import may_look_inside
from safet_portal.models import FailedTask

GetResponse = Callable[[HttpRequest], HttpResponse]

REQUESTS = Counter("safet_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("safet_request_seconds", "Seconds until the answer began", ["method", "route"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def measure(get_response: GetResponse) -> GetResponse:
    """Count each request by its route (a pattern of ours, so that visitors can't invent labels) and time it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = get_response(request)
        route = request.resolver_match.route if request.resolver_match else ""
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - begun)
        return response

    return middleware


class RowMetrics(Collector):
    """What the database knows, asked when the metrics are read."""

    def collect(self) -> Iterator[Metric]:
        """Six queries, none of which counts what was sent: each number stops at 100,000 rows."""
        now = timezone.now()
        counts = outbox.outbox_counts(now)
        emails = GaugeMetricFamily("safet_outgoing_emails", "E-mails not sent, by how they stand", labels=["state"])
        emails.add_metric(["queued"], counts.waiting)
        emails.add_metric(["sending"], counts.sending)
        emails.add_metric(["retrying"], counts.retrying)
        emails.add_metric(["stuck"], counts.stuck)
        yield emails
        yield GaugeMetricFamily(
            "safet_oldest_queued_email_seconds", "Age of the oldest e-mail not yet sent", _age(counts.oldest, now)
        )
        yield GaugeMetricFamily(
            "safet_email_overdue_seconds", "For how long an e-mail has been due", _age(counts.due_since, now)
        )
        attempts = CounterMetricFamily("safet_email_attempts", "Attempts to send, by outcome", labels=["outcome"])
        tallied = outbox.tallied()
        for outcome in ("sent", "retried", "bounced", "failed", "suppressed"):
            attempts.add_metric([outcome], tallied.get(outcome, 0))
        yield attempts
        waiting, since = scan_queue.to_scan()
        yield GaugeMetricFamily("safet_files_to_scan", "Files that wait for the virus scanner", waiting)
        yield GaugeMetricFamily(
            "safet_oldest_file_to_scan_seconds", "Since when the first of them was uploaded", _age(since, now)
        )
        signs = GaugeMetricFamily("safet_sign_seconds", "Since a worker of a queue gave a sign", labels=["queue"])
        for name, age in task_records.ages_of_signs(now).items():
            signs.add_metric([name], age)
        yield signs
        yield GaugeMetricFamily("safet_failed_tasks", "Tasks in the operators' list", FailedTask.objects.count())
        events = CounterMetricFamily(
            "safet_security_events", "Failed sign-ins, refused requests and files", labels=["kind"]
        )
        counted = security_events.tallied()
        for kind in security_events.Kind.values:
            events.add_metric([kind.lower()], counted.get(kind, 0))
        yield events


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics as Prometheus reads them; 404 to who may not see them."""
    if not may_look_inside(request):
        raise Http404
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several gunicorn workers: add up what each of them wrote
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    rows = CollectorRegistry()
    rows.register(RowMetrics())
    return HttpResponse(generate_latest(registry) + generate_latest(rows), content_type=CONTENT_TYPE_LATEST)
