"""Lets changed preferences take effect in the manager at once."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.common.application import look_of
from app.common.preferences import InterfacePreferences
from app.manager.actions import ActionSet
from app.manager.layout_memory import LayoutMemory

_KEYS = "GUI/"


class LivePreferences(QObject):
    """Applies what the installation's extra data say of the user interface.

    Args:
        memory: knows the extra data and tells when they change.
        actions: get the shortcuts.
        parent: owns the object.
    """

    def __init__(self, memory: LayoutMemory, actions: ActionSet, parent: QObject) -> None:
        super().__init__(parent)
        self._memory = memory
        self._actions = actions
        self.current = InterfacePreferences()
        memory.changed.connect(self._on_changed)

    def apply(self) -> None:
        """Apply what is known now."""
        self.current = InterfacePreferences.from_extra_data(self._memory.values(_KEYS))
        self._actions.use_shortcuts(self.current.manager_shortcuts)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            look_of(application).show(self.current)

    def _on_changed(self, key: str, _value: str) -> None:
        if key in self.current.to_extra_data():
            self.apply()
