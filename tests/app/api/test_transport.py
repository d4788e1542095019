"""Channels over real sockets, the address of the service, and locks between processes."""

from __future__ import annotations

import multiprocessing.connection
import os
import socket
import stat
import sys
import threading
import time
from pathlib import Path

import pytest

from app.api import ErrorCode
from app.api.address import ServiceAddress, ServicePlace, secure_directory
from app.api.filelock import FileLock
from app.api.messages import Call, Failure, Reply, decode, encode, pack
from app.api.transport import Channel, ChannelClosedError
from tests.app.service.support import failing, kill, run_python, wait_until


def pair() -> tuple[multiprocessing.connection.Connection, multiprocessing.connection.Connection]:
    return multiprocessing.connection.Pipe(duplex=True)


def test_messages_arrive_in_order() -> None:
    ours, theirs = pair()
    sender, receiver = Channel(ours, "sender"), Channel(theirs, "receiver")
    for number in range(500):
        sender.send(Reply(id=number))
    assert [receiver.receive().id for _ in range(500)] == list(range(500))
    sender.dispose()
    with pytest.raises(ChannelClosedError, match="hung up"):
        receiver.receive()
    assert receiver.end_reason == "the peer hung up"
    receiver.dispose()


def test_a_peer_that_does_not_read_is_cut_off_and_never_waited_for() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "sender", max_queued_messages=50)
    before = time.monotonic()
    for number in range(200):
        channel.send(Reply(id=number, result=pack(bytes(64 << 10))))
    assert time.monotonic() - before < 2
    assert channel.closed
    assert "does not read" in channel.end_reason
    channel.dispose()
    theirs.close()


def test_a_queue_is_bounded_in_bytes() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "sender", max_queued_bytes=1 << 20)
    for number in range(40):
        channel.send(Reply(id=number, result=pack(bytes(256 << 10))))
    assert channel.closed
    channel.dispose()
    theirs.close()


def test_closing_writes_what_is_queued_first() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "sender")
    for number in range(100):
        channel.send(Reply(id=number))
    channel.close()
    channel.send(Reply(id=999))
    assert [decode(theirs.recv_bytes()).id for _ in range(100)] == list(range(100))
    with pytest.raises(EOFError):
        theirs.recv_bytes()
    channel.dispose()
    theirs.close()


def test_abort_wakes_the_reader() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "reader")
    threading.Timer(0.1, lambda: channel.abort("enough")).start()
    with pytest.raises(ChannelClosedError, match="enough"):
        channel.receive()
    channel.dispose()
    theirs.close()


def test_what_is_no_message_is_an_error_and_the_channel_goes_on() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "reader")
    theirs.send_bytes(b"\xc1 nonsense")
    theirs.send_bytes(encode(Call(id=1, method="x")))
    with failing(ErrorCode.E_INVALIDARG, "Not a message of the Main API"):
        channel.receive()
    assert channel.receive() == Call(id=1, method="x")
    channel.dispose()
    theirs.close()


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "reader")
    os.write(theirs.fileno(), b"\x7f\xff\xff\xff")
    with pytest.raises(ChannelClosedError, match="too long"):
        channel.receive()
    answer = decode(theirs.recv_bytes())
    assert isinstance(answer, Failure)
    assert answer.to_error().code is ErrorCode.E_INVALIDARG
    channel.dispose()
    theirs.close()


@pytest.mark.skipif(sys.platform != "linux", reason="SO_PEERCRED is Linux's")
def test_credentials_are_those_of_the_peer() -> None:
    ours, theirs = pair()
    channel = Channel(ours, "ours")
    assert channel.peer_credentials() == (os.getpid(), os.getuid())
    channel.dispose()
    theirs.close()


# -- address -----------------------------------------------------------------------------------


def test_socket_goes_into_the_runtime_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/tmp")
    if os.stat("/tmp").st_uid != os.getuid():
        pytest.skip("/tmp belongs to somebody else")
    path, family = ServicePlace(tmp_path).socket_address()
    assert family == "AF_UNIX"
    assert path.startswith("/tmp/vitrine/")


def test_socket_of_a_long_directory_is_short_and_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "not there"))
    paths = set()
    for name in ("a" * 200, "b" * 200):
        home = tmp_path / name
        home.mkdir()
        path, _family = ServicePlace(home).socket_address()
        assert len(path) < 108
        assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            os.unlink(path)
        paths.add(path)
    assert len(paths) == 2


def test_socket_falls_back_to_the_configuration_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"vt-{os.getpid()}"
    home.mkdir()
    try:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        path, _family = ServicePlace(home).socket_address()
        assert os.path.dirname(path) == str(home / "run")
    finally:
        (home / "run").rmdir()
        home.rmdir()


def test_directory_is_made_private_and_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    secure_directory(tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700
    (tmp_path / "link").symlink_to(tmp_path / "open")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with failing(ErrorCode.E_ACCESSDENIED, "is not a directory"):
            secure_directory(tmp_path / name)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_what_belongs_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    os.chown(foreign, 4711, 4711)
    with failing(ErrorCode.E_ACCESSDENIED, "belongs to user 4711"):
        secure_directory(foreign)
    # After sudo -E the runtime directory is that of the other user: it is left alone.
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(foreign))
    path, _family = ServicePlace(tmp_path).socket_address()
    assert not path.startswith(str(foreign))
    place = ServicePlace(tmp_path)
    place.write(ServiceAddress(address="x", family="AF_UNIX", pid=1, token="t"))
    os.chown(place.address_path, 4711, 4711)
    with failing(ErrorCode.E_ACCESSDENIED, "belongs to user 4711"):
        place.read()


def test_address_file_is_private_and_damage_means_there_is_none(tmp_path: Path) -> None:
    place = ServicePlace(tmp_path)
    assert place.read() is None
    address = ServiceAddress(address="x", family="AF_UNIX", pid=12, token="t")
    place.write(address)
    assert place.read() == address
    assert stat.S_IMODE(place.address_path.stat().st_mode) == 0o600
    place.address_path.write_bytes(b'{"address": 1}')
    assert place.read() is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vitrine-svc.json"]


# -- lock --------------------------------------------------------------------------------------


def test_lock_excludes_other_processes_until_they_die(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys, time; from pathlib import Path; from app.api.filelock import FileLock\n"
        f"lock = FileLock(Path({str(path)!r})); print(lock.try_acquire(), flush=True)\n"
        "time.sleep(60)"
    )
    holder = run_python(code)
    assert holder.stdout.readline() == "True\n"
    with FileLock(path) as lock:
        assert not lock.try_acquire()
        assert not lock.acquire(0.1)
        assert not lock.held
        kill(holder.pid)
        holder.communicate()
        assert lock.acquire(5)
        assert lock.held
        assert lock.try_acquire()
        assert not FileLock(path).try_acquire()
    wait_until(FileLock(path).try_acquire)
    assert path.exists()


def test_lock_in_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "missing" / "lock").try_acquire()
