"""Work on disk images, done by a worker process.

The service imports nothing of the engine. ``python -m engine.storage.tool`` prints one JSON object
to a line: ``{"progress": n}`` any number of times, then ``{"result": ...}`` or
``{"error": {"code": ..., "message": ...}}``. SIGTERM makes it tidy up and end.
"""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import IO, Final, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.starter import PROGRAM_ROOT
from app.decoding import describe

_logger = logging.getLogger(__name__)

TOOL: Final = (sys.executable, "-m", "engine.storage.tool")

_ERROR_CODES: Final = {
    "VERR_INVALID_PARAMETER": ErrorCode.E_INVALIDARG,
    "VERR_SHARING_VIOLATION": ErrorCode.VBOX_E_OBJECT_IN_USE,
    "VERR_NOT_SUPPORTED": ErrorCode.VBOX_E_NOT_SUPPORTED,
}
_CANCEL_POLL_SECONDS: Final = 0.1
_CANCEL_SECONDS: Final = 10.0


class _ToolError(msgspec.Struct):
    code: str
    message: str


class _ToolLine(msgspec.Struct):
    progress: int | None = None
    # Not "Raw | None": msgspec 0.22 takes such a union for null alone.
    result: msgspec.Raw = msgspec.Raw()
    error: _ToolError | None = None


ReportProgress = Callable[[int], None]
IsCancelled = Callable[[], bool]
_T = TypeVar("_T")


def ignore_progress(_percent: int) -> None:
    """For callers that do not want to know how far the work is."""


def never_cancelled() -> bool:
    """For work that is short."""
    return False


def run_image_tool(
    arguments: Sequence[str],
    result_type: type[_T],
    progress: ReportProgress = ignore_progress,
    cancelled: IsCancelled = never_cancelled,
    question: bytes = b"",
    tool: Sequence[str] = (),
) -> _T:
    """Have the worker do one thing, and return its answer. On a worker thread.

    Args:
        arguments: Its command line; see :mod:`engine.storage.tool`.
        result_type: Type of the answer.
        progress: Called with 0 to 100.
        cancelled: Asked ten times a second; when it says so the worker tidies up and ends.
        question: What the worker reads from its standard input.
        tool: Command of the worker, when it is another one that speaks the same way.

    Raises:
        ApiError: What the worker said, or ``E_ABORT``.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as asked:
        asked.write(question)
        asked.seek(0)
        process = subprocess.Popen(
            [*(tool or TOOL), *arguments],
            stdin=asked,
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
    describe(result_type)
    result: _T = msgspec.json.decode(outcome, type=result_type)
    return result


def _follow(
    process: subprocess.Popen[bytes],
    output: IO[bytes],
    progress: ReportProgress,
    cancelled: IsCancelled,
) -> msgspec.Raw | _ToolError | None:
    """Read the lines of the worker until it ends; end it when the call was cancelled."""
    decoder = msgspec.json.Decoder(_ToolLine)
    outcome: msgspec.Raw | _ToolError | None = None
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
                if len(said.result):
                    # The line's memory belongs to the decoder's input.
                    outcome = msgspec.Raw(bytes(said.result))
                outcome = said.error or outcome


def _cancel(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_CANCEL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    raise ApiError(ErrorCode.E_ABORT, "The work on the image was cancelled.", "medium")
