"""How the desk decides, for those who answer for it."""

from __future__ import annotations

import pytest

from tests.cast import World
from tests.claims.statistics.test_statistics import decided
from tests.html import CheckingClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "status"), [("sam", 200), ("ada", 200), ("hana", 404), ("alice", 302)])
def test_seniors_read_everybodys(client: CheckingClient, world: World, name: str, status: int) -> None:
    decided(world)
    client.force_login(getattr(world, name))
    response = client.get("/admin/desk/insight/")
    assert response.status_code == status
    if status == 200:
        assert "50% (1 / 2)" in response.content.decode()
