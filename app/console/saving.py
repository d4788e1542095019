"""Saving the execution state of a machine to a file, and going on from one."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.version import version
from engine.ssm import StateReader

if TYPE_CHECKING:
    from app.api.structs import VmStartInfo
    from app.api.vmsession import VmSession
    from engine.vm import VM

_logger = logging.getLogger(__name__)

SAVING: Final = "Saving the execution state"
RESTORING: Final = "Restoring the execution state"
PRODUCT: Final = "Vitrine"
SUFFIX: Final = ".sav"


def state_path(folder: Path) -> Path:
    """Return a new name for a saved state: the time in UTC with nanoseconds, as VirtualBox does."""
    now = dt.datetime.now(dt.UTC)
    return folder / f"{now:%Y-%m-%dT%H-%M-%S}-{now.microsecond * 1000:09d}Z{SUFFIX}"


def product() -> str:
    """Return name and version of this program, for the header of saved states."""
    return f"{PRODUCT} {version()}"


def save(
    vm: VM, info: VmStartInfo, session: VmSession, cancelled: threading.Event
) -> None:
    """Write the state of a machine that is held, and have the service note it.

    Args:
        vm: the machine; must not go on when this returns.
        info: tells where the file goes.
        session: is told how far it is.
        cancelled: set by who gives up.

    Raises:
        ApiError: ``E_ABORT``: it was cancelled.
        OSError: the file cannot be written.
        EngineError: the engine cannot capture the machine.
    """
    folder = Path(info.snapshot_folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = state_path(folder)

    def progress(percent: int) -> None:
        if cancelled.is_set():
            raise ApiError(ErrorCode.E_ABORT, "Saving the state was cancelled.", "console")
        session.report_progress(percent, SAVING)

    captured = vm.capture(product=product(), details={"uuid": info.id})
    captured.write(str(path), progress)
    try:
        session.report_saved_state(str(path))
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    _logger.info("Console: The state was saved to '%s'", path)


def restore(vm: VM, info: VmStartInfo, session: VmSession, *, paused: bool) -> None:
    """Switch a machine on with its saved state.

    Raises:
        SavedStateError: it is damaged or does not fit the machine.
        OSError: the file cannot be read.
    """
    _logger.info("Console: Restoring the state from '%s'", info.state_file)
    with StateReader(info.state_file) as reader:
        header = reader.header
        _logger.info(
            "Console: It was saved by %s on the execution engine %s at %s",
            header.product, header.engine, header.created,
        )  # fmt: skip
        vm.power_on(
            paused=paused,
            saved=reader,
            progress=lambda percent: session.report_progress(percent, RESTORING),
        )
