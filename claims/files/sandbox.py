"""Shuts the decoder process in, before it reads a byte of a stranger's file. By ctypes; no rights are needed.

Four measures, in this order: no new privileges, not dumpable, Landlock (which files), seccomp (which system calls).
What they allow is written here as a list; everything else is refused, whatever a decoder was made to do. No Django
here: the decoder process imports this before anything else (docs/decisions/0043-the-decoder-is-a-sandbox.md).
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterable, Mapping
from errno import ENOSYS, EPERM
from functools import lru_cache
from pathlib import Path

LANDLOCK, SECCOMP = "Landlock", "seccomp"
_PROBE_SECONDS = 20
_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every machine


class SandboxMissing(Exception):
    """This kernel can't shut the decoder in, and nobody allowed it to go on without (DECODER_WITHOUT_SANDBOX)."""


def restrict(read: Iterable[str | Path], write: Iterable[str | Path] = ()) -> tuple[str, ...]:
    """Shut this process in for good, and return what this kernel has not: LANDLOCK, SECCOMP, both, or nothing.

    `read` are folders and files that may be read, `write` folders in which files may be made, changed and deleted. A
    path that isn't there is passed over. What the kernel has is put in force even where the rest is missing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a thread is running already, and would stay outside")
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    missing = []
    try:
        _landlock(libc, read, write)
    except OSError:
        missing.append(LANDLOCK)
    try:
        _seccomp(libc)
    except OSError:
        missing.append(SECCOMP)
    return tuple(missing)


def readable() -> list[str]:
    """Return what a decoder has to read besides its source: this package, Python, libraries and fonts.

    Never the checkout, in which `var/`, `.env` and the embedded database may lie: of a folder that holds it, what lies
    beside it is named one by one.
    """
    package = Path(__file__).resolve().parent
    prefixes = {sys.prefix, sys.base_prefix}
    libraries = [os.path.join(prefix, name) for prefix in sorted(prefixes) for name in ("lib", "lib64")]
    paths = [package]
    for path in (*filter(None, sys.path), *libraries, *_SYSTEM):
        paths += _beside(package.parents[1], Path(path).resolve())
    return [str(path) for path in dict.fromkeys(paths)]


def _beside(checkout: Path, path: Path) -> list[Path]:
    if path == checkout:
        return []
    if path not in checkout.parents:
        return [path]
    paths: list[Path] = []
    for child in sorted(path.iterdir()):
        real = child.resolve()
        # A link into the checkout, or to a folder above it, leads back to what isn't to be read.
        if checkout not in real.parents and not (child.is_symlink() and real in checkout.parents):
            paths += _beside(checkout, real)
    return paths


_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/X11/fonts",
)


@lru_cache(maxsize=1)
def missing() -> tuple[str, ...]:
    """Return what isn't in force in a decoder process of this machine: LANDLOCK, SECCOMP, both, or nothing.

    A process of its own tries it, once; the answer holds as long as the kernel does. Raises OSError where the process
    can't be started, CalledProcessError or TimeoutExpired where it doesn't answer.
    """
    command = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    tried = subprocess.run(command, env={}, capture_output=True, timeout=_PROBE_SECONDS, check=True)  # noqa: S603
    return tuple(tried.stdout.decode().split())


# -- Landlock: which files ---------------------------------------------------------------------------------------------

_RIGHTS = """
    execute write_file read_file read_dir remove_dir remove_file make_char make_dir make_reg make_sock make_fifo
    make_block make_sym refer truncate ioctl_dev
