"""What becomes of the machine when its window is closed, and when its process has to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Slot

from app.api.structs import MachineState
from app.common.messages import show_error
from app.console.ending import current_snapshot, end_in_order, restore_snapshot
from app.vmwindow.close_dialog import CloseAction, CloseDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.api.errors import ApiError
    from app.settings.model import Snapshot
    from app.vmwindow.window import VmWindow

_FLUSH_SECONDS = 2.0


class Closing(QObject):
    """Asks what shall become of the machine, and does it."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: CloseDialog | None = None
        self._restored_after_end = ""

    def close(self) -> None:
        """Do what the machine's settings say for closing, or ask."""
        if self._dialog is not None:
            return
        preferences = self._window.preferences
        if preferences.close_hook:
            self._run_hook(preferences.close_hook)
            return
        refused, left_out = self._refused(), self._left_out()
        wanted = preferences.default_close_action
        if wanted is not None and wanted not in refused and wanted not in left_out:
            self._carry_out(wanted)
            return
        if left_out >= set(CloseAction):
            show_error(
                self._window,
                self._window.console.machine,
                self.tr(
                    "The settings of this machine do not allow to close its window "
                    "(GUI/RestrictedCloseActions)."
                ),
            )
            return
        self._ask(refused, left_out)

    def _run_hook(self, program: str) -> None:
        """Leave it to a program what becomes of the machine; it gets name and UUID."""
        console = self._window.console
        if QProcess.startDetached(program, [console.machine, console.start_info.id])[0]:
            return
        show_error(
            self._window,
            console.machine,
            self.tr(
                "The program “{program}”, which decides about the machine when its window is "
                "closed (GUI/CloseActionHook), could not be started."
            ).format(program=program),
        )

    def _ask(self, refused: dict[CloseAction, str], left_out: set[CloseAction]) -> None:
        window = self._window
        window.capture.release()
        dialog = CloseDialog(
            window.console.machine,
            window.preferences.last_close_action,
            refused,
            window,
            left_out=left_out,
        )
        dialog.chosen.connect(self._on_chosen)
        dialog.finished.connect(self._on_finished)
        self._dialog = dialog
        dialog.open()
        if CloseAction.POWER_OFF_RESTORING_SNAPSHOT not in left_out:
            self._find_snapshot(self._offer_restoring)

    def _refused(self) -> dict[CloseAction, str]:
        state = self._window.console.state
        refused = {}
        if state not in (MachineState.RUNNING, MachineState.PAUSED):
            refused[CloseAction.SAVE_STATE] = self.tr(
                "The machine has to run or to be paused to be saved."
            )
        if state is not MachineState.RUNNING:
            refused[CloseAction.SHUTDOWN] = self.tr(
                "The machine has to run to notice its power button."
            )
        return refused

    def _left_out(self) -> set[CloseAction]:
        left_out = set(self._window.preferences.restricted_close_actions)
        if not self._window.detachable:
            left_out.add(CloseAction.DETACH)
        if CloseAction.POWER_OFF in left_out:
            left_out.add(CloseAction.POWER_OFF_RESTORING_SNAPSHOT)
        return left_out

    def _find_snapshot(self, found: Callable[[Snapshot | None], None]) -> None:
        console = self._window.console
        self._window.bridge.run(lambda: current_snapshot(console), found, lambda _error: None)

    def _offer_restoring(self, snapshot: Snapshot | None) -> None:
        if self._dialog is not None and snapshot is not None:
            self._dialog.offer_restoring(snapshot.name)

    @Slot(object)
    def _on_chosen(self, action: CloseAction) -> None:
        self._window.preferences.last_close_action = action
        self._carry_out(action)

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None

    def _carry_out(self, action: CloseAction) -> None:
        window = self._window
        if action is CloseAction.DETACH:
            window.detach()
        elif action is CloseAction.SAVE_STATE:
            window.commands.save_state()
        elif action is CloseAction.SHUTDOWN:
            window.commands.press_power_button()
        elif action is CloseAction.POWER_OFF:
            window.commands.power_off()
        else:
            self._find_snapshot(self._power_off_restoring)

    def _power_off_restoring(self, snapshot: Snapshot | None) -> None:
        self._restored_after_end = snapshot.uuid if snapshot is not None else ""
        self._window.commands.power_off()

    def end_in_order(self) -> None:
        """The process has to end: save the machine, or what else its settings say."""
        console, preferences = self._window.console, self._window.preferences

        def end() -> None:
            preferences.flush(_FLUSH_SECONDS)
            end_in_order(console)

        self._window.bridge.run(end)

    def finish(self, done: Callable[[], None]) -> None:
        """The machine is off: go back to the snapshot, if that was chosen, then call DONE."""
        snapshot, self._restored_after_end = self._restored_after_end, ""
        if not snapshot:
            done()
            return
        window = self._window
        machine = window.console.start_info.id

        def failed(error: ApiError) -> None:
            sentence = self.tr("The machine was powered off, but the snapshot was not restored: ")
            box = show_error(window, window.console.machine, sentence + error.message)
            box.finished.connect(lambda _result: done())

        window.bridge.run(
            lambda: restore_snapshot(machine, snapshot), lambda _nothing: done(), failed
        )
