"""One service for all, whoever comes and however they behave."""

from __future__ import annotations

import multiprocessing.connection
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import ApiError, Client, ErrorCode, connect
from app.api.address import ServiceAddress, ServicePlace
from app.api.messages import (
    MAX_MESSAGE_BYTES,
    Call,
    EventMessage,
    Failure,
    Hello,
    Reply,
    decode,
    encode,
    pack,
)
from app.service.server import AnotherServiceError, Service
from tests.app.service.support import (
    ROOT,
    Recorder,
    client_of,
    failing,
    is_running,
    kill,
    run_python,
    running_service,
    service_pid,
    wait_until,
)


def raw_connection(home: Path) -> multiprocessing.connection.Connection:
    address = ServicePlace(home).read()
    assert address is not None
    return multiprocessing.connection.Client(address.address, address.family)


def greeting(home: Path, **changes: object) -> bytes:
    address = ServicePlace(home).read()
    assert address is not None
    fields = {"protocol": 1, "token": address.token, "client_name": "raw", "pid": os.getpid()}
    return encode(Hello(**(fields | changes)))


def greeted(home: Path) -> multiprocessing.connection.Connection:
    connection = raw_connection(home)
    connection.send_bytes(greeting(home))
    connection.recv_bytes()
    return connection


# -- coming and going --------------------------------------------------------------------------


def test_ten_clients_at_once_find_one_service(home: Path) -> None:
    code = (
        "from app.api import connect\n"
        "with connect(client_name='one of ten', timeout=30) as c:\n"
        "    print(c.virtualbox.get_version().pid, flush=True)\n"
        "    import sys; sys.stdin.readline()\n"
    )
    clients = [run_python(code, stdin=subprocess.PIPE) for _ in range(10)]
    pids = {client.stdout.readline().strip() for client in clients}
    assert pids == {str(service_pid(home))}
    for client in clients:
        _out, errors = client.communicate("\n", timeout=30)
        assert (client.returncode, errors) == (0, "")


def test_ten_services_at_once_leave_one(home: Path) -> None:
    command = [sys.executable, "-m", "app.service", "--detach"]
    starts = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(10)]
    for start in starts:
        assert start.communicate(timeout=60)[1] == b""
        assert start.returncode == 0
    # Every service that becomes one begins a log and keeps the one before it.
    assert f"Process ID: {service_pid(home)}" in (home / "VBoxSVC.log").read_text()
    assert not (home / "VBoxSVC.log.1").exists()


@pytest.mark.usefixtures("hasty")
def test_service_leaves_after_the_last_client_and_takes_its_traces_along(home: Path) -> None:
    first = client_of(start_service=True)
    second = client_of()
    pid = service_pid(home)
    address = ServicePlace(home).read()
    assert address is not None
    first.close()
    time.sleep(0.6)
    assert is_running(pid)
    second.close()
    wait_until(lambda: not is_running(pid))
    assert service_pid(home) == 0
    assert not os.path.exists(address.address)
    with pytest.raises(ApiError, match="is not running") as error:
        client_of()
    assert error.value.code is ErrorCode.NS_ERROR_CALL_FAILED


@pytest.mark.usefixtures("hasty")
def test_a_new_client_keeps_the_leaving_service(home: Path) -> None:
    client_of(start_service=True).close()
    pid = service_pid(home)
    time.sleep(0.2)
    with client_of() as client:
        time.sleep(0.4)
        assert client.virtualbox.get_version().pid == pid


def test_clients_coming_while_the_service_leaves_are_served_by_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRINE_SVC_IDLE", "0.03")
    for _ in range(8):
        with connect(client_name="again", timeout=20) as client:
            assert client.virtualbox.list_machines() == []
        time.sleep(0.03)


def test_what_a_killed_service_left_is_cleaned(home: Path) -> None:
    with client_of(start_service=True) as client:
        client.virtualbox.set_extra_data("GUI/Test", "kept")
        first = service_pid(home)
        kill(first)
    with client_of(start_service=True) as client:
        assert service_pid(home) != first
        assert client.virtualbox.get_extra_data("GUI/Test") == "kept"


@pytest.mark.parametrize("start_service", [False, True])
def test_a_service_that_is_stuck_is_told_in_time(home: Path, start_service: bool) -> None:
    client = client_of(start_service=True)
    pid = service_pid(home)
    os.kill(pid, signal.SIGSTOP)
    try:
        before = time.monotonic()
        with failing(ErrorCode.VBOX_E_TIMEOUT, "did not answer within"):
            connect(client_name="test", start_service=start_service, timeout=0.5)
        assert time.monotonic() - before < 5
    finally:
        os.kill(pid, signal.SIGCONT)
    assert client.virtualbox.list_machines() == []
    client.close()


def test_sigterm_ends_it_in_order(home: Path) -> None:
    client = client_of(start_service=True)
    pid = service_pid(home)
    kill(pid, signal.SIGTERM)
    wait_until(lambda: not client.connected)
    assert service_pid(home) == 0
    with pytest.raises(ApiError, match="connection to the Vitrine service was lost"):
        client.virtualbox.list_machines()
    client.close()


