"""What only a developer's machine needs, kept apart so that settings stay a list of facts."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path) -> str:
    """The secret kept in ``path``, readable by its owner alone; made on the first call, the same ever after."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-") as new:  # mode 0600
            new.write(secrets.token_urlsafe(64))
            new.flush()
            with contextlib.suppress(FileExistsError):  # of two at once the first wins
                os.link(new.name, path)  # whole or not at all
        return path.read_text()
