"""Follows the preferences while the program runs: what is changed takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.api.events import ExtraDataChanged
from app.api.qtclient import QtClient
from app.common.preferences import InterfacePreferences


class PreferenceFollower(QObject):
    """Knows the preferences, for a process that has no other use for the installation's extra data.

    Args:
        client: connection to the service, started by its owner.
        parent: owns the follower.

    Signals:
        changed(object): the :class:`InterfacePreferences` as they are now.
    """

    changed = Signal(object)

    def __init__(self, client: QtClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._extra_data: dict[str, str] = {}
        client.connected.connect(self._fetch)
        client.event.connect(self._on_event)

    @Slot()
    def _fetch(self) -> None:
        self._client.call("virtualbox.list_extra_data", done=self._put)

    def _put(self, extra_data: dict[str, str]) -> None:
        self._extra_data = dict(extra_data)
        self._tell()

    @Slot(object)
    def _on_event(self, event: object) -> None:
        match event:
            case ExtraDataChanged(id="", key=key, value=value) if key.startswith("GUI/"):
                self._extra_data[key] = value
                self._tell()

    def _tell(self) -> None:
        self.changed.emit(InterfacePreferences.from_extra_data(self._extra_data))
