"""One notification as a card."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import picture
from app.manager.notifications.center import Kind, Notification
from app.manager.widgets.icon_button import IconButton

_ICONS = {
    Kind.PROGRESS: "progress",
    Kind.DONE: "ok",
    Kind.INFO: "info",
    Kind.WARNING: "warning",
    Kind.ERROR: "error",
}


class NotificationCard(QFrame):
    """Icon, title, text, progress, and the buttons that apply.

    Signals:
        dismissed(): the card shall go.
    """

    dismissed = Signal()

    def __init__(self, notification: Notification, parent: QWidget) -> None:
        super().__init__(parent)
        self.notification = notification
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._icon = QLabel(self)
        self._title = self._label()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._text = self._label()
        self._details = self._label()
        self._details.hide()
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(True)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.clicked.connect(notification.cancel)
        self.more = QPushButton(self.tr("Details"), self)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._details.setVisible)
        self.dismiss = IconButton("close", self.tr("Dismiss"), self, flat=True)
        self.dismiss.clicked.connect(self.dismissed)

        header = QHBoxLayout()
        header.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        header.addWidget(self._title, 1)
        header.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.more)
        buttons.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 6, 8)
        layout.setSpacing(6)
        layout.addLayout(header)
        for widget in (self._text, self._details, self.progress):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        notification.changed.connect(self.show_notification)
        self.show_notification()

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        label.setMinimumWidth(1)
        return label

    def show_notification(self) -> None:
        """Show what the notification says now."""
        told = self.notification
        self._icon.setPixmap(picture(_ICONS[told.kind], 20, self.devicePixelRatioF()))
        self._title.setText(told.title)
        self._text.setText(told.text)
        self._text.setVisible(bool(told.text))
        self._details.setText(told.details)
        self.more.setVisible(bool(told.details))
        self.progress.setVisible(told.is_under_way)
        self.progress.setRange(0, 100 if told.percent >= 0 else 0)
        self.progress.setValue(max(told.percent, 0))
        self.progress.setAccessibleName(told.title)
        self.cancel.setVisible(told.can_be_cancelled)
        self.dismiss.setAccessibleName(self.tr("Dismiss “{title}”").format(title=told.title))
        self.setAccessibleName(f"{told.title}. {told.text}")
