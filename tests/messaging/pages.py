"""The Communication page through the real client: what a browser would send back from the form it was shown."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from accounts.models import User
from claims.models import Claim
from tests.cast import picture
from tests.html import CheckingClient


def client_of(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def address(claim: Claim, query: str = "") -> str:
    return f"/claims/{claim.claim_id}/messages/{query}"


def photo(name: str = "label.png", colour: str = "#334455") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(colour), "image/png")


def hidden(html: str) -> dict[str, str]:
    """The composer's hidden fields and its text, as they came."""
    form = html[html.index('id="composer"') :]
    form = form[: form.index("</form>")]
    names = "draft|kept_at|tab|n|stands|unsent|choice"
    fields = dict(re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)"', form))
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", form, re.DOTALL)
    assert text is not None
    return {**{name: unescape(value) for name, value in fields.items()}, "text": unescape(text[1])}


def form_of(client: CheckingClient, claim: Claim) -> dict[str, Any]:
    response = client.get(address(claim))
    assert response.status_code == 200
    return hidden(response.content.decode())


def send(client: CheckingClient, claim: Claim, **fields: Any) -> HttpResponse:
    """Fill in the form as it is shown now and send it."""
    return client.post(address(claim), {**form_of(client, claim), "act": "send", **fields})


def alerts(response: HttpResponse) -> list[str]:
    """The sentences of what is to be fixed."""
    html = response.content.decode()
    found = re.search(r'<div id="to-fix".*?<ul>(.*?)</ul>', html, re.DOTALL)
    said = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(unescape(re.sub("<[^>]+>", "", each)).split()) for each in said]
