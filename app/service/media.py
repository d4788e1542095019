"""Creating and looking at disk images, in a worker process.

The service imports nothing of the engine. ``python -m engine.storage.tool`` prints one JSON object
to a line: ``{"progress": n}`` any number of times, then ``{"result": {...}}`` or
``{"error": {"code": ..., "message": ...}}``. SIGTERM makes it tidy up and end.
"""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.starter import PROGRAM_ROOT
from app.api.structs import DeviceType, MediumInfo, MediumVariant

_logger = logging.getLogger(__name__)

TOOL: Final = (sys.executable, "-m", "engine.storage.tool")

_TOOL_TYPES: Final = {
    DeviceType.HARD_DISK: "hdd",
    DeviceType.DVD: "dvd",
    DeviceType.FLOPPY: "floppy",
}
_ERROR_CODES: Final = {
    "VERR_INVALID_PARAMETER": ErrorCode.E_INVALIDARG,
    "VERR_SHARING_VIOLATION": ErrorCode.VBOX_E_OBJECT_IN_USE,
}
_CANCEL_POLL_SECONDS: Final = 0.1
_CANCEL_SECONDS: Final = 10.0


class _ToolError(msgspec.Struct):
    code: str
    message: str


class _ToolLine(msgspec.Struct):
    progress: int | None = None
    result: MediumInfo | None = None
    error: _ToolError | None = None


ReportProgress = Callable[[int], None]
IsCancelled = Callable[[], bool]


def create_medium(
    path: str,
    size_bytes: int,
    format_name: str,
    variant: MediumVariant,
    *,
    progress: ReportProgress,
    cancelled: IsCancelled,
) -> MediumInfo:
    """Create a hard disk image; see ``virtualbox.create_medium``."""
    if size_bytes <= 0:
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"A disk of {size_bytes} bytes cannot be created.", "medium"
        )
    file = require_absolute(path, "medium")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The folder '{file.parent}' cannot be made: {error.strerror}.",
            "medium",
        ) from error
    arguments = [
        "create", f"--filename={file}", f"--size-bytes={size_bytes}", f"--format={format_name}",
        f"--variant={variant}",
    ]  # fmt: skip
    return _run_tool(arguments, progress, cancelled)


def open_medium(
    path: str, device_type: DeviceType, *, cancelled: IsCancelled = lambda: False
) -> MediumInfo:
    """Look at an image; see ``virtualbox.open_medium``."""
    file = require_absolute(path, "medium")
    arguments = ["info", f"--type={_TOOL_TYPES[device_type]}", "--", str(file)]
    return _run_tool(arguments, lambda _percent: None, cancelled)


def require_absolute(path: str, component: str) -> Path:
    """``path`` as a normal absolute path.

    Raises:
        ApiError: ``E_INVALIDARG``: it is relative or holds a zero byte.
    """
    if "\0" in path or not os.path.isabs(path):
        raise ApiError(
            ErrorCode.E_INVALIDARG, f"'{path}' is not an absolute path.", component
        )
    return Path(os.path.normpath(path))


def _run_tool(
    arguments: list[str], progress: ReportProgress, cancelled: IsCancelled
) -> MediumInfo:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [*TOOL, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=PROGRAM_ROOT,
        )
        with process:
            assert process.stdout is not None
            outcome = _follow(process, process.stdout, progress, cancelled)
        if outcome is None:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            _logger.error("The image worker ended with status %s: %s", process.returncode, said)
            last = said.splitlines()[-1] if said else "it said nothing"
            raise ApiError(
                ErrorCode.E_UNEXPECTED,
                f"The process that works on images ended with status {process.returncode}: {last}",
                "medium",
            )
    if isinstance(outcome, _ToolError):
        code = _ERROR_CODES.get(outcome.code, ErrorCode.VBOX_E_FILE_ERROR)
        raise ApiError(code, outcome.message, "medium")
    return outcome


def _follow(
    process: subprocess.Popen[bytes],
    output: IO[bytes],
    progress: ReportProgress,
    cancelled: IsCancelled,
) -> MediumInfo | _ToolError | None:
    """Read the lines of the worker until it ends; end it when the call was cancelled."""
    decoder = msgspec.json.Decoder(_ToolLine)
    outcome: MediumInfo | _ToolError | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        pending = b""
        while True:
            if cancelled():
                _cancel(process)
            if not selector.select(_CANCEL_POLL_SECONDS):
                continue
            data = os.read(output.fileno(), 65536)
            if not data:
                return outcome
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                try:
                    said = decoder.decode(line)
                except msgspec.DecodeError:
                    _logger.warning("The image worker said %r", line[:200])
                    continue
                if said.progress is not None:
                    progress(said.progress)
                outcome = said.result or said.error or outcome


def _cancel(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_CANCEL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    raise ApiError(ErrorCode.E_ABORT, "The work on the image was cancelled.", "medium")
