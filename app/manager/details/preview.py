"""What is on the screen of a running machine, small and kept up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QActionGroup,
    QContextMenuEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.api.errors import ApiError
from app.api.structs import MachineInfo, MachineState
from app.manager.service_link import ServiceLink
from app.manager.widgets.foldable_box import FoldableBox

UPDATE_KEY: Final = "GUI/PreviewUpdate"
_OFF: Final = "disabled"
USUAL_RATE: Final = "1000"

RATES: Final = (
    (_OFF, str(QT_TRANSLATE_NOOP("Preview", "Update &Off"))),
    ("500", str(QT_TRANSLATE_NOOP("Preview", "Every &0.5 s"))),
    ("1000", str(QT_TRANSLATE_NOOP("Preview", "Every &1 s"))),
    ("2000", str(QT_TRANSLATE_NOOP("Preview", "Every &2 s"))),
    ("5000", str(QT_TRANSLATE_NOOP("Preview", "Every &5 s"))),
    ("10000", str(QT_TRANSLATE_NOOP("Preview", "Every 1&0 s"))),
)
"""Values of :data:`UPDATE_KEY` (milliseconds) and what the menu says."""

_SEEN_STATES: Final = frozenset({MachineState.RUNNING, MachineState.PAUSED, MachineState.STUCK})


class PreviewPicture(QWidget):
    """The picture, or a sentence instead.

    Signals:
        activated(): it was double-clicked, or Enter pressed on it.
        menu_requested(QPoint): the menu shall open here.
    """

    activated = Signal()
    menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = QImage()
        self.text = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Preview of the screen"))
        self.setToolTip(
            self.tr("Double-click to show the window; the context menu has update rates.")
        )
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a size in which text modes can be guessed."""
        return QSize(256, 192)

    def show_picture(self, image: QImage, text: str) -> None:
        """Show IMAGE, and TEXT over it."""
        self.image, self.text = image, text
        self.setAccessibleDescription(text)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint a black screen with the picture in it."""
        painter = QPainter(self)
        area = self.rect()
        painter.fillRect(area, Qt.GlobalColor.black)
        if not self.image.isNull():
            ratio = self.devicePixelRatioF()
            # Painting with a scale would drop the thin strokes of text.
            shown = self.image.scaled(
                area.size() * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            shown.setDevicePixelRatio(ratio)
            target = QRect(area.topLeft(), shown.deviceIndependentSize().toSize())
            target.moveCenter(area.center())
            painter.drawImage(target, shown)
        if self.text:
            painter.setPen(Qt.GlobalColor.white)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(8, 8, -8, -8), flags, self.text)
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.end()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Show the window."""
        self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what a double click does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer update rates."""
        self.menu_requested.emit(event.globalPos())


class PreviewBox(FoldableBox):
    """A box of the details; hidden unless the machine has a screen to look at.

    Attributes:
        picture: the screen.

    Signals:
        rate_chosen(str): how often it shall be updated, as a value of ``GUI/PreviewUpdate``.
    """

    rate_chosen = Signal(str)

    def __init__(
        self, link: ServiceLink, show_window: Callable[[MachineInfo], None], parent: QWidget
    ) -> None:
        super().__init__(
            QCoreApplication.translate("Preview", str(QT_TRANSLATE_NOOP("Preview", "Preview"))),
            "preview",
            heading_tip=QCoreApplication.translate(
                "Preview", str(QT_TRANSLATE_NOOP("Preview", "Show the window of the machine"))
            ),
            parent=parent,
        )
        self._link = link
        self._show_window = show_window
        self._machine: MachineInfo | None = None
        self._rate = USUAL_RATE
        self._is_waiting = False
        self.picture = PreviewPicture(self.body)
        layout = QHBoxLayout(self.body)
        layout.setContentsMargins(30, 2, 8, 6)
        layout.addWidget(self.picture)
        layout.addStretch(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._fetch)
        self.picture.activated.connect(self._activate)
        self.heading_activated.connect(self._activate)
        self.picture.menu_requested.connect(lambda place: self.new_menu().popup(place))
        self.fold_changed.connect(self._run)
        self.hide()

    @property
    def rate(self) -> str:
        """How often the picture is fetched."""
        return self._rate

    def set_rate(self, rate: str) -> None:
        """Fetch the picture as often as RATE says; unknown rates count as the usual one."""
        self._rate = rate if rate in dict(RATES) else USUAL_RATE
        self._run()

    def show_machine(self, machine: MachineInfo) -> None:
        """Show the screen of MACHINE if it is on."""
        other = self._machine is None or self._machine.id != machine.id
        self._machine = machine
        seen = machine.state in _SEEN_STATES
        if other or not seen:
            self._is_waiting = False
            self.picture.show_picture(QImage(), "")
        self.setVisible(seen)
        self._run()

    def _run(self) -> None:
        """Fetch while there is something to see and somebody to see it."""
        machine = self._machine
        if machine is None or self.isHidden() or self.folded or not self.isVisible():
            self._timer.stop()
        elif self._rate == _OFF:
            self._timer.stop()
            self.picture.show_picture(QImage(), self._translate_off())
        else:
            self._timer.start(int(self._rate))
            self._fetch()

    @staticmethod
    def _translate_off() -> str:
        return QCoreApplication.translate(
            "Preview", str(QT_TRANSLATE_NOOP("Preview", "The preview is switched off."))
        )

    def _fetch(self) -> None:
        machine = self._machine
        # A machine that takes long to answer is not asked again meanwhile.
        if machine is None or self._is_waiting or not self._link.is_connected:
            return
        self._is_waiting = True

        def done(png: bytes) -> None:
            if machine.id == self._shown_id():
                self._is_waiting = False
                self._take(png)

        def failed(error: ApiError) -> None:
            if machine.id == self._shown_id():
                self._is_waiting = False
                self.picture.show_picture(QImage(), error.message)

        self._link.call(self, "console.screenshot", {"id": machine.id}, done, failed)

    def _shown_id(self) -> str:
        return self._machine.id if self._machine is not None else ""

    def _take(self, png: bytes) -> None:
        if self._rate == _OFF:
            return
        image = QImage()
        image.loadFromData(png)
        text = ""
        if self._machine is not None and self._machine.state is MachineState.PAUSED:
            text = QCoreApplication.translate("MachineState", "Paused")
        self.picture.show_picture(image, text)

    def new_menu(self) -> QMenu:
        """Return the menu of update rates."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for rate, text in RATES:
            action = menu.addAction(QCoreApplication.translate("Preview", text))
            action.setCheckable(True)
            action.setChecked(rate == self._rate)
            group.addAction(action)
            action.triggered.connect(lambda _on=False, rate=rate: self._choose(rate))
        return menu

    def _choose(self, rate: str) -> None:
        self.set_rate(rate)
        self.rate_chosen.emit(rate)

    def _activate(self) -> None:
        if self._machine is not None:
            self._show_window(self._machine)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on."""
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        """Fetch nothing that nobody sees."""
        self._timer.stop()
        super().hideEvent(event)
