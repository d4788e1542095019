"""What everything inside the settings dialog works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from app.api.hoststructs import HostInfo
from app.api.structs import MachineInfo, MachineState
from app.manager.layout_memory import LayoutMemory
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.draft import Draft
from app.manager.states import is_online


class Condition(Enum):
    """How much of a machine may change."""

    STOPPED = "stopped"
    SAVED = "saved"
    RUNNING = "running"


@dataclass
class DialogContext:
    """The machine, its settings and the ways to the service.

    Attributes:
        link: calls and events of the service.
        memory: extra data of the installation.
        draft: the settings that are edited.
        machine: the machine as it is now.
        host: the host of the service; None before it has told.
        further_calls: each returns calls of the service, with their parameters, that are to be
            made after the settings were saved.
    """

    link: ServiceLink
    memory: LayoutMemory
    draft: Draft
    machine: MachineInfo
    host: HostInfo | None = None
    further_calls: list[Callable[[], list[tuple[str, Mapping[str, Any]]]]] = field(
        default_factory=list
    )

    @property
    def condition(self) -> Condition:
        """How much of the machine may change now."""
        if is_online(self.machine):
            return Condition.RUNNING
        if self.machine.state in {MachineState.SAVED, MachineState.ABORTED_SAVED}:
            return Condition.SAVED
        return Condition.STOPPED

    @property
    def folder(self) -> str:
        """Folder of the machine."""
        return str(Path(self.machine.settings_path).parent)
