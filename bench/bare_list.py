"""A minimal Django list, to compare ours with: session, user, one keyset query, tabs, 25 rows in a template.

No access check, no words to translate, no icons, no design: what Django itself costs for the same rows. `bench.*` alone
routes here.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import include, path

_ROWS = """
SELECT c.claim_id, o.order_id, l.title, l.asin, c.reason, c.claimed_minor, c.currency, c.status, c.updated_at
  FROM claims_claim c JOIN claims_order o ON o.id = c.order_id
  LEFT JOIN LATERAL (SELECT title, asin FROM claims_claimline WHERE claim_id = c.id ORDER BY id LIMIT 1) l ON true
 WHERE c.seller_id = %s
 ORDER BY c.updated_at DESC, c.id DESC LIMIT 26
"""
_COUNTS = """
SELECT status, count(*) FROM (
    SELECT status FROM claims_claim WHERE seller_id = %s AND status = 'AWAITING_SELLER' LIMIT 1000) a GROUP BY 1
UNION ALL SELECT status, count(*) FROM (
    SELECT status FROM claims_claim WHERE seller_id = %s AND status = 'UNDER_INVESTIGATION' LIMIT 1000) b GROUP BY 1
UNION ALL SELECT status, count(*) FROM (
    SELECT status FROM claims_claim WHERE seller_id = %s AND status = 'GRANTED' LIMIT 1000) c GROUP BY 1
"""
_TEMPLATE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Claims</title></head><body>
<p>{{ user.email }}</p><ul>{% for name, count in counts %}<li><a href="?tab={{ name }}">{{ name }} {{ count }}</a></li>{% endfor %}</ul>
<table><thead><tr><th>Claim</th><th>Item</th><th>Amount</th><th>Status</th><th>Updated</th></tr></thead><tbody>
{% for row in rows %}<tr><td><a href="{% url 'bare-claim' row.claim_id %}">{{ row.claim_id }}</a> {{ row.order_id }}</td>
<td>{{ row.title }} {{ row.asin }} {{ row.reason }}</td><td>{{ row.claimed_minor }} {{ row.currency }}</td>
<td>{{ row.status }}</td><td>{{ row.updated_at|date:"M j, Y, g:i A" }}</td></tr>
{% endfor %}</tbody></table></body></html>"""  # noqa: E501 - as somebody would write it in five minutes

_template = None


def _asked(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@login_required
def bare_list(request: HttpRequest, seller: int) -> HttpResponse:
    """The newest claims of a seller, with the counts of three tabs."""
    global _template
    if _template is None:
        _template = Engine.get_default().from_string(_TEMPLATE)
    counts = [(row["status"], row["count"]) for row in _asked(_COUNTS, [seller] * 3)]
    rows = _asked(_ROWS, [seller])[:25]
    return HttpResponse(_template.render(Context({"user": request.user, "rows": rows, "counts": counts})))


urlpatterns = [
    path("bare/<int:seller>/", bare_list),
    path("bare/claim/<str:claim_id>/", bare_list, name="bare-claim"),
    path("", include("safet_portal.urls")),
]
