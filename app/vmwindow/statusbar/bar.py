"""The status bar of the VM window: indicators at the right, messages at the left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStatusBar, QWidget

from app.vmwindow.statusbar.indicator import WRITE, Indicator
from app.vmwindow.statusbar.kinds import INDICATORS, IndicatorKind, IndicatorSpec, tr

if TYPE_CHECKING:
    from app.console.console import Console

_POLL_MILLISECONDS: Final = 150
_ENGINE_ICONS: Final = {"kvm": "engine-native"}
_EMULATED: Final = "engine-emulated"


class VmStatusBar(QStatusBar):
    """Indicators at the right, messages at the left.

    Signals:
        menu_requested(IndicatorSpec, QPoint): an indicator was clicked with the right button.
        settings_menu_requested(QPoint): the bar itself was.
    """

    menu_requested = Signal(object, QPoint)
    settings_menu_requested = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(True)
        self._area = QWidget()
        self._layout = QHBoxLayout(self._area)
        self._layout.setContentsMargins(0, 0, 2, 0)
        self._layout.setSpacing(3)
        self.addPermanentWidget(self._area)
        self._indicators: dict[IndicatorKind, Indicator] = {}
        self._present: set[IndicatorKind] = set()
        self._mouse_integration = (False, False)
        for spec in INDICATORS:
            indicator = Indicator(spec.icon, tr(spec.title))
            indicator.menu_requested.connect(self._requester(spec))
            self._indicators[spec.kind] = indicator
        self.engine = QLabel()
        self.host_key = QLabel()
        self._separator = _separator()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)
        self.arrange((), ())
        self.set_mouse_captured(False)
        self.set_keyboard_captured(False)
        self.set_host_key_down(False)

    def indicator(self, kind: IndicatorKind) -> Indicator:
        """Return an indicator."""
        return self._indicators[kind]

    def shown_kinds(self) -> list[IndicatorKind]:
        """Return what is shown, from left to right."""
        shown = [(kind, each) for kind, each in self._indicators.items() if not each.isHidden()]
        return [kind for kind, each in sorted(shown, key=lambda e: self._layout.indexOf(e[1]))]

    # ------------------------------------------------------------------ what is shown

    def set_machine(self, console: Console) -> None:
        """Show a machine that has started."""
        for spec in INDICATORS:
            indicator = self._indicators[spec.kind]
            indicator.set_details(partial(spec.rows, console))
        self.find_parts(console)
        name, reason = console.execution_engine
        self.set_engine(name, reason)

    def find_parts(self, console: Console) -> None:
        """Look which parts the machine has now; :meth:`arrange` shows them."""
        self._present = {spec.kind for spec in INDICATORS if spec.present(console)}

    def set_activity(self, kind: IndicatorKind, activity: Callable[[], tuple[int, int]]) -> None:
        """Let the lamp of an indicator follow counters of reads and writes."""
        self._indicators[kind].set_activity(activity)

    def arrange(self, order: Sequence[str], hidden: Iterable[str]) -> None:
        """Show the indicators of what the machine has.

        Args:
            order: names (see :class:`IndicatorKind`); those that are missing follow as usual.
            hidden: names that are left out.
        """
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
        ranks = {name: rank for rank, name in enumerate(order)}
        left_out = set(hidden)
        for spec in sorted(INDICATORS, key=lambda each: ranks.get(each.kind, len(ranks))):
            indicator = self._indicators[spec.kind]
            self._layout.addWidget(indicator)
            indicator.setVisible(spec.kind in self._present and spec.kind not in left_out)
            if spec.kind is IndicatorKind.FEATURES:
                self._layout.addWidget(self.engine)
                self.engine.setVisible(not indicator.isHidden())
        self._layout.addWidget(self._separator)
        self._layout.addWidget(self.host_key)
        for widget in (self._separator, self.host_key):
            widget.show()

    def set_active(self, active: bool) -> None:
        """Follow the activity of the machine, or rest."""
        if active:
            self._timer.start()
        else:
            self._timer.stop()
            for kind, indicator in self._indicators.items():
                if kind is not IndicatorKind.RECORDING:
                    indicator.rest()

    def set_engine(self, label: str, explanation: str) -> None:
        """Show what executes the guest, and in the tool tip why."""
        self.engine.setText(label)
        self.engine.setToolTip(explanation)
        drawing = _ENGINE_ICONS.get(label.lower(), _EMULATED)
        self._indicators[IndicatorKind.FEATURES].set_icon(drawing)

    def set_recording(self, active: bool) -> None:
        """Show that the screen is recorded."""
        indicator = self._indicators[IndicatorKind.RECORDING]
        indicator.set_icon("recording-on" if active else "recording")
        indicator.set_lamp(WRITE if active else None)
        indicator.refresh_details()

    # ------------------------------------------------------------------ input

    def set_host_key(self, label: str) -> None:
        """Show what the host key is called."""
        self.host_key.setText(label)
        self.host_key.setToolTip(
            self.tr(
                "The host key is {key}: pressed alone it captures or releases keyboard and mouse, "
                "together with a letter it does what the menus say."
            ).format(key=label)
        )

    def set_host_key_down(self, down: bool) -> None:
        """Show that the host key is held."""
        font = self.host_key.font()
        font.setBold(down)
        self.host_key.setFont(font)

    def set_mouse_captured(self, captured: bool) -> None:
        """Show who has the mouse."""
        possible, integrated = self._mouse_integration
        if possible and not captured:
            self._show_holder(
                IndicatorKind.MOUSE,
                "mouse-integration" if integrated else "mouse-integration-off",
                self.tr("The guest follows the host's pointer; nothing is captured.") if integrated
                else self.tr(
                    "Mouse integration is switched off; a click on the guest's screen captures the "
                    "mouse."
                ),
            )  # fmt: skip
            return
        self._show_holder(
            IndicatorKind.MOUSE,
            "mouse-captured" if captured else "mouse",
            self.tr("The mouse is captured by the guest.") if captured
            else self.tr(
                "The mouse belongs to the host; a click on the guest's screen captures it."
            ),
        )  # fmt: skip

    def set_mouse_integration(self, *, possible: bool, integrated: bool) -> None:
        """Show whether the guest knows where the host's pointer is, and need not capture it."""
        self._mouse_integration = (possible, integrated)
        self.set_mouse_captured(False)

    def set_keyboard_captured(self, captured: bool) -> None:
        """Show who has the keyboard."""
        self._show_holder(
            IndicatorKind.KEYBOARD,
            "keyboard-captured" if captured else "keyboard",
            self.tr("The guest gets all keys, those of the desktop too.") if captured
            else self.tr(
                "The guest gets keys while the window has the focus; the desktop keeps its own."
            ),
        )  # fmt: skip

    def _show_holder(self, kind: IndicatorKind, drawing: str, sentence: str) -> None:
        indicator = self._indicators[kind]
        indicator.set_icon(drawing)
        indicator.set_state_sentence(sentence)

    # ------------------------------------------------------------------ events

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the bar itself."""
        self.settings_menu_requested.emit(event.globalPos())

    def _requester(self, spec: IndicatorSpec) -> Callable[[QPoint], None]:
        return lambda position: self.menu_requested.emit(spec, position)

    def _poll(self) -> None:
        for indicator in self._indicators.values():
            indicator.poll()


def _separator() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