@pytest.mark.usefixtures("hasty")
def test_it_leaves_when_its_folder_is_gone(home: Path) -> None:
    with client_of(start_service=True):
        pid = service_pid(home)
        shutil.rmtree(home)
    wait_until(lambda: not is_running(pid))


def test_a_damaged_registry_is_told_and_left_alone(home: Path) -> None:
    (home / "VirtualBox.xml").write_text("<VirtualBox><not closed")
    with pytest.raises(ApiError, match=r"could not start: vitrine-svc: error: .*VirtualBox\.xml"):
        client_of(start_service=True)
    assert (home / "VirtualBox.xml").read_text() == "<VirtualBox><not closed"


def test_a_directory_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VITRINE_USER_HOME", str(tmp_path / "file" / "below"))
    with pytest.raises(ApiError, match="configuration directory .* cannot be used") as error:
        client_of(start_service=True)
    assert error.value.code is ErrorCode.VBOX_E_FILE_ERROR


def test_wrong_environment_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_SVC_IDLE", "soon")
    with pytest.raises(ApiError, match="VITRINE_SVC_IDLE must be seconds.*'soon'"):
        client_of(start_service=True)


def test_second_service_in_this_process_is_refused(service: Service) -> None:
    with pytest.raises(AnotherServiceError):
        Service(service.place.home, service.config).open()


def test_places_are_for_the_owner_only(home: Path, service: Service) -> None:
    address = service.place.read()
    assert address is not None
    assert stat.S_IMODE(os.stat(os.path.dirname(address.address)).st_mode) == 0o700
    assert stat.S_IMODE(service.place.address_path.stat().st_mode) == 0o600


def test_service_is_found_from_another_session(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with client_of() as client:
        assert client.virtualbox.get_version().pid == os.getpid()


# -- who may come ------------------------------------------------------------------------------


def test_other_users_are_refused(home: Path) -> None:
    other = os.getuid() + 1
    with (
        running_service(home, allowed_uid=other),
        pytest.raises(ApiError, match=f"is for user {other} only") as error,
    ):
        client_of()
    assert error.value.code is ErrorCode.E_ACCESSDENIED


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"token": "guessed"}, ErrorCode.E_ACCESSDENIED, "token"),
        ({"protocol": 99}, ErrorCode.VBOX_E_NOT_SUPPORTED, "version 99"),
    ],
)
def test_wrong_greetings_are_refused(
    service: Service, changes: dict[str, object], code: ErrorCode, told: str
) -> None:
    with raw_connection(service.place.home) as connection:
        connection.send_bytes(greeting(service.place.home, **changes))
        answer = decode(connection.recv_bytes())
        assert isinstance(answer, Failure)
        assert answer.to_error().code is code
        assert told in answer.message
        with pytest.raises((EOFError, ConnectionResetError)):
            connection.recv_bytes()


def test_a_call_before_the_greeting_is_refused(service: Service) -> None:
    with raw_connection(service.place.home) as connection:
        connection.send_bytes(encode(Call(id=1, method="virtualbox.list_machines")))
        answer = decode(connection.recv_bytes())
        assert isinstance(answer, Failure)
        assert "greeting" in answer.message


def test_a_connection_without_greeting_does_not_stay(home: Path) -> None:
    with (
        running_service(home, greeting_seconds=0.2),
        raw_connection(home) as connection,
        pytest.raises(EOFError),
    ):
        connection.recv_bytes()


def test_too_many_clients_are_told(home: Path) -> None:
    with running_service(home, max_clients=2), client_of(), client_of():
        with pytest.raises(ApiError, match="2 clients are connected") as error:
            client_of()
        assert error.value.code is ErrorCode.VBOX_E_MAXIMUM_REACHED


# -- how they behave ---------------------------------------------------------------------------


def test_a_client_that_does_not_read_is_dropped_and_blocks_nobody(
    service: Service, client: Client
) -> None:
    lazy = greeted(service.place.home)
    other = Recorder(client)
    slowest = 0.0
    for number in range(150):
        before = time.monotonic()
        client.virtualbox.set_system_properties(log_history_count=number % 10)
        slowest = max(slowest, time.monotonic() - before)
    # Ask for more answers than the socket and the queue can hold.
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for number in range(100_000):
            lazy.send_bytes(encode(Call(id=number, method="virtualbox.list_os_types")))
    lazy.close()
    assert slowest < 1.0
    wait_until(lambda: len(other.events) == 150)
    assert client.virtualbox.get_system_properties().log_history_count == 9


def test_a_client_that_stops_in_the_middle_of_a_message_blocks_nobody(
    service: Service, client: Client
) -> None:
    connection = greeted(service.place.home)
    os.write(connection.fileno(), b"\x00\x00\x10\x00half")
    assert client.virtualbox.list_machines() == []
    connection.close()


