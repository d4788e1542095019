"""What decides which actions are available, and the reasons why one is not.

A reason is a sentence; an empty one means that the action is available.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.api.structs import MachineInfo, MachineState
from app.common.translation import tr
from app.manager.states import is_locked, is_online

MachineReason = Callable[[MachineInfo], str]


@dataclass(frozen=True)
class Situation:
    """The connection and what is selected.

    Attributes:
        connected: the service answers.
        machines: the selected machines and those in selected groups, each once.
        groups: paths of the selected groups.
        tool: name of the open tool.
        pane_reason: tells why the open pane cannot perform one of its actions.
    """

    connected: bool
    machines: tuple[MachineInfo, ...] = ()
    groups: tuple[str, ...] = ()
    tool: str = ""
    pane_reason: Callable[[str], str] = field(default=lambda _action: "")

    @property
    def machine(self) -> MachineInfo | None:
        """The selected machine when it is the only one and no group is selected."""
        return self.machines[0] if len(self.machines) == 1 and not self.groups else None


# -- reasons of one machine ------------------------------------------------------------------------


def always(_machine: MachineInfo) -> str:
    """Every machine will do."""
    return ""


def inaccessible(machine: MachineInfo) -> str:
    """The settings must be readable."""
    return "" if machine.accessible else tr("The machine is inaccessible.")


def not_startable(machine: MachineInfo) -> str:
    """Start and Show share one action: an unlocked machine starts, a running one is shown."""
    if is_locked(machine) and not machine.state.is_online:
        return tr("The machine is in use; wait until that has ended.")
    return inaccessible(machine)


def already_running(machine: MachineInfo) -> str:
    """Nobody may hold the machine, and its settings must be readable."""
    if machine.state.is_online:
        return tr("The machine is running already.")
    return not_startable(machine)


def in_use(machine: MachineInfo) -> str:
    """Nobody may hold the machine."""
    if is_online(machine) or is_locked(machine):
        return tr("The machine is in use; power it off first.")
    return ""


def not_resting(machine: MachineInfo) -> str:
    """Its files must be readable, and nobody may hold them."""
    return inaccessible(machine) or in_use(machine)


def not_running(machine: MachineInfo) -> str:
    """The guest must be running."""
    if machine.state is not MachineState.RUNNING:
        return tr("The machine is not running.")
    return inaccessible(machine)


def not_running_or_paused(machine: MachineInfo) -> str:
    """The guest must be running or paused."""
    if machine.state not in {MachineState.RUNNING, MachineState.PAUSED}:
        return tr("The machine is not running.")
    return inaccessible(machine)


def no_process(machine: MachineInfo) -> str:
    """There must be a VM process; power off also helps one that got stuck."""
    return "" if machine.state.is_online else tr("The machine is not running.")


def not_saved(machine: MachineInfo) -> str:
    """There must be a saved state, and nobody may be using it."""
    if machine.state not in {MachineState.SAVED, MachineState.ABORTED_SAVED}:
        return tr("The machine has no saved state.")
    return in_use(machine) or inaccessible(machine)


# -- reasons of the situation ----------------------------------------------------------------------


def needs_nothing(_situation: Situation) -> str:
    """It is always available."""
    return ""


def needs_service(situation: Situation) -> str:
    """The service must answer."""
    return "" if situation.connected else tr("Vitrine's service does not answer.")


def needs_pane(situation: Situation) -> str:
    """Something has to be selected in the list."""
    if not situation.machines and not situation.groups:
        return tr("No machine is selected.")
    return needs_service(situation)


def needs_group(situation: Situation) -> str:
    """Exactly one group must be selected."""
    if len(situation.groups) != 1:
        return tr("No group is selected.") if not situation.groups else tr("Select one group.")
    return needs_service(situation)


def needs_groupable(situation: Situation) -> str:
    """What is selected must be movable into groups."""
    if situation.machines and not any(machine.accessible for machine in situation.machines):
        return tr("The machine is inaccessible.")
    return needs_pane(situation)


class ForOne:
    """Available when a single machine is selected and REASON has nothing against it."""

    def __init__(self, reason: MachineReason) -> None:
        self.reason = reason

    def __call__(self, situation: Situation) -> str:
        """Return the reason against it in SITUATION, or an empty string."""
        machine = situation.machine
        if machine is None:
            return needs_pane(situation) or tr("Select one machine.")
        return self.reason(machine) or needs_service(situation)


class ForSome:
    """Available when REASON has nothing against at least one selected machine."""

    def __init__(self, reason: MachineReason) -> None:
        self.reason = reason

    def __call__(self, situation: Situation) -> str:
        """Return the reason against it in SITUATION, or an empty string."""
        if not situation.machines:
            return needs_pane(situation)
        reasons = [self.reason(machine) for machine in situation.machines]
        if "" in reasons:
            return needs_service(situation)
        if len(reasons) == 1:
            return reasons[0]
        text = tr("None of the selected machines allows it. {reason}")
        return text.format(reason=reasons[0])


class ForAll:
    """Available when REASON has nothing against any selected machine."""

    def __init__(self, reason: MachineReason) -> None:
        self.reason = reason

    def __call__(self, situation: Situation) -> str:
        """Return the reason against it in SITUATION, or an empty string."""
        for machine in situation.machines:
            if reason := self.reason(machine):
                if len(situation.machines) == 1:
                    return reason
                return tr("“{name}”: {reason}").format(name=machine.name, reason=reason)
        return needs_service(situation) if situation.machines else needs_pane(situation)
