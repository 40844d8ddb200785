"""Tests of files are of pictures."""

from __future__ import annotations

import pytest

from tests.cast import World


@pytest.fixture
def world(world: World) -> World:
    """The world of `tests.cast`, whose claims have photos."""
    world.photos = True
    return world
