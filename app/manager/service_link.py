"""What the manager knows of the service: machines, guest types, properties; all asynchronous."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from app.api import events
from app.api.errors import ApiError
from app.api.qtclient import QtCall, QtClient
from app.api.structs import MachineInfo, OsType, SystemProperties
from app.manager.machine_model import MachineListModel


class ServiceLink(QObject):
    """Keeps the machine model equal to the service and passes calls on.

    Signals:
        connection_changed(bool, str): connected, or not and why.
        machines_loaded(): the list was fetched anew; every machine may have changed.
        machine_changed(str): settings or state of this machine changed.
        os_types_loaded(): ``os_types`` is filled.
        properties_changed(): ``properties`` holds new values.
        extra_data_changed(str, str): this key of the installation's extra data has this value now.
        progress_event(object): a long operation of any client went on (``events.Progress...``).
        runtime_error(object): a running machine has trouble (``events.RuntimeError``).
        media_changed(): a medium was registered, forgotten or changed.
        networks_changed(): a network, DHCP server or host-only interface was changed.
    """

    connection_changed = Signal(bool, str)
    machines_loaded = Signal()
    machine_changed = Signal(str)
    os_types_loaded = Signal()
    properties_changed = Signal()
    extra_data_changed = Signal(str, str)
    progress_event = Signal(object)
    runtime_error = Signal(object)
    media_changed = Signal()
    networks_changed = Signal()

    def __init__(self, client: QtClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self.model = MachineListModel(self)
        self.os_types: Sequence[OsType] = ()
        self.properties: SystemProperties | None = None
        self._connected = False
        self._fetching: dict[str, bool] = {}
        client.connected.connect(self._on_connected)
        client.connection_lost.connect(self._on_connection_lost)
        client.event.connect(self._on_event)

    @property
    def is_connected(self) -> bool:
        """True while the service answers."""
        return self._connected

    def os_type(self, os_type_id: str) -> OsType | None:
        """Return the guest type OS_TYPE_ID, or None when the service does not know it."""
        return next((known for known in self.os_types if known.id == os_type_id), None)

    def call(
        self,
        owner: QObject,
        method: str,
        params: Mapping[str, Any] | None = None,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[ApiError], None] | None = None,
        progress: Callable[[int, str], None] | None = None,
    ) -> QtCall:
        """Call METHOD; the callbacks run on the UI thread unless OWNER is gone by then.

        Returns:
            The call; keep it only to cancel it.
        """
        return self._client.call(
            method,
            dict(params or {}),
            _while_alive(owner, done),
            _while_alive(owner, failed),
            _while_alive(owner, progress),
        )

    def reload(self) -> None:
        """Fetch the list of machines anew."""
        self.call(self, "virtualbox.list_machines", {}, self._put_machines)

    def refresh_machine(self, machine_id: str) -> None:
        """Fetch one machine anew; requests that come meanwhile are answered by one more fetch."""
        if machine_id in self._fetching:
            self._fetching[machine_id] = True
            return
        self._fetching[machine_id] = False

        def finished() -> bool:
            outdated = self._fetching.pop(machine_id, False)
            if outdated:
                self.refresh_machine(machine_id)
            return not outdated

        def done(machine: MachineInfo) -> None:
            # An answer can be older than an event that came before it: the service collects it
            # on one thread and tells of changes on others.
            if finished():
                self.model.put_machine(machine)
                self.machine_changed.emit(machine.id)

        def failed(_error: ApiError) -> None:
            # It was unregistered meanwhile, or the service went away and a reload will follow.
            finished()

        self.call(self, "virtualbox.find_machine", {"name_or_id": machine_id}, done, failed)

    @Slot()
    def _on_connected(self) -> None:
        self._connected = True
        self._fetching.clear()
        self.connection_changed.emit(True, "")
        self.reload()
        self.call(self, "virtualbox.list_os_types", {}, self._put_os_types)
        self._fetch_properties()

    @Slot(str)
    def _on_connection_lost(self, reason: str) -> None:
        self._connected = False
        self._fetching.clear()
        self.connection_changed.emit(False, reason)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        match event:
            case events.MachineRegistered(id=machine_id, registered=False):
                self.model.remove_machine(machine_id)
                if machine_id in self._fetching:
                    # The answer that is on its way may not know it yet.
                    self._fetching[machine_id] = True
            case events.MachineStateChanged(id=machine_id, state=state):
                self._patch(machine_id, state=state)
                self.refresh_machine(machine_id)
            case events.SessionStateChanged(id=machine_id, state=session_state):
                self._patch(machine_id, session_state=session_state)
                self.refresh_machine(machine_id)
            case (
                events.MachineRegistered(id=machine_id)
                | events.MachineDataChanged(id=machine_id)
                | events.MediumChanged(id=machine_id)
            ):
                self.refresh_machine(machine_id)
            case events.SystemPropertiesChanged():
                self._fetch_properties()
            case events.ExtraDataChanged(id="", key=key, value=value):
                self.extra_data_changed.emit(key, value)
            case (
                events.ProgressCreated()
                | events.ProgressPercentageChanged()
                | events.ProgressTaskCompleted()
            ):
                self.progress_event.emit(event)
            case events.RuntimeError():
                self.runtime_error.emit(event)
            case events.MediumRegistered() | events.MediumConfigChanged():
                self.media_changed.emit()
            case events.NetworkConfigurationChanged():
                self.networks_changed.emit()

    def _patch(self, machine_id: str, **changes: Any) -> None:
        machine = self.model.machine(machine_id)
        if machine is not None:
            self.model.put_machine(msgspec.structs.replace(machine, **changes))

    def _put_machines(self, machines: list[MachineInfo]) -> None:
        # What an event has told about is newer than the list, and being fetched.
        known = {each.id: each for each in self.model.machines()}
        self.model.set_machines(
            [known.get(each.id, each) if each.id in self._fetching else each for each in machines]
        )
        self.machines_loaded.emit()

    def _put_os_types(self, os_types: list[OsType]) -> None:
        self.os_types = os_types
        self.os_types_loaded.emit()

    def _fetch_properties(self) -> None:
        self.call(self, "virtualbox.get_system_properties", {}, self._put_properties)

    def _put_properties(self, properties: SystemProperties) -> None:
        self.properties = properties
        self.properties_changed.emit()


def _while_alive(
    owner: QObject, callback: Callable[..., None] | None
) -> Callable[..., None] | None:
    """Return CALLBACK so that it does nothing once OWNER is deleted; None stays None."""
    if callback is None:
        return None

    def deliver(*values: Any) -> None:
        if isValid(owner):
            callback(*values)

    return deliver