"""
_FS = {name: 1 << bit for bit, name in enumerate(_RIGHTS.split())}
_OF_A_FILE = _FS["write_file"] | _FS["read_file"] | _FS["truncate"]
_READ = _FS["read_file"] | _FS["read_dir"]
_WRITE = _READ | _FS["write_file"] | _FS["truncate"] | _FS["make_reg"] | _FS["remove_file"]
_NETWORK, _SCOPED = 3, 3  # TCP bind and connect; abstract sockets and signals
_FILE_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # how many of _RIGHTS the kernel knows; 16 from 5 on


def _landlock(libc: ctypes.CDLL, read: Iterable[str | Path], write: Iterable[str | Path]) -> None:
    abi = _called(libc, _CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    handled = (1 << _FILE_RIGHTS_BY_ABI.get(abi, 16)) - 1
    fields = (handled, _NETWORK, _SCOPED)[: 1 if abi < 4 else 2 if abi < 6 else 3]
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _called(libc, _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for paths, rights in ((read, _READ), (write, _WRITE)):
            for path in paths:
                _allow(libc, ruleset, path, rights & handled)
        _called(libc, _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str | Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what isn't there needs no right
        return
    try:
        mine = rights if os.path.isdir(path) else rights & _OF_A_FILE
        _called(libc, _ADD_RULE, ruleset, 1, struct.pack("=Qi", mine, place), 0)
    finally:
        os.close(place)


def _called(libc: ctypes.CDLL, number: int, *arguments: object) -> int:
    answer = int(libc.syscall(ctypes.c_long(number), *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


# -- seccomp: which system calls ---------------------------------------------------------------------------------------

# Found by strace on every kind of file, and what is near to them. Nothing here reaches another process or a network.
_EVERYWHERE = """
    brk clock_gettime clock_nanosleep close dup exit exit_group faccessat faccessat2 fstat futex getcwd
    getdents64 getegid geteuid getgid getpid getrandom gettid getuid lseek madvise mmap mprotect mremap munmap
    nanosleep newfstatat pread64 pwrite64 read readlinkat readv rseq rt_sigaction rt_sigprocmask rt_sigreturn
    sched_getaffinity sched_yield set_robust_list set_tid_address sigaltstack statx uname unlinkat write writev
"""
_ON_X86 = "access getdents lstat readlink stat unlink"

X86_64 = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "ioctl": 16, "pread64": 17, "pwrite64": 18, "readv": 19, "writev": 20, "access": 21, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "dup": 32, "nanosleep": 35, "getpid": 39, "clone": 56, "exit": 60, "uname": 63,
    "fcntl": 72, "getdents": 78, "getcwd": 79, "unlink": 87, "readlink": 89, "getuid": 102, "getgid": 104,
    "geteuid": 107, "getegid": 108, "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204,
    "getdents64": 217, "set_tid_address": 218, "clock_gettime": 228, "clock_nanosleep": 230, "exit_group": 231,
    "openat": 257, "newfstatat": 262, "unlinkat": 263, "readlinkat": 267, "faccessat": 269, "set_robust_list": 273,
    "getrandom": 318, "statx": 332, "rseq": 334, "clone3": 435, "faccessat2": 439,
}  # fmt: skip
"""Numbers of system calls on x86_64, as in the kernel's `arch/x86/entry/syscalls/syscall_64.tbl`."""

AARCH64 = {
    "getcwd": 17, "dup": 23, "fcntl": 25, "ioctl": 29, "unlinkat": 35, "faccessat": 48, "openat": 56, "close": 57,
    "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67,
    "pwrite64": 68, "readlinkat": 78, "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94,
    "set_tid_address": 96, "futex": 98, "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113,
    "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "sigaltstack": 132, "rt_sigaction": 134,
    "rt_sigprocmask": 135, "rt_sigreturn": 139, "uname": 160, "getpid": 172, "getuid": 174, "geteuid": 175,
    "getgid": 176, "getegid": 177, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "clone": 220,
    "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278, "statx": 291, "rseq": 293, "clone3": 435,
    "faccessat2": 439,
}  # fmt: skip
"""Numbers of system calls on aarch64, as in the kernel's `include/uapi/asm-generic/unistd.h`."""

