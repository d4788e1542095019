"""Finding the service, and starting it when it does not run.

The service detaches itself and tells through its exit code whether it (or another one that was
faster) is ready, so nobody has to guess how long a start takes. A lock lets one client start it
when ten arrive at once; the others wait and find it running.
"""

from __future__ import annotations

import multiprocessing.connection
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import app
from app.api.address import ServicePlace
from app.api.errors import ApiError, ErrorCode
from app.api.filelock import FileLock
from app.api.messages import PROTOCOL_VERSION, Failure, Hello, Welcome
from app.api.transport import Channel, ChannelClosedError

FORWARDED_VARIABLES: Final = (
    "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "LANG", "LANGUAGE", "WAYLAND_DISPLAY", "XAUTHORITY",
    "XDG_CURRENT_DESKTOP", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XCURSOR_SIZE", "XCURSOR_THEME",
)  # fmt: skip
FORWARDED_PREFIXES: Final = ("LC_", "QT_", "PULSE_", "PIPEWIRE_")
"""What a VM process needs to appear on the desktop of the client that started it."""

PROGRAM_ROOT: Final = Path(app.__file__).resolve().parent.parent
"""Directory that makes ``python -m app...`` work."""

_POLL_SECONDS: Final = 0.02


def forwarded_environment(environment: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """The part of ``environment`` that VM processes started for this client get."""
    return {
        name: value
        for name, value in environment.items()
        if name in FORWARDED_VARIABLES or name.startswith(FORWARDED_PREFIXES)
    }


def open_channel(
    place: ServicePlace, client_name: str, timeout: float
) -> tuple[Channel, Welcome] | None:
    """Channel to the running service after the exchange of greetings; None when there is none.

    Raises:
        ApiError: A service answered and refused, or took longer than ``timeout`` seconds.
    """
    address = place.read()
    if address is None:
        return None
    try:
        connection = multiprocessing.connection.Client(address.address, family=address.family)
    except OSError:
        return None
    channel = Channel(connection, f"api-{client_name}")
    hello = Hello(
        protocol=PROTOCOL_VERSION,
        token=address.token,
        client_name=client_name,
        pid=os.getpid(),
        environment=forwarded_environment(os.environ),
    )
    channel.send(hello)
    try:
        answer = channel.receive() if connection.poll(timeout) else None
    except (ChannelClosedError, OSError):
        # It was about to leave when we came; the next one will do.
        channel.dispose()
        return None
    if isinstance(answer, Welcome):
        return channel, answer
    channel.dispose()
    if answer is None:
        raise _no_answer(place, timeout)
    if isinstance(answer, Failure):
        raise answer.to_error()
    raise ApiError(ErrorCode.E_UNEXPECTED, "The service sent no greeting.", "transport")


def reach_service(
    place: ServicePlace, client_name: str, *, start: bool, timeout: float
) -> tuple[Channel, Welcome]:
    """Connect to the service, starting it when ``start`` and none runs.

    Args:
        place: Which service.
        client_name: Who connects.
        start: Start the service when it does not run.
        timeout: Seconds for all of it.

    Raises:
        ApiError: ``NS_ERROR_CALL_FAILED`` (does not run, did not start: tells why),
            ``VBOX_E_TIMEOUT``.
    """
    deadline = time.monotonic() + timeout
    if not start:
        found = open_channel(place, client_name, timeout)
        if found is None:
            raise ApiError(
                ErrorCode.NS_ERROR_CALL_FAILED,
                f"The Vitrine service for '{place.home}' is not running.",
                "transport",
            )
        return found
    while True:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise _no_answer(place, timeout)
        found = open_channel(place, client_name, remaining)
        if found is not None:
            return found
        _start_unless_others_do(place, max(0.0, deadline - time.monotonic()))


def _no_answer(place: ServicePlace, timeout: float) -> ApiError:
    return ApiError(
        ErrorCode.VBOX_E_TIMEOUT,
        f"The Vitrine service for '{place.home}' did not answer within {timeout:.1f} s; "
        "its log file is VBoxSVC.log there.",
        "transport",
    )


def _start_unless_others_do(place: ServicePlace, timeout: float) -> None:
    """Start the service, or wait a moment when another client is at it."""
    try:
        place.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(place.start_lock_path)
        if not lock.try_acquire():
            time.sleep(_POLL_SECONDS)
            return
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The configuration directory '{place.home}' cannot be used: {error.strerror}.",
            "transport",
        ) from error
    with lock:
        _start_service(place, timeout)


def _start_service(place: ServicePlace, timeout: float) -> None:
    # Most clients find the service running and never need this.
    import subprocess

    command = [sys.executable, "-m", "app.service", "--detach"]
    environment = {**os.environ, "VITRINE_USER_HOME": str(place.home)}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=PROGRAM_ROOT,
            env=environment,
            start_new_session=True,
        )
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
        if status == 0:
            return
        output.seek(0)
        said = output.read().decode(errors="replace").strip() or "it said nothing"
    what = f"did not become ready within {timeout:.0f} s" if status is None else "could not start"
    raise ApiError(
        ErrorCode.NS_ERROR_CALL_FAILED, f"The Vitrine service {what}: {said}", "transport"
    )
