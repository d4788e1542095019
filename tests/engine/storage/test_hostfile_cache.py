"""Host files and the host's cache: reads that must not wait, going past it, and lost data."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.storage import hostfile
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium
from engine.storage.errors import MediumFull, MediumIOError, MediumStale
from engine.storage.hostfile import DIRECT_PIECE, HostFile, WouldWait, forbid_waiting

PAGE = 4096


@pytest.fixture
def some_file(tmp_path: Path) -> HostFile:
    path = tmp_path / "some.img"
    path.write_bytes(os.urandom(3 * DIRECT_PIECE))
    return HostFile.open(path, writable=True)


def _impatient(file: HostFile, offset: int, length: int) -> bytes:
    with forbid_waiting():
        return file.read(offset, length)


def test_what_is_in_memory_is_read_without_waiting(some_file: HostFile) -> None:
    expected = some_file.read(100, 9000)
    try:
        assert _impatient(some_file, 100, 9000) == expected
        assert _impatient(some_file, some_file.size - 10, 100) == some_file.read(
            some_file.size - 10, 100
        )
    except WouldWait:
        pytest.skip("this file system cannot tell what is in memory")
    finally:
        some_file.close()


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EOPNOTSUPP, errno.EIO])
def test_what_is_not_is_left_to_who_may_wait(
    some_file: HostFile, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "preadv", fail, raising=False)
    with pytest.raises(WouldWait):
        _impatient(some_file, 0, 512)
    assert len(some_file.read(0, 512)) == 512
    assert some_file._tells_waiting is (number == errno.EAGAIN)
    some_file.close()


def test_requests_past_the_cache_see_the_others_and_are_seen(some_file: HostFile) -> None:
    if not some_file.bypass_cache():
        some_file.close()
        pytest.skip("this file system has no direct access")
    assert some_file.bypass_cache()
    expected = bytearray(some_file.path.read_bytes())
    for offset, length in (
        (0, PAGE), (3, 100), (PAGE, 2 * DIRECT_PIECE), (PAGE - 1, PAGE), (PAGE * 5, PAGE * 3),
    ):  # fmt: skip
        data = os.urandom(length)
        some_file.write(offset, data)
        expected[offset : offset + length] = data
        assert some_file.read(offset, length) == data
        assert some_file.read(0, some_file.size) == expected
    with pytest.raises(WouldWait):
        _impatient(some_file, 0, PAGE)
    some_file.write(some_file.size, b"end" * PAGE)
    some_file.sync()
    path = some_file.path
    some_file.close()
    assert path.read_bytes() == bytes(expected) + b"end" * PAGE


def test_every_image_of_a_chain_goes_past_the_cache(tmp_path: Path) -> None:
    base, top = tmp_path / "base.vdi", tmp_path / "top.vdi"
    create_medium(base, format_name="VDI", variant="Standard", size=4 << 20)
    with DiskChain([ImageFile(base)], host_cache=False) as disk:
        disk.write(0, b"b" * PAGE)
        disk.put_on(top, "VDI")
        disk.write(PAGE, b"t" * PAGE)
        if not disk.image(0).bypass_cache():
            pytest.skip("this file system has no direct access")
        for index in (0, 1):
            assert disk.image(index)._file._direct.fits(0, PAGE)
        assert disk.read(0, 2 * PAGE) == b"b" * PAGE + b"t" * PAGE


def test_data_that_the_host_has_lost_stay_lost(
    some_file: HostFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second fsync would succeed: the kernel reports a failed write-back once."""

    def fail(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    some_file.write(0, b"x")
    with monkeypatch.context() as patched:
        patched.setattr(hostfile, "sync_data", fail)
        with pytest.raises(MediumIOError, match="has lost data"):
            some_file.sync()
    with pytest.raises(MediumIOError, match="has lost data"):
        some_file.sync()
    some_file.close()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ESTALE, MediumStale),
        (errno.ENOENT, MediumStale),
        (errno.ENOTCONN, MediumStale),
        (errno.EIO, MediumIOError),
        (errno.ENOSPC, MediumFull),
    ],
)
def test_an_open_file_whose_share_is_gone(
    some_file: HostFile, monkeypatch: pytest.MonkeyPatch, number: int, kind: type
) -> None:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(hostfile, "pwrite", fail)
        with pytest.raises(kind) as caught:
            some_file.write(0, b"again")
        assert bool(caught.value.suspends) is (kind is not MediumIOError)
        if kind is MediumStale:
            patched.setattr(hostfile, "pread", fail)
            with pytest.raises(kind):
                some_file.read(0, 512)
    some_file.write(0, b"again")
    assert some_file.read(0, 5) == b"again"
    some_file.close()
