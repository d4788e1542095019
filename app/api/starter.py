"""Starting the service; imported by the few clients that do not find it running.

The service detaches itself and tells through its exit code whether it (or another one that was
faster) is ready, so nobody has to guess how long a start takes. A lock lets one client start it
when ten arrive at once; the others wait and find it running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import app
from app.api.address import ServicePlace
from app.api.errors import ApiError, ErrorCode
from app.api.filelock import FileLock

PROGRAM_ROOT: Final = Path(app.__file__).resolve().parent.parent
"""Directory that makes ``python -m app...`` work."""

_POLL_SECONDS: Final = 0.02


def start_unless_others_do(place: ServicePlace, timeout: float) -> None:
    """Start the service, or wait a moment when another client is at it.

    Args:
        place: Which service.
        timeout: Seconds until it must be ready.

    Raises:
        ApiError: ``NS_ERROR_CALL_FAILED``: it did not start, tells why; ``VBOX_E_FILE_ERROR``: the
            configuration directory cannot be used.
    """
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
