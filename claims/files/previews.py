"""Has the decoder process make what pages show of a kept file, and keeps it beside the file."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from django.core.files.base import File

from claims.files import decoder_process, store
from claims.files.limits import CantDecode
from claims.models import Attachment

_CHUNK = 64 * 1024
_FACTS = ("served_type", "served_size", "served_sha256", "previews", "pages", "taken_at", "active_content")


def make(attachment: Attachment) -> bool:
    """Make the previews of a file that waits for them, and of a picture the copy without metadata.

    Return whether this call made them; twice at once, one of the two keeps its own. A file the decoder can't make
    anything of is marked so. Raises what the storage raises, and SandboxMissing where nothing is decoded on this
    machine: then the file goes on waiting.
    """
    waiting = Attachment.objects.filter(pk=attachment.pk, making=Attachment.Making.PENDING)
    if not waiting.exists():
        return False
    with TemporaryDirectory(prefix="safet-made-") as name:
        source, folder = Path(name) / "source", Path(name) / "made"
        folder.mkdir()
        with store.read(attachment.storage_key) as kept, source.open("wb") as copy:
            copyfileobj(kept, copy, _CHUNK)
        try:
            facts = decoder_process.run("make", source, attachment.media_type, folder)
        except CantDecode:
            waiting.update(making=Attachment.Making.FAILED)
            return False
        columns = {name: facts[name] for name in _FACTS if name in facts}
        made_key, keys = store.new_key("made"), []
        try:
            for path in sorted(folder.iterdir()):
                with path.open("rb") as made:
                    keys.append(store.storage().save(store.made(made_key, path.name), File(made)))
            mine = waiting.update(making=Attachment.Making.MADE, made_key=made_key, **columns)
        except BaseException:
            store.undo(keys)
            raise
        if not mine:
            store.undo(keys)
        return bool(mine)


def keys_of(attachment: Attachment) -> list[str]:
    """Return all the keys of a file's bytes: its own, and what was made of it."""
    keys = [attachment.storage_key]
    if attachment.made_key:
        keys += [store.made(attachment.made_key, f"{page}.png") for page in range(attachment.previews + 1)]
        if attachment.served_type:
            keys.append(store.made(attachment.made_key, "copy"))
    return keys
