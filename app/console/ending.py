"""What becomes of a running machine when its process is asked to end.

The host shuts down, the person logs out, or somebody sends SIGTERM. ``Autostart/@autostop`` of the
machine says what to do; without a word about it the state is saved, so that nothing is lost.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.api.client import connect
from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.settings.enums import AutostopType

if TYPE_CHECKING:
    from app.console.console import Console
    from app.settings.model import Snapshot

_logger = logging.getLogger(__name__)


_CLIENT_NAME = "Vitrine"


def current_snapshot(console: Console) -> Snapshot | None:
    """Return the snapshot that the machine goes back to; None without one. Blocks.

    Raises:
        ApiError: the service does not answer.
    """
    client, machine = console.session.client, console.start_info.id
    current = client.machine(machine).get_settings().current_snapshot
    return client.snapshots(machine).find(current) if current else None


def restore_snapshot(machine: str, snapshot: str) -> None:
    """Give a machine whose console has ended the contents of a snapshot. Blocks.

    Args:
        machine: its UUID.
        snapshot: that of the snapshot.

    Raises:
        ApiError: why it could not be restored.
    """
    with connect(client_name=_CLIENT_NAME) as client:
        client.snapshots(machine).restore(snapshot)


def end_in_order(console: Console) -> None:
    """Save the machine, press its power button or switch it off, as its settings say.

    Blocks while the state is written; a machine whose power button was pressed ends by itself.

    Raises:
        ApiError: not even switching it off was possible.
    """
    wanted = console.settings.autostart.autostop
    if wanted == AutostopType.ACPI_SHUTDOWN and _press(console):
        return
    if wanted == AutostopType.POWER_OFF:
        console.power_off()
    else:
        save_or_switch_off(console)


def save_or_switch_off(console: Console) -> None:
    """Save the machine, or switch it off when that fails.

    Blocks while the state is written.

    Raises:
        ApiError: not even switching it off was possible.
    """
    if not _save(console):
        console.power_off()


def _press(console: Console) -> bool:
    try:
        return console.state is MachineState.RUNNING and console.power_button()
    except ApiError as error:
        _logger.warning("Console: The power button was not pressed: %s", error)
        return False


def _save(console: Console) -> bool:
    try:
        console.save_state()
    except ApiError as error:
        if error.code is ErrorCode.VBOX_E_INVALID_VM_STATE and not console.state.is_online:
            return True  # it has ended meanwhile
        _logger.error("Console: The state was not saved: %s", error)
        return False
    return True