MACHINES: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "x86_64": (0xC000003E, X86_64),
    "aarch64": (0xC00000B7, AARCH64),
}
"""Machine, as `uname -m` says it → the kernel's word for it (AUDIT_ARCH_…), and its system calls."""

_LOAD, _AND, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _ERROR | EPERM
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16  # in what the kernel hands to the filter, low half first
_THREAD = 0x00010000  # CLONE_THREAD
_TRACED_OR_NAMESPACE = 0x7E822080  # CLONE_NEW… of every kind, CLONE_PTRACE, CLONE_UNTRACED
# Asking is a terminal (TCGETS), and closing at exec. Not F_SETOWN and F_SETSIG: they send signals to other processes.
_IOCTLS = (0x5401, 0x5450, 0x5451)
_FCNTLS = (1, 2, 3, 1030)  # F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC
_TRUNCATE, _ACCESS_MODE, _READ_ONLY = 0o1000, 3, 0


def filter_for(machine: str) -> bytes:
    """Return the filter of system calls for a machine of MACHINES, as the kernel reads it: BPF, eight bytes a step."""
    word, number_of = MACHINES[machine]
    allowed = (_EVERYWHERE + (_ON_X86 if machine == "x86_64" else "")).split()
    steps = [_step(_LOAD, _MACHINE_AT), _step(_EQUAL, word, 1, 0), _step(_RETURN, _KILL), _step(_LOAD, _NUMBER_AT)]
    for name in allowed:
        steps += _when(number_of[name], [_step(_RETURN, _ALLOW)])
    # The C library starts threads by clone3, whose flags no filter can see; told that there is none, by clone.
    steps += _when(number_of["clone3"], [_step(_RETURN, _ERROR | ENOSYS)])
    steps += _when(number_of["clone"], _only_threads())
    steps += _when(number_of["ioctl"], _only_commands(_IOCTLS))
    steps += _when(number_of["fcntl"], _only_commands(_FCNTLS))
    steps += _when(number_of["openat"], _nothing_emptied(flags=2))
    if "open" in number_of:
        steps += _when(number_of["open"], _nothing_emptied(flags=1))
    return b"".join([*steps, _step(_RETURN, _REFUSE)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _when(number: int, then: list[bytes]) -> list[bytes]:
    return [_step(_EQUAL, number, 0, len(then)), *then]


def _argument(number: int) -> bytes:
    return _step(_LOAD, _ARGUMENTS_AT + 8 * number)


def _only_threads() -> list[bytes]:
    refuse, allow = _step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)
    return [_argument(0), _step(_ANY_BIT, _TRACED_OR_NAMESPACE, 1, 0), _step(_ANY_BIT, _THREAD, 1, 0), refuse, allow]


def _only_commands(commands: tuple[int, ...]) -> list[bytes]:
    allowed = [step for command in commands for step in _when(command, [_step(_RETURN, _ALLOW)])]
    return [_argument(1), *allowed, _step(_RETURN, _REFUSE)]


def _nothing_emptied(flags: int) -> list[bytes]:
    """Refuse to open for reading what is emptied by it: before its third version Landlock takes that for reading."""
    refuse, allow = _step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)
    emptied = [_step(_AND, _ACCESS_MODE), _step(_EQUAL, _READ_ONLY, 0, 1), refuse]
    return [_argument(flags), _step(_ANY_BIT, _TRUNCATE, 0, len(emptied)), *emptied, allow]


def _seccomp(libc: ctypes.CDLL) -> None:
    machine = os.uname().machine
    if machine not in MACHINES or struct.calcsize("P") != 8 or sys.byteorder != "little":
        raise OSError(ENOSYS, f"no table of system calls for {machine}")
    program = filter_for(machine)
    kept = ctypes.create_string_buffer(program, len(program))
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    if libc.prctl(_PR_SET_SECCOMP, 2, pointer, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    os.write(1, " ".join(restrict(readable())).encode())
