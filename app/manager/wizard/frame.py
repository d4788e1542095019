"""The frame of our guided dialogs: steps at the left, page at the right, buttons below.

QWizard cannot show the list of steps on all platforms, nor a busy state that keeps the pages; this
frame does, and the pages stay plain widgets.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import picture
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.tab_order import move_to_end_of_tab_order


class WizardPage(QWidget):
    """One step.

    Signals:
        complete_changed(): ``is_complete`` may have changed.
    """

    complete_changed = Signal()

    def __init__(self, step: str, title: str, explanation: str) -> None:
        super().__init__()
        self.step = step
        self.title = title
        self.explanation = explanation

    def enter(self) -> None:
        """Prepare to be shown; called each time the page comes up."""

    def is_complete(self) -> bool:
        """Tell whether the next step may follow."""
        return True


class Wizard(QDialog):
    """Frame with pages; subclasses override ``finish`` and may override ``cancel_work``."""

    def __init__(
        self, title: str, icon_name: str, finish_text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._pages: list[WizardPage] = []
        self._steps: list[QLabel] = []
        self._finish_text = finish_text
        self._busy = False

        self._side = self._new_side(icon_name)
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self._title.setFont(font)
        self._explanation = QLabel(self)
        self._explanation.setWordWrap(True)
        self._stack = QStackedWidget(self)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._stack)
        self.failure = FieldMessage(self)
        self.progress_text = QLabel(self)
        self.progress = QProgressBar(self)
        self.progress_text.hide()
        self.progress.hide()

        content = QVBoxLayout()
        content.setContentsMargins(20, 16, 20, 12)
        content.setSpacing(10)
        content.addWidget(self._title)
        content.addWidget(self._explanation)
        content.addWidget(scroll, 1)
        for widget in (self.failure, self.progress_text, self.progress):
            content.addWidget(widget)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self._side)
        upper.addLayout(content, 1)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(upper, 1)
        layout.addWidget(line)
        layout.addLayout(self._new_buttons())
        self.resize(780, 520)

    def _new_side(self, icon_name: str) -> QFrame:
        side = QFrame(self)
        side.setAutoFillBackground(True)
        side.setBackgroundRole(QPalette.ColorRole.Base)
        side.setFixedWidth(190)
        image = QLabel(side)
        image.setPixmap(picture(icon_name, 72, self.devicePixelRatioF()))
        image.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._step_layout = QVBoxLayout(side)
        self._step_layout.setContentsMargins(16, 24, 12, 16)
        self._step_layout.setSpacing(14)
        self._step_layout.addWidget(image)
        self._step_layout.addSpacing(6)
        self._step_layout.addStretch(1)
        return side

    def _new_buttons(self) -> QHBoxLayout:
        self.back_button = QPushButton(self.tr("< &Back"), self)
        self.next_button = QPushButton(self.tr("&Next >"), self)
        self.cancel_button = QPushButton(self.tr("Cancel"), self)
        self.next_button.setDefault(True)
        for button in (self.back_button, self.cancel_button):
            button.setAutoDefault(False)
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self.next)
        self.cancel_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 10, 16, 12)
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        buttons.addSpacing(12)
        buttons.addWidget(self.cancel_button)
        return buttons

    def set_pages(self, pages: Sequence[WizardPage]) -> None:
        """Set the steps in order and show the first."""
        for number, page in enumerate(pages, start=1):
            page.complete_changed.connect(self._show_buttons)
            self._pages.append(page)
            self._stack.addWidget(page)
            label = QLabel(f"{number}.  {page.step}", self._side)
            label.setWordWrap(True)
            self._steps.append(label)
            self._step_layout.insertWidget(self._step_layout.count() - 1, label)
        move_to_end_of_tab_order(self, self.back_button, self.next_button, self.cancel_button)
        self._show_page(0)

    @property
    def page_number(self) -> int:
        """Index of the page shown."""
        return self._stack.currentIndex()

    @property
    def busy(self) -> bool:
        """True while ``finish`` is at work."""
        return self._busy

    def set_busy(self, text: str) -> None:
        """Lock the pages and show a progress with TEXT; an empty text unlocks them again."""
        self._busy = bool(text)
        self.progress_text.setText(text)
        self.progress_text.setVisible(self._busy)
        self.progress.setVisible(self._busy)
        self.progress.setRange(0, 0)
        self._stack.setEnabled(not self._busy)
        self._show_buttons()

    def set_progress(self, percent: int) -> None:
        """Show PERCENT (0 to 100) on the progress bar; below 0 means unknown."""
        self.progress.setRange(0, 0 if percent < 0 else 100)
        self.progress.setValue(max(percent, 0))

    def show_failure(self, sentence: str) -> None:
        """Unlock the pages and say what went wrong."""
        self.set_busy("")
        self.failure.show_message(sentence, Severity.ERROR)

    def back(self) -> None:
        """Go to the previous page."""
        if self.page_number > 0 and not self._busy:
            self._show_page(self.page_number - 1)

    def next(self) -> None:
        """Go to the next page, or finish on the last."""
        if self._busy or not self._pages[self.page_number].is_complete():
            return
        if self.page_number == len(self._pages) - 1:
            self.failure.clear()
            self.finish()
        else:
            self._show_page(self.page_number + 1)

    def finish(self) -> None:
        """Do what the wizard is for; accepts the dialog when that has worked."""
        self.accept()

    def cancel_work(self) -> None:
        """Stop what ``finish`` has begun; only called while busy."""

    def reject(self) -> None:
        """Cancel the work that is going on, otherwise close."""
        if self._busy:
            self.cancel_work()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Treat the window's close button as Cancel."""
        if self._busy:
            event.ignore()
            self.cancel_work()
        else:
            super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow changes of the palette."""
        if event.type() == QEvent.Type.PaletteChange and self._steps:
            self._show_steps()
        super().changeEvent(event)

    def _show_page(self, number: int) -> None:
        page = self._pages[number]
        self.failure.clear()
        self._stack.setCurrentIndex(number)
        self._title.setText(page.title)
        self._explanation.setText(page.explanation)
        self._show_steps()
        page.enter()
        self._show_buttons()

    def _show_steps(self) -> None:
        for number, label in enumerate(self._steps):
            current = number == self.page_number
            font = QFont(self.font())
            font.setBold(current)
            label.setFont(font)
            label.setEnabled(number <= self.page_number)

    def _show_buttons(self) -> None:
        last = self.page_number == len(self._pages) - 1
        self.back_button.setEnabled(self.page_number > 0 and not self._busy)
        self.next_button.setText(self._finish_text if last else self.tr("&Next >"))
        complete = self._pages[self.page_number].is_complete()
        self.next_button.setEnabled(complete and not self._busy)
