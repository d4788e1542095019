"""Saving the execution state of a machine to a file, and going on from one."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.console.events import Listener, Progressed
from app.settings.runtimefiles import state_file_name
from app.version import version
from engine.ssm import StateReader

if TYPE_CHECKING:
    from app.api.structs import VmStartInfo
    from app.api.vmsession import VmSession
    from app.console.console import Console
    from engine.vm import VM

_logger = logging.getLogger(__name__)

SAVING: Final = "Saving the execution state"
RESTORING: Final = "Restoring the execution state"
PRODUCT: Final = "Vitrine"


def state_path(folder: Path) -> Path:
    """Return a new name for a saved state; see ``state_file_name``."""
    return folder / state_file_name()


def product() -> str:
    """Return name and version of this program, for the header of saved states."""
    return f"{PRODUCT} {version()}"


def save(
    vm: VM, info: VmStartInfo, session: VmSession, cancelled: threading.Event, tell: Listener
) -> None:
    """Write the state of a machine that is held, and have the service note it.

    Args:
        vm: the machine; must not go on when this returns.
        info: tells where the file goes.
        session: is told how far it is.
        cancelled: set by who gives up.
        tell: is told how far it is, too.

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
        tell(Progressed(percent))

    captured = vm.capture(product=product(), details={"uuid": info.id})
    captured.write(str(path), progress)
    try:
        session.report_saved_state(str(path))
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    _logger.info("Console: The state was saved to '%s'", path)


def restore(
    vm: VM, info: VmStartInfo, session: VmSession, tell: Listener, *, paused: bool
) -> None:
    """Switch a machine on with its saved state.

    Raises:
        SavedStateError: it is damaged or does not fit the machine.
        OSError: the file cannot be read.
    """
    _logger.info("Console: Restoring the state from '%s'", info.state_file)

    def progress(percent: int) -> None:
        session.report_progress(percent, RESTORING)
        tell(Progressed(percent))

    with StateReader(info.state_file) as reader:
        header = reader.header
        _logger.info(
            "Console: It was saved by %s on the execution engine %s at %s",
            header.product, header.engine, header.created,
        )  # fmt: skip
        vm.power_on(paused=paused, saved=reader, progress=progress)


def begin_save_state(console: Console) -> None:
    """Save the state on a thread of its own; what comes of it is told to the service.

    Raises:
        ApiError: as :meth:`Console.save_state`, as far as it is known at once.
    """
    begun = threading.Event()
    failures: list[ApiError] = []

    def run() -> None:
        try:
            console.save_state(begun)
        except ApiError as error:
            failures.append(error)
        finally:
            begun.set()

    threading.Thread(target=run, name="console-save", daemon=True).start()
    begun.wait()
    if failures:
        raise failures[0]
