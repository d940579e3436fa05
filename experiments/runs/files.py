"""Files that are whole or not there, and a folder that one process holds at a time."""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from sim.errors import WrongInput

SAFE = "finished parts are safe, go on with 'planb resume {path}'"


class CannotGoOn(Exception):
    """Running failed for a reason outside the model, such as a full disk; what is finished is safe. One line."""


@contextlib.contextmanager
def disk(path: Path, *, begun: bool = True) -> Iterator[None]:
    """Turn a full or unwritable disk into one line; ``begun``: there may be finished parts in the folder.

    Raises: CannotGoOn; WrongInput if the disk takes no such name, or it is a file's, or nothing can begin there.
    """
    safe = f"; {SAFE.format(path=path)}" if begun else ""
    try:
        yield
    except MemoryError as error:
        raise CannotGoOn(f"{path}: out of memory{safe}") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise WrongInput(f"{str(path)[:40]}...: is too long a name for a file") from None
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            raise WrongInput(f"{path}: there is a file where the folder would be; choose another --out") from None
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        if not (full or begun):
            raise WrongInput(f"{path}: cannot be written: {error.strerror}; choose another --out") from None
        what = "the disk is full" if full else f"cannot be written: {error}"
        raise CannotGoOn(f"{path}: {what}{safe}") from error


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Keep what is no fault of a file apart from damage: no memory to read it with, or no right to.

    Raises: CannotGoOn
    """
    try:
        yield
    except MemoryError as error:  # Arrow's is one too
        raise CannotGoOn(f"{path}: cannot be read: out of memory") from error
    except OSError as error:
        if error.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM):
            raise CannotGoOn(f"{path}: cannot be read: {error.strerror}") from error
        raise


def write_atomically(path: Path, data: bytes) -> None:
    """Write under another name, force it to disk, then rename: the name never shows half a file."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(temporary: Path, path: Path) -> None:
    """Rename a file that is on disk already, and force the rename to disk too."""
    os.replace(temporary, path)
    with contextlib.suppress(OSError):  # some file systems cannot open a folder
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def now() -> str:
    """This moment, to the second, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def lock(path: Path) -> int:
    """Hold the folder for this process; the system lets go when the process ends, however it ends.

    Raises: WrongInput naming who holds it.
    """
    handle = os.open(path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _hold(handle)
    except OSError:
        holder = os.read(handle, 200).decode(errors="replace").strip() or "another process"
        os.close(handle)
        raise WrongInput(f"{path}: is in use by {holder}; wait for it or stop it") from None
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()} since {now()}".encode())
    return handle


def in_use(path: Path) -> bool:
    """Does a process hold the folder? Asks without writing; where the system cannot say, as on Windows, yes."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        handle = os.open(path / ".lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def _hold(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
