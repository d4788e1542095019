"""Editors of serial and parallel ports."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtWidgets import QComboBox, QWidget

from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.fields.simple import Switch
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.words import COM_PORTS

LPT_PORTS: Final[Mapping[str, tuple[int, int]]] = {
    "LPT1": (0x378, 7),
    "LPT2": (0x278, 5),
    "LPT3": (0x3BC, 7),
}


class PortNumber(Editor):
    """COM1, LPT1...: a name for an I/O port and an interrupt line; the value is the I/O port."""

    shows_more = True

    def __init__(
        self,
        context: DialogContext,
        irq_path: str,
        names: Mapping[str, tuple[int, int]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._irq_path, self._names = context, irq_path, names
        self.number = QComboBox(self)
        for name in names:
            self.number.addItem(name, name)
        self.number.addItem(self.tr("User-defined"), "")
        self._ignore_wheel(self.number)
        self._hold(self.number, stretch=False)
        self.number.activated.connect(self._choose)

    def render_value(self, value: int) -> None:
        """Show which name the I/O port VALUE and the interrupt line of the draft have."""
        resources = (value, self._context.draft.get(self._irq_path))
        name = next((name for name, known in self._names.items() if known == resources), "")
        self.number.setCurrentIndex(self.number.findData(name))

    def _choose(self) -> None:
        resources = self._names.get(str(self.number.currentData()))
        if resources is not None:
            self._context.draft.set(self._irq_path, resources[1])
            self.take(resources[0])


class ExistingSwitch(Switch):
    """Connect to what is there: the opposite of the setting "create it"."""

    def render_value(self, value: bool) -> None:
        """Show VALUE."""
        super().render_value(not value)

    def take(self, value: object) -> None:
        """Take the state of the check box."""
        super().take(not value)


def port_number(
    names: Mapping[str, tuple[int, int]],
) -> Callable[[DialogContext, FieldSpec, QWidget], Editor]:
    """Return a factory of editors for the names of ports."""

    def make(context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
        return PortNumber(context, spec.path.replace(".io_base", ".irq"), names, parent)

    return make


com_port = port_number(COM_PORTS)
lpt_port = port_number(LPT_PORTS)


def existing(_context: DialogContext, spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the check box "Connect to existing pipe/socket"."""
    return ExistingSwitch(spec.title, parent)
