"""What a person can do to the machine from its window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.api.errors import ApiError, ErrorCode
from app.common.messages import show_error
from app.vmwindow import confirm
from app.vmwindow.bridge import ConsoleBridge
from app.vmwindow.devices.offers import OfferStore
from app.vmwindow.preferences import Preferences

if TYPE_CHECKING:
    from app.console.console import Console
    from app.console.media import DriveSlot

_FLUSH_SECONDS = 2.0


class MachineCommands(QObject):
    """Commands to the console, with their questions and their failures.

    Args:
        window: parent of the dialogs.
        console: the machine's console.
        bridge: runs what blocks.
        offers: remembers the images that were used.

    Attributes:
        preferences: what the person no longer wants to be asked; set when it is known.

    Signals:
        failed(str): a command failed; a sentence.
    """

    failed = Signal(str)

    def __init__(
        self, window: QWidget, console: Console, bridge: ConsoleBridge, offers: OfferStore
    ) -> None:
        super().__init__(window)
        self._window = window
        self._console = console
        self._bridge = bridge
        self._offers = offers
        self.preferences = Preferences({})

    # ------------------------------------------------------------------ life

    def toggle_pause(self, paused: bool) -> None:
        """Pause or resume."""
        self._bridge.run(self._console.pause if paused else self._console.resume)

    def resume(self) -> None:
        """Let the machine go on."""
        self._bridge.run(self._console.resume)

    def ask_reset(self) -> None:
        """Press the reset button, after a question."""
        confirm.ask_reset(self._window, self._console.machine, self.preferences, self.reset)

    def reset(self) -> None:
        """Press the reset button."""
        self._bridge.run(self._console.reset)

    def press_power_button(self) -> None:
        """Press the ACPI power button."""

        def pressed(heard: bool) -> None:
            if not heard:
                show_error(
                    self._window,
                    self._console.machine,
                    self.tr(
                        "The guest operating system did not take notice of the shutdown signal: "
                        "it has not switched ACPI on. Shut it down from within, or power the "
                        "machine off."
                    ),
                )

        self._bridge.run(self._console.power_button, pressed)

    def ask_power_off(self) -> None:
        """Pull the plug, after a question."""
        confirm.ask_power_off(
            self._window, self._console.machine, self.preferences, self.power_off
        )

    def power_off(self) -> None:
        """Pull the plug; the process ends when everything is closed."""
        preferences = self.preferences

        def command() -> None:
            preferences.flush(_FLUSH_SECONDS)
            self._console.power_off()

        self._bridge.run(command)

    def save_state(self) -> None:
        """Write the execution state to a file; the process ends when that is done."""
        preferences = self.preferences

        def command() -> None:
            preferences.flush(_FLUSH_SECONDS)
            self._console.save_state()

        def failed(error: ApiError) -> None:
            # Who has cancelled it need not be told.
            if error.code is not ErrorCode.E_ABORT:
                self.failed.emit(error.message)

        self._bridge.run(command, failed=failed)

    def cancel_save_state(self) -> None:
        """Give up saving; the machine goes on."""
        self._console.cancel_save_state()

    # ------------------------------------------------------------------ devices

    def change_medium(self, slot: DriveSlot, path: Path | None, *, force: bool = False) -> None:
        """Put an image into a removable drive or take it out."""

        def done(_result: Any) -> None:
            if path is not None:
                self._offers.remember(slot.type, path)

        def failed(error: ApiError) -> None:
            if error.code is ErrorCode.VBOX_E_OBJECT_IN_USE and not force:
                confirm.ask_force_eject(
                    self._window, slot.label, lambda: self.change_medium(slot, path, force=True)
                )
            else:
                self.failed.emit(error.message)

        self._bridge.run(
            lambda: self._console.change_medium(slot, path, force=force), done, failed
        )
