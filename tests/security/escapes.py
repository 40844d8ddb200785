"""What code that took over a decoder would try: stands in for `decoder.py` inside, and runs by itself outside.

The source file is the list of targets, as JSON: it is all there is to read. What is tried is named by the media type.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from errno import EACCES, EPERM
from pathlib import Path
from typing import Any

Targets = dict[str, Any]
ATTEMPTS: dict[str, Callable[[Targets], object]] = {}
libc = ctypes.CDLL(None, use_errno=True)


def attempt(tried: Callable[[Targets], object]) -> Callable[[Targets], object]:
    ATTEMPTS[tried.__name__] = tried
    return tried


def called(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


def check(source: str, media_type: str) -> dict[str, str]:
    """Return how the attempt ended: "worked", "refused", or the error it met."""
    targets = json.loads(Path(source).read_text())
    try:
        ATTEMPTS[media_type](targets)
    except OSError as error:
        return {"said": "refused" if error.errno in (EPERM, EACCES) else repr(error)}
    return {"said": "worked"}


@attempt
def read_the_environment_of_the_parent(targets: Targets) -> None:
    assert b"PATH=" in Path(f"/proc/{targets['parent']}/environ").read_bytes()


@attempt
def read_the_memory_of_another_process(targets: Targets) -> None:
    with open(f"/proc/{targets['victim']}/mem", "rb", buffering=0) as memory:
        memory.seek(targets["secret_at"])
        assert memory.read(6) == b"secret"


@attempt
def copy_the_memory_of_another_process(targets: Targets) -> None:
    found = ctypes.create_string_buffer(6)
    own = (ctypes.c_size_t * 2)(ctypes.addressof(found), 6)
    theirs = (ctypes.c_size_t * 2)(targets["secret_at"], 6)
    victim = ctypes.c_int(targets["victim"])
    called(libc.process_vm_readv(victim, own, ctypes.c_ulong(1), theirs, ctypes.c_ulong(1), ctypes.c_ulong(0)))
    assert found.raw == b"secret"


@attempt
def trace_another_process(targets: Targets) -> None:
    called(libc.ptrace(16, targets["victim"], None, None))
    os.waitpid(targets["victim"], 0x40000000)  # __WALL
    called(libc.ptrace(17, targets["victim"], None, None))


@attempt
def read_the_secret_key(targets: Targets) -> None:
    Path(targets["checkout"], "var", "secret_key").read_text()


@attempt
def read_the_settings_file(targets: Targets) -> None:
    Path(targets["checkout"], ".env").read_text()


@attempt
def read_a_kept_file(targets: Targets) -> None:
    Path(targets["checkout"], "var", "attachments", "kept").read_bytes()


@attempt
def list_the_checkout(targets: Targets) -> None:
    os.listdir(targets["checkout"])


@attempt
def read_the_settings_of_the_portal(targets: Targets) -> None:
    Path(targets["settings"]).read_text()


@attempt
def read_the_file_beside_its_own(targets: Targets) -> None:
    Path(targets["neighbour"]).read_text()


@attempt
def read_the_accounts_of_the_machine(targets: Targets) -> None:
    Path("/etc/passwd").read_text()


@attempt
def list_the_root(targets: Targets) -> None:
    os.listdir("/")


@attempt
def list_the_processes(targets: Targets) -> None:
    os.listdir("/proc")


@attempt
def reach_the_database(targets: Targets) -> None:
    host, port = targets["database"]
    if host.startswith("/"):
        with socket.socket(socket.AF_UNIX) as to:
            to.connect(f"{host}/.s.PGSQL.{port}")
    else:
        socket.create_connection((host, port)).close()


@attempt
def reach_redis(targets: Targets) -> None:
    with socket.create_connection(("127.0.0.1", targets["redis"]), timeout=10) as to:
        to.sendall(b"PING\r\n")
        assert to.recv(100).startswith(b"+PONG")


@attempt
def send_a_datagram(targets: Targets) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
        to.sendto(b"secret", ("127.0.0.1", 9))


@attempt
def reach_an_abstract_socket(targets: Targets) -> None:
    with socket.socket(socket.AF_UNIX) as to:
        to.connect(b"\0" + targets["abstract"].encode())


@attempt
def listen_for_somebody(targets: Targets) -> None:
    socket.create_server(("127.0.0.1", 0)).close()


@attempt
def make_a_pair_of_sockets(targets: Targets) -> None:
    for end in socket.socketpair():
        end.close()


@attempt
def fork(targets: Targets) -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


@attempt
def start_another_program(targets: Targets) -> None:
    os.waitpid(os.posix_spawn("/bin/echo", ["echo", "-n"], {}), 0)


@attempt
def become_another_program(targets: Targets) -> None:
    os.execv("/bin/echo", ["echo", '{"said": "worked"}'])


@attempt
def end_another_process(targets: Targets) -> None:
    os.kill(targets["victim"], signal.SIGCONT)


@attempt
def send_a_signal_through_a_pipe(targets: Targets) -> None:
    """Data that comes makes the kernel send a signal of one's choice to a process of one's choice."""
    reading, writing = os.pipe()
    fcntl.fcntl(reading, 10, signal.SIGCONT)  # F_SETSIG
    fcntl.fcntl(reading, fcntl.F_SETOWN, targets["victim"])
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    os.write(writing, b"x")


@attempt
def own_standard_output(targets: Targets) -> None:
    fcntl.fcntl(1, fcntl.F_SETOWN, targets["victim"])


@attempt
def write_elsewhere(targets: Targets) -> None:
    Path(targets["neighbour"]).with_name("new").write_text("x")


@attempt
def write_into_its_own_file(targets: Targets) -> None:
    with open(targets["source"], "r+b"):
        pass


@attempt
def write_into_the_code(targets: Targets) -> None:
    Path(targets["checkout"], "claims", "files", "new.py").write_text("x")


@attempt
def empty_the_code_by_reading(targets: Targets) -> None:
    os.close(os.open(f"{targets['checkout']}/claims/files/victim.py", os.O_RDONLY | os.O_TRUNC))


@attempt
def delete_a_file(targets: Targets) -> None:
    os.unlink(f"{targets['checkout']}/claims/files/victim.py")


@attempt
def make_a_folder(targets: Targets) -> None:
    os.mkdir(f"{targets['folder']}/inner")


@attempt
def make_a_link_to_a_secret(targets: Targets) -> None:
    os.symlink("/etc/passwd", f"{targets['folder']}/link")


@attempt
def give_a_file_away(targets: Targets) -> None:
    os.chmod(targets["source"], 0o666)


@attempt
def lift_its_limits(targets: Targets) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE))


@attempt
def make_a_file_in_memory(targets: Targets) -> None:
    os.close(os.memfd_create("x"))


def allowed(targets: Targets) -> None:
    """What a decoder needs: its source, its folder, Python's library, a thread."""
    import colorsys  # noqa: F401 - from disk: nothing else asked for it yet
    import tempfile

    assert "victim" in Path(targets["source"]).read_text()
    made = Path(targets["folder"], "made")
    made.write_text("x")
    assert [made.read_text(), os.listdir(targets["folder"])] == ["x", ["made"]]
    made.unlink()
    ran: list[str] = []
    thread = threading.Thread(target=ran.append, args=("x",))
    thread.start()
    thread.join()
    assert ran and tempfile


def make_picture(source: str, media_type: str, folder: Path) -> dict[str, str]:
    allowed(json.loads(Path(source).read_text()))
    return {"said": "worked"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(check(sys.argv[1], sys.argv[2])))
