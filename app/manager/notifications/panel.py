"""The panel at the right edge that shows the notifications, and the button that opens it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.layout_memory import LayoutMemory
from app.manager.notifications.card import NotificationCard
from app.manager.notifications.center import Kind, Notification, NotificationCenter
from app.manager.widgets.icon_button import IconButton

# VirtualBox's keys and values, its spelling included.
_KEEP_KEY: Final = "GUI/NotificationCenter/KeepSuccessfullProgresses"
_ORDER_KEY: Final = "GUI/NotificationCenter/Order"
_ASCENDING: Final = "Ascending"
_DESCENDING: Final = "Descending"
_OPEN_KEY: Final = "GUI/NotificationCenter/Open"
_WIDTH: Final = 280


class NotificationPanel(QFrame):
    """Cards below a row of buttons, over the right edge of its parent.

    It opens by itself when attention is wanted, without moving what a person is working with.

    Signals:
        shown_changed(bool): the panel was opened or closed.
    """

    shown_changed = Signal(bool)

    def __init__(self, center: NotificationCenter, memory: LayoutMemory, parent: QWidget) -> None:
        super().__init__(parent)
        self._center = center
        self._memory = memory
        self._owner = parent
        self._cards: dict[Notification, NotificationCard] = {}
        self._newest_first = True
        self._opened_itself = False
        self.setAutoFillBackground(True)
        parent.installEventFilter(self)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName(self.tr("Notifications"))
        self._empty = QLabel(self.tr("Nothing is going on, and nothing went wrong."), self)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(4, 4, 4, 4)
        self.keep = self._toggle("keep-finished", self.tr("Keep finished work in the list"))
        self.order = self._toggle("sort", self.tr("Oldest first"))
        self.clear = IconButton(
            "clear", self.tr("Dismiss everything that is over"), self, flat=True
        )
        self.hide_button = IconButton("close", self.tr("Hide the notifications"), self, flat=True)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self._build()
        self.keep.toggled.connect(self._on_keep_toggled)
        self.order.toggled.connect(self._on_order_toggled)
        self.clear.clicked.connect(center.dismiss_finished)
        self.hide_button.clicked.connect(lambda: self.set_open(opened=False))
        center.added.connect(self._on_added)
        center.removed.connect(self._on_removed)
        center.attention_wanted.connect(self._on_attention_wanted)
        self.hide()

    def _build(self) -> None:
        title = QLabel(self.tr("Notifications"), self)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        header = QHBoxLayout()
        header.addWidget(title, 1)
        for button in (self.keep, self.order, self.clear, self.hide_button):
            header.addWidget(button)
        content = QWidget(self)
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._empty)
        inner.addLayout(self._list)
        inner.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.addLayout(header)
        layout.addWidget(area, 1)

    def _toggle(self, icon_name: str, tip: str) -> QToolButton:
        button = IconButton(icon_name, tip, self, flat=True)
        button.setCheckable(True)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right edge of the parent."""
        if event.type() is QEvent.Type.Resize and watched is self._owner:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        area = self._owner.rect()
        self.setGeometry(area.adjusted(area.width() - _WIDTH, 0, 0, 0))

    # -- what is remembered --------------------------------------------------------------------

    def recall(self) -> None:
        """Take over what was stored last time."""
        self.keep.setChecked(self._memory.value(_KEEP_KEY) == "true")
        self.order.setChecked(self._memory.value(_ORDER_KEY) == _ASCENDING)
        if self._memory.value(_OPEN_KEY) == "true":
            self.set_open(opened=True)

    def set_open(self, *, opened: bool) -> None:
        """Open or close the panel because a person wants it, and remember that."""
        self._opened_itself = False
        self._show(opened)
        self._memory.store(_OPEN_KEY, "true" if opened else "")

    def _show(self, opened: bool) -> None:
        if opened == self.isHidden():
            self._place()
            self.setVisible(opened)
            self.raise_()
            self.shown_changed.emit(opened)

    def _on_keep_toggled(self, keep: bool) -> None:
        self._center.set_keep_finished(keep)
        self._memory.store(_KEEP_KEY, "true" if keep else "")

    def _on_order_toggled(self, ascending: bool) -> None:
        self._newest_first = not ascending
        self._memory.store(_ORDER_KEY, _ASCENDING if ascending else _DESCENDING)
        cards = [self._cards[each] for each in self._center.notifications()]
        for card in cards:
            self._list.removeWidget(card)
            self._list.insertWidget(0 if self._newest_first else -1, card)

    # -- cards ---------------------------------------------------------------------------------

    def cards(self) -> list[NotificationCard]:
        """Return the cards from top to bottom."""
        items = [self._list.itemAt(place) for place in range(self._list.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, NotificationCard)]

    def _on_added(self, notification: Notification) -> None:
        card = NotificationCard(notification, self)
        card.dismissed.connect(lambda: self._center.dismiss(notification))
        self._cards[notification] = card
        self._list.insertWidget(0 if self._newest_first else -1, card)
        self._empty.hide()

    def _on_removed(self, notification: Notification) -> None:
        card = self._cards.pop(notification)
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()
        self._empty.setVisible(not self._cards)
        if not self._cards and self._opened_itself:
            self._opened_itself = False
            self._show(opened=False)

    def _on_attention_wanted(self) -> None:
        if self.isHidden():
            self._opened_itself = True
            self._show(opened=True)


class NotificationButton(QToolButton):
    """Button in the status bar: how many notifications there are, and how bad it is."""

    def __init__(self, center: NotificationCenter, panel: NotificationPanel) -> None:
        super().__init__()
        self._center = center
        self.setAutoRaise(True)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self.clicked.connect(lambda checked: panel.set_open(opened=checked))
        panel.shown_changed.connect(self.setChecked)
        center.changed.connect(self._show_state)
        self._show_state()

    def _show_state(self) -> None:
        kinds = {each.kind for each in self._center.notifications()}
        worst = next(
            (kind for kind in (Kind.ERROR, Kind.WARNING, Kind.PROGRESS) if kind in kinds), None
        )
        self.setIcon(icon(worst.value if worst is not None else "notifications"))
        count = len(self._center.notifications())
        self.setText(str(count) if count else "")
        tip = self.tr("Notifications: {count}").format(count=count)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
