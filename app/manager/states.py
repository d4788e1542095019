"""How the state of a machine looks: text and icon of each state, and questions about it."""

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.api.structs import MachineInfo, MachineState, SessionState

_CONTEXT = "MachineState"


@dataclass(frozen=True)
class StateLook:
    """Text (source language) and icon name of a machine state."""

    source_text: str
    icon_name: str

    @property
    def text(self) -> str:
        """Text in the language of the user interface."""
        return QCoreApplication.translate(_CONTEXT, self.source_text)


_TRANSIENT = "state-transient"
_LOOKS = {
    MachineState.POWERED_OFF: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Powered Off")), "state-powered-off"
    ),
    MachineState.SAVED: StateLook(str(QT_TRANSLATE_NOOP("MachineState", "Saved")), "state-saved"),
    MachineState.TELEPORTED: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Teleported")), "state-powered-off"
    ),
    MachineState.ABORTED: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Aborted")), "state-aborted"
    ),
    MachineState.ABORTED_SAVED: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Aborted-Saved")), "state-saved"
    ),
    MachineState.RUNNING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Running")), "state-running"
    ),
    MachineState.PAUSED: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Paused")), "state-paused"
    ),
    MachineState.STUCK: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Guru Meditation")), "state-stuck"
    ),
    MachineState.STARTING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Starting")), _TRANSIENT
    ),
    MachineState.STOPPING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Stopping")), _TRANSIENT
    ),
    MachineState.SAVING: StateLook(str(QT_TRANSLATE_NOOP("MachineState", "Saving")), _TRANSIENT),
    MachineState.RESTORING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Restoring")), _TRANSIENT
    ),
    MachineState.SNAPSHOTTING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Taking Snapshot")), _TRANSIENT
    ),
    MachineState.ONLINE_SNAPSHOTTING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Taking Online Snapshot")), _TRANSIENT
    ),
    MachineState.LIVE_SNAPSHOTTING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Taking Live Snapshot")), _TRANSIENT
    ),
    MachineState.RESTORING_SNAPSHOT: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Restoring Snapshot")), _TRANSIENT
    ),
    MachineState.DELETING_SNAPSHOT: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Deleting Snapshot")), _TRANSIENT
    ),
    MachineState.DELETING_SNAPSHOT_ONLINE: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Deleting Snapshot")), _TRANSIENT
    ),
    MachineState.DELETING_SNAPSHOT_PAUSED: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Deleting Snapshot")), _TRANSIENT
    ),
    MachineState.SETTING_UP: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Setting Up")), _TRANSIENT
    ),
    MachineState.TELEPORTING: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Teleporting")), _TRANSIENT
    ),
    MachineState.TELEPORTING_IN: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Teleporting")), _TRANSIENT
    ),
    MachineState.TELEPORTING_PAUSED_VM: StateLook(
        str(QT_TRANSLATE_NOOP("MachineState", "Teleporting Paused Machine")), _TRANSIENT
    ),
}
_INACCESSIBLE = StateLook(
    str(QT_TRANSLATE_NOOP("MachineState", "Inaccessible")), "state-inaccessible"
)
_UNKNOWN = StateLook(str(QT_TRANSLATE_NOOP("MachineState", "Unknown")), "state-inaccessible")

# A process of the machine is coming or going, whatever state the machine is still in.
_RESTING = frozenset(
    {
        MachineState.POWERED_OFF,
        MachineState.SAVED,
        MachineState.TELEPORTED,
        MachineState.ABORTED,
        MachineState.ABORTED_SAVED,
    }
)


def state_look(machine: MachineInfo) -> StateLook:
    """Return text and icon for the state of MACHINE."""
    if not machine.accessible:
        return _INACCESSIBLE
    if machine.session_state is SessionState.SPAWNING and machine.state in _RESTING:
        return _LOOKS[MachineState.STARTING]
    return _LOOKS.get(machine.state, _UNKNOWN)


def is_online(machine: MachineInfo) -> bool:
    """Tell whether a VM process executes MACHINE or is about to."""
    return machine.state.is_online or machine.session_state is SessionState.SPAWNING


def is_locked(machine: MachineInfo) -> bool:
    """Tell whether somebody (a VM process or another client) holds MACHINE."""
    return machine.session_state in {
        SessionState.LOCKED,
        SessionState.SPAWNING,
        SessionState.UNLOCKING,
    }
