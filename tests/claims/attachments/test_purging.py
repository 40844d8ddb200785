"""What is thrown away by itself, and what stays."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.storage import storages

from claims.attachments import previews
from claims.models import Attachment, FileRefusal
from claims.operations import checking, files, purging
from tests.cast import World


def test_bytes_of_an_infected_file_go_after_thirty_days_and_the_line_stays(world: World) -> None:
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    checking.check_file(file.pk, now=world.at(-30))
    files.scanned(file.pk, threat="Test.Eicar", now=world.at(-30))
    file.refresh_from_db()
    keys = previews.keys_of(file)
    assert purging.purge_infected(now=world.now) == 0
    assert [storages["attachments"].exists(key) for key in keys] == [True] * 4

    later = world.now + timedelta(microseconds=1)
    assert (purging.purge_infected(now=later), purging.purge_infected(now=later)) == (1, 0)

    assert [storages["attachments"].exists(key) for key in keys] == [False] * 4
    file.refresh_from_db()
    assert (file.scan, file.previews, FileRefusal.objects.count()) == (Attachment.Scan.INFECTED, 0, 1)