def test_a_message_over_the_limit_is_refused_with_a_reason(
    service: Service, client: Client
) -> None:
    connection = greeted(service.place.home)
    os.write(connection.fileno(), (MAX_MESSAGE_BYTES + 1).to_bytes(4, "big") + b"x" * 100)
    answer = decode(connection.recv_bytes())
    assert isinstance(answer, Failure)
    assert f"limit of {MAX_MESSAGE_BYTES} bytes" in answer.message
    with pytest.raises((EOFError, ConnectionResetError)):
        connection.recv_bytes()
    connection.close()
    assert client.virtualbox.list_machines() == []


@pytest.mark.parametrize("frame", [b"\xff\xff\xff\xfe", b"\xff\xff\xff\xff" + b"\xff" * 8])
def test_impossible_frames_do_no_harm(service: Service, client: Client, frame: bytes) -> None:
    connection = greeted(service.place.home)
    os.write(connection.fileno(), frame)
    connection.close()
    assert client.virtualbox.list_machines() == []


def test_too_many_mistakes_end_the_connection(service: Service) -> None:
    connection = greeted(service.place.home)
    with pytest.raises((EOFError, ConnectionResetError, BrokenPipeError)):
        for _ in range(100):
            connection.send_bytes(b"\xc1")
            answer = decode(connection.recv_bytes())
            assert isinstance(answer, Failure)
            assert answer.to_error().code is ErrorCode.E_INVALIDARG
    connection.close()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
methods = st.sampled_from(
    [
        "virtualbox.find_machine", "virtualbox.create_machine", "virtualbox.open_machine",
        "virtualbox.unregister_machine", "virtualbox.set_system_properties",
        "virtualbox.create_medium", "virtualbox.open_medium", "machine.save_settings",
        "machine.launch", "machine.lock", "machine.mount_medium", "session.attach_vm",
        "session.report_state", "console.put_scancodes", "console.mount_medium", "no.such", "",
    ]
)  # fmt: skip
parameters = st.dictionaries(
    st.sampled_from(["id", "name", "path", "settings", "name_or_id", "pid", "state", "x"]), values
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(method=methods, params=parameters | values)
def test_hostile_parameters_give_typed_errors(
    service: Service, client: Client, method: str, params: object
) -> None:
    with greeted(service.place.home) as connection:
        connection.send_bytes(encode(Call(id=7, method=method, params=pack(params))))
        while isinstance(answer := decode(connection.recv_bytes()), EventMessage):
            pass
    assert isinstance(answer, Failure | Reply)
    assert answer.id == 7
    if isinstance(answer, Failure):
        assert answer.to_error().code not in (ErrorCode.E_FAIL, ErrorCode.E_UNEXPECTED)
        assert len(answer.message) > 10
    assert client.virtualbox.get_system_properties().default_machine_folder


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=200), greet=st.booleans())
def test_hostile_bytes_do_no_harm(
    service: Service, client: Client, data: bytes, greet: bool
) -> None:
    connection = greeted(service.place.home) if greet else raw_connection(service.place.home)
    with connection, socket.socket(fileno=os.dup(connection.fileno())) as plain:
        plain.sendall(data)
    assert client.virtualbox.list_machines() == []


def test_messages_only_the_service_sends_are_mistakes(service: Service) -> None:
    with greeted(service.place.home) as connection:
        connection.send_bytes(greeting(service.place.home))
        answer = decode(connection.recv_bytes())
        assert isinstance(answer, Failure)
        assert "may not send Hello" in answer.message
        # Answers to nothing are ignored.
        connection.send_bytes(encode(Reply(id=12345)))
        connection.send_bytes(encode(Call(id=2, method="virtualbox.list_machines")))
        assert decode(connection.recv_bytes()) == Reply(id=2, result=pack([]))


def test_stale_address_without_service(home: Path) -> None:
    ended = run_python("pass")
    ended.communicate()
    stale = ServiceAddress(
        address=str(home / "nobody.sock"), family="AF_UNIX", pid=ended.pid, token="x"
    )
    ServicePlace(home).write(stale)
    with pytest.raises(ApiError, match="is not running"):
        client_of()


def test_a_service_that_was_stopped_does_not_leave_again(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its idle exit is disarmed, also by the client that went last."""
    with running_service(home, idle_seconds=0.3), client_of() as client:
        assert client.virtualbox.list_machines() == []
    time.sleep(0.6)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_fifty_clients_lose_nothing(service: Service) -> None:
    clients = [client_of(f"client {number}") for number in range(50)]
    recorders = [Recorder(client) for client in clients]
    done: list[object] = []
    failed: list[ApiError] = []
    for number, client in enumerate(clients):
        params = {"log_history_count": number % 10}
        client.start_call(
            "virtualbox.set_system_properties", params,
            on_result=done.append, on_error=failed.append,
        )  # fmt: skip
    wait_until(lambda: len(done) == 50, 30)
    assert failed == []
    wait_until(lambda: all(len(recorder.events) == 50 for recorder in recorders))
    for client in clients:
        client.close()
