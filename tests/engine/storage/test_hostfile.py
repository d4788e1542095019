from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.storage import hostfile, hostlock
from engine.storage.errors import (
    MediumError,
    MediumFormatError,
    MediumFull,
    MediumIOError,
    MediumLocked,
    MediumNotFound,
    MediumReadOnly,
    host_error,
)
from engine.storage.hostfile import HostFile
from engine.storage.hostlock import LockMode


@pytest.fixture(params=["positional", "seeking"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with the system's pread and pwrite, and as on a system without them."""
    if request.param == "seeking":
        monkeypatch.setattr(hostfile, "pread", hostfile.seek_and_read)
        monkeypatch.setattr(hostfile, "pwrite", hostfile.seek_and_write)


@pytest.fixture
def some_file(tmp_path: Path) -> Path:
    path = tmp_path / "some.img"
    path.write_bytes(bytes(range(256)) * 16)
    return path


@pytest.mark.usefixtures("system")
def test_reads_and_writes_at_offsets(some_file: Path) -> None:
    file = HostFile.open(some_file, writable=True)
    file.write(4090, b"0123456789")
    assert file.size == 4100
    assert file.read(4088, 100) == b"\xf8\xf90123456789"
    assert file.read(5000, 10) == b""
    file.truncate(10000)
    assert file.read(4095, 10) == b"56789\0\0\0\0\0"
    file.sync()
    file.close()
    file.close()
    assert some_file.stat().st_size == 10000


def test_partial_transfers_are_continued(
    some_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostfile, "pread", lambda fd, n, at: os.pread(fd, min(n, 7), at))
    monkeypatch.setattr(hostfile, "pwrite", lambda fd, data, at: os.pwrite(fd, data[:5], at))
    file = HostFile.open(some_file, writable=True)
    file.write(100, b"abcdefghijklmnopqrstuvwxyz")
    assert file.read(98, 30) == b"bcabcdefghijklmnopqrstuvwxyz~\x7f"
    file.close()


def test_a_file_cut_by_somebody_else_is_an_error(some_file: Path) -> None:
    file = HostFile.open(some_file, writable=False)
    os.truncate(some_file, 1000)
    with pytest.raises(MediumIOError, match=r"has become shorter .* offset 1000 of 4096"):
        file.read(512, 1024)
    file.close()


def test_holes_give_room_back(some_file: Path) -> None:
    file = HostFile.open(some_file, writable=True)
    file.write(0, b"x" * 65536)
    before = file.allocated_bytes()
    if not file.punch_hole(4096, 8192):
        pytest.skip("this file system cannot punch holes")
    assert file.read(4000, 8400) == b"x" * 96 + bytes(8192) + b"x" * 112
    assert file.allocated_bytes() < before
    file.close()


@pytest.mark.parametrize(
    ("number", "writing", "kind"),
    [
        (errno.ENOSPC, True, MediumFull),
        (errno.EDQUOT, True, MediumFull),
        (errno.EFBIG, True, MediumFull),
        (errno.EIO, True, MediumIOError),
        (errno.EROFS, True, MediumReadOnly),
        (errno.EACCES, False, MediumIOError),
        (errno.ENOENT, False, MediumNotFound),
    ],
)
def test_system_errors_become_typed_ones(number: int, writing: bool, kind: type) -> None:
    error = host_error(Path("/vm/a.vdi"), "used", OSError(number, "why"), writing=writing)
    assert type(error) is kind
    assert "/vm/a.vdi" in str(error)
    assert str(error).endswith(".")
    assert isinstance(error, EngineError)


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = MediumError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_cause_is_chained(tmp_path: Path) -> None:
    with pytest.raises(MediumNotFound, match="nothing.img' does not exist") as caught:
        HostFile.open(tmp_path / "nothing.img", writable=False)
    assert isinstance(caught.value.__cause__, FileNotFoundError)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.img")
    for path in (tmp_path, tmp_path / "pipe.img"):
        with pytest.raises(MediumFormatError, match="is not a regular file"):
            HostFile.open(path, writable=False)


def test_reserve_falls_back_to_writing(some_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(fd: int, offset: int, length: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not here")

    monkeypatch.setattr(os, "posix_fallocate", unsupported)
    file = HostFile.open(some_file, writable=True)
    file.reserve(4096, 8192)
    assert file.size == 12288
    assert file.read(4096, 8192) == bytes(8192)
    file.close()


def test_what_is_added_is_hurried_in_steps(
    some_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that grows is written by the host meanwhile; one that is cut begins anew."""
    ranges: list[tuple[int, int]] = []
    step = hostfile.HASTE_STEP

    def note(_fd: int, start: int, length: int, _flags: int) -> int:
        ranges.append((start, length))
        return 0

    monkeypatch.setattr(hostfile, "_sync_file_range", note)
    with closing(HostFile.open(some_file, writable=True)) as file:
        for end in (5, 6, step, step + 5, step + 6, 2 * step, 100, step, step + 100):
            file.hasten(end)
    assert ranges == [(5, step), (100, step)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the call")
def test_hurried_data_are_there(some_file: Path) -> None:
    data = os.urandom(hostfile.HASTE_STEP + 4096)
    with closing(HostFile.open(some_file, writable=True)) as file:
        file.hasten(0)
        file.write(0, data)
        file.hasten(len(data))
        file.sync()
        assert file.read(0, len(data)) == data


def test_second_writer_is_locked_out(some_file: Path) -> None:
    first = HostFile.open(some_file, writable=True)
    for writable in (True, False):
        with pytest.raises(MediumLocked, match=f"'{some_file}' is locked: another program"):
            HostFile.open(some_file, writable=writable)
    HostFile.open(some_file, writable=False, lock=LockMode.NONE).close()
    first.close()
    HostFile.open(some_file, writable=True).close()


def test_readers_share(some_file: Path) -> None:
    readers = [HostFile.open(some_file, writable=False) for _ in range(3)]
    with pytest.raises(MediumLocked):
        HostFile.open(some_file, writable=True)
    for reader in readers:
        reader.close()
    HostFile.open(some_file, writable=True).close()


def test_lock_excludes_other_names_of_the_file(some_file: Path) -> None:
    other = some_file.with_name("other.img")
    other.symlink_to(some_file)
    first = HostFile.open(some_file, writable=True)
    with pytest.raises(MediumLocked, match="other.img"):
        HostFile.open(other, writable=True)
    first.close()


def _hold(path: Path, ready: object) -> None:
    HostFile.open(path, writable=True)
    ready.set()  # type: ignore[attr-defined]
    time.sleep(60)


def test_lock_dies_with_its_process(some_file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(some_file, ready))
    process.start()
    try:
        assert ready.wait(30)
        with pytest.raises(MediumLocked):
            HostFile.open(some_file, writable=True)
    finally:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    HostFile.open(some_file, writable=True).close()


def test_file_systems_without_locks_are_used_with_a_warning(
    some_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_locks(fd: int, mode: LockMode) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(hostlock, "_try_lock", no_locks)
    with caplog.at_level(logging.WARNING):
        HostFile.open(some_file, writable=True).close()
    assert "cannot be locked on this file system" in caplog.text


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_full_disk_is_an_error_that_passes(tmp_path: Path) -> None:
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"mounting is not permitted here: {made.stderr.decode()}")
    try:
        ballast = mount / "ballast"
        ballast.write_bytes(bytes(900 * 1024))
        file = HostFile.create(mount / "a.img")
        with pytest.raises(MediumFull, match="the disk of the host is full"):
            file.write(0, b"x" * 500_000)
        with pytest.raises(MediumFull):
            file.reserve(0, 500_000)
        ballast.unlink()
        file.write(0, b"x" * 500_000)
        assert file.read(0, 500_000) == b"x" * 500_000
        file.close()
    finally:
        subprocess.run(["umount", mount], check=True)


def test_largest_file_size_counts_as_full(tmp_path: Path) -> None:
    script = (
        "import resource, sys\n"
        "from engine.storage.hostfile import HostFile\n"
        "from engine.storage.errors import MediumFull\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "file = HostFile.create(sys.argv[1])\n"
        "try:\n    file.write(1 << 20, b'x')\n"
        "except MediumFull as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "a.img"],
        capture_output=True, text=True, check=True,
    )
    assert "has reached the largest file size that the host allows" in done.stdout
