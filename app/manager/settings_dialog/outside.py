"""Changes of a machine that others make while its settings are being edited."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.common.messages import Choice, ask
from app.manager.settings_dialog.context import Condition, DialogContext
from app.settings.model import MachineSettings


class OutsideChanges(QObject):
    """Follows the machine; asks when edits are about to be lost.

    Attributes:
        suspended: nothing is compared while the dialog itself saves.
        is_gone: the machine was removed from the list.

    Signals:
        changed(): state or settings of the machine are other ones now.
    """

    changed = Signal()

    def __init__(self, context: DialogContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._question: QMessageBox | None = None
        self._declined: MachineSettings | None = None
        self.suspended = False
        self.is_gone = False
        context.link.machine_changed.connect(self._on_machine_changed)
        context.link.machines_loaded.connect(self._on_machines_loaded)
        for changed in (context.link.model.rowsRemoved, context.link.model.rowsInserted):
            changed.connect(self._on_rows_changed)

    def _on_rows_changed(self) -> None:
        gone = self._context.link.model.machine(self._context.machine.id) is None
        if gone != self.is_gone:
            self.is_gone = gone
            self.changed.emit()

    def _on_machines_loaded(self) -> None:
        self._on_machine_changed(self._context.machine.id)

    def _on_machine_changed(self, machine_id: str) -> None:
        context = self._context
        machine = context.link.model.machine(machine_id)
        if machine_id != context.machine.id or machine is None or self.suspended:
            return
        before, context.machine = context.condition, machine
        if context.condition is not before:
            self.changed.emit()
            if context.condition is not Condition.STOPPED and context.draft.is_loaded:
                self._tell_started()
        if context.draft.is_loaded:
            context.link.call(self, "machine.get_settings", {"id": machine_id}, self._compare)

    def _compare(self, settings: MachineSettings) -> None:
        """Take over what changed outside, after asking when there are edits to lose."""
        draft = self._context.draft
        if self.suspended or not draft.differs(settings) or settings == self._declined:
            return
        if not draft.is_modified:
            draft.load(settings)
            return
        if self._question is not None:
            return

        def answered(reload: bool) -> None:
            self._question = None
            if reload:
                draft.load(settings)
            else:
                self._declined = settings

        name = self._context.machine.name
        self._question = ask(
            self._window,
            self.tr("Settings changed"),
            self.tr("The settings of “{name}” were changed elsewhere while you were editing.")
            .format(name=name),
            [
                Choice(
                    self.tr("&Reload settings"),
                    QMessageBox.ButtonRole.DestructiveRole,
                    lambda: answered(reload=True),
                ),
                Choice(
                    self.tr("&Keep my changes"),
                    QMessageBox.ButtonRole.RejectRole,
                    lambda: answered(reload=False),
                    default=True,
                ),
            ],
            explanation=self.tr(
                "Reloading discards what you have changed in this dialog. Keeping it stores your "
                "changes when you press OK; the other changes stay where you have not made your "
                "own."
            ),
        )

    def _tell_started(self) -> None:
        """The machine was started while settings were edited that need a stopped one."""
        draft = self._context.draft
        cold = draft.cold_changes()
        if not cold or self._question is not None:
            return

        def answered(take_back: bool) -> None:
            self._question = None
            if take_back:
                draft.load(draft.base)

        self._question = ask(
            self._window,
            self.tr("Machine started"),
            self.tr("“{name}” was started while you were editing its settings.")
            .format(name=self._context.machine.name),
            [
                Choice(
                    self.tr("&Discard my changes"),
                    QMessageBox.ButtonRole.DestructiveRole,
                    lambda: answered(take_back=True),
                ),
                Choice(
                    self.tr("&Keep my changes"),
                    QMessageBox.ButtonRole.RejectRole,
                    lambda: answered(take_back=False),
                    default=True,
                ),
            ],
            explanation=self.tr(
                "These of your changes can be stored only after the machine has stopped: {names}."
            ).format(names=", ".join(dict.fromkeys(change.label for change in cold))),
        )
