"""What the menus of the machine's parts have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup

from app.common.icons import icon
from app.common.translation import tr
from app.console.surroundings import edit_settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from app.console.console import Console
    from app.settings.hardware import HardwareSettings
    from app.vmwindow.bridge import ConsoleBridge
    from app.vmwindow.window import VmWindow

Change = Callable[["HardwareSettings"], None]
"""Changes the hardware in place."""


@dataclass(frozen=True)
class PartSpec:
    """Declaration of a menu.

    Attributes:
        title: caption with its mnemonic, translated when it is shown (empty context).
        icon: drawing.
        missing: tells from the hardware why the menu cannot be opened (a sentence), or nothing.
        fill: adds the items to the empty menu.
        separated: a separator stands above it.
        settings: caption of the item that opens the settings, translated like the title.
        page: page of the settings that it opens; empty: there is no such item.
        opens_anyway: the menu can be opened even when something is missing.
    """

    title: str
    icon: str
    missing: Callable[[HardwareSettings], str]
    fill: Callable[[PartMenu], None]
    separated: bool = False
    settings: str = ""
    page: str = ""
    opens_anyway: bool = False


class PartMenu(QObject):
    """A menu of the Devices menu, filled from the settings whenever it is about to open.

    Args:
        menu: the menu.
        spec: what it shows.
        window: parent of dialogs; opens the settings.
        console: the machine's console.
        bridge: runs what blocks, and tells failures.
    """

    def __init__(
        self,
        menu: QMenu,
        spec: PartSpec,
        window: VmWindow,
        console: Console,
        bridge: ConsoleBridge,
    ) -> None:
        super().__init__(menu)
        self.menu = menu
        self.window = window
        self._spec = spec
        self._console = console
        self._bridge = bridge
        menu.setTitle(tr(spec.title))
        menu.setIcon(icon(spec.icon))
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.refill)

    @property
    def hardware(self) -> HardwareSettings:
        """The machine's hardware as it is now; only after the start."""
        return self._console.settings.hardware

    def show_availability(self) -> None:
        """Enable the menu, or say why it is disabled; after the start, settings may change."""
        reason = self._spec.missing(self.hardware)
        self.menu.menuAction().setEnabled(not reason or self._spec.opens_anyway)
        self.menu.menuAction().setToolTip(reason)

    def refill(self) -> None:
        """Build the menu from the settings."""
        self.menu.clear()
        if self._spec.page:
            settings = self.menu.addAction(icon("settings"), tr(self._spec.settings))
            settings.triggered.connect(
                lambda _checked=False: self.window.settings.open_page(self._spec.page)
            )
            self.menu.addSeparator()
        reason = self._spec.missing(self.hardware)
        if reason:
            self.add_note(reason)
        else:
            self._spec.fill(self)

    def change(self, change: Change) -> None:
        """Change the hardware in the settings; the window tells what fails."""
        self.run(lambda: edit_settings(self._console, lambda s: change(s.hardware)))

    def run(self, command: Callable[[], None]) -> None:
        """Run what blocks; the window tells what fails."""
        self._bridge.run(command)

    def add_note(self, text: str, explanation: str = "") -> QAction:
        """Add a line that cannot be chosen."""
        action = self.menu.addAction(text.replace("&", "&&"))
        action.setToolTip(explanation)
        action.setEnabled(False)
        return action

    def add_switch(
        self, text: str, checked: bool, changed: Callable[[bool], None], explanation: str = ""
    ) -> QAction:
        """Add a switch; ``changed`` gets what it is switched to."""
        action = self.menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        action.setToolTip(explanation)
        action.toggled.connect(changed)
        return action

    def add_choices(
        self, menu: QMenu, choices: Sequence[tuple[str, str]], current: str,
        chosen: Callable[[str], None], explanation: str = "",
    ) -> None:  # fmt: skip
        """Add switches of which one is on.

        Args:
            menu: gets them.
            choices: value and text of each.
            current: value of the one that is on.
            chosen: gets the value that was chosen.
            explanation: tool tip of all of them.
        """
        group = QActionGroup(menu)
        for value, text in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(value == current)
            action.setToolTip(explanation)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, value=value: chosen(value))
