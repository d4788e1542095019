"""The dialog in which port-forwarding rules of an adapter are edited."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from app.common.dialog_buttons import button_box
from app.manager.network.forwarding import ForwardingEditor
from app.manager.widgets.field_message import FieldMessage
from app.settings.model import PortForwarding


class ForwardingDialog(QDialog):
    """Edits a copy of rules; OK hands it over.

    Signals:
        rules_accepted(object): the list of PortForwarding.
    """

    rules_accepted = Signal(object)

    def __init__(self, rules: Sequence[PortForwarding], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Port Forwarding Rules"))
        self.editor = ForwardingEditor(parent=self)
        self.editor.set_rules(rules)
        self.hint = QLabel(
            self.tr("No port of this computer leads into the machine. Add a rule to have one."),
            self,
        )
        self.hint.setWordWrap(True)
        self.message = FieldMessage(self)
        self.buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        layout = QVBoxLayout(self)
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.hint)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.resize(680, 340)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.editor.edited.connect(self._check)
        self._check()

    def _check(self) -> None:
        problem = self.editor.problem()
        self.message.show_message(problem)
        self.ok_button.setEnabled(not problem)
        self.hint.setVisible(not self.editor.rules())

    def accept(self) -> None:
        """Hand the rules over."""
        # A cell that is being edited gives its value away with the focus.
        self.setFocus()
        if self.ok_button.isEnabled():
            self.rules_accepted.emit(self.editor.rules())
            super().accept()
