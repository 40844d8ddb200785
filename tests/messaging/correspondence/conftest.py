from __future__ import annotations

from typing import Any

import pytest

from tests.messaging.correspondence.mails import DESK


@pytest.fixture(autouse=True)
def desk_addresses(settings: Any) -> None:
    settings.DESK_ADDRESSES = list(DESK)
