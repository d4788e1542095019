"""The frame of our guided dialogs: steps at the left, page at the right, buttons below.

QWizard cannot show the list of steps on all platforms, nor a busy state that keeps the pages; this
frame does, and the pages stay plain widgets. In expert mode the same pages stand below each other
in foldable boxes, and what is done on one shows at once on those after it.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
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
from app.manager.widgets.foldable_box import FoldableBox
from app.manager.widgets.mnemonics import carriers_in, mnemonic, with_mnemonics
from app.manager.widgets.tab_order import move_to_end_of_tab_order

_SIZE = QSize(800, 540)
# Fits into a screen of 1024 x 768 with the panels of a desktop.
_EXPERT_HEIGHT = 680


class WizardPage(QWidget):
    """One step.

    Args:
        step: a few words for the list of steps and for the box in expert mode.
        title: heading.
        explanation: a sentence or two below the heading, in guided mode only.
        icon_name: drawing of the box in expert mode; empty for a page that only guided mode has.

    Signals:
        complete_changed(): ``is_complete`` may have changed, or what later pages follow.
    """

    complete_changed = Signal()

    def __init__(self, step: str, title: str, explanation: str, icon_name: str = "") -> None:
        super().__init__()
        self.step = step
        self.title = title
        self.explanation = explanation
        self.icon_name = icon_name

    def refresh(self) -> None:
        """Follow what earlier pages hold now."""

    def enter(self) -> None:
        """Prepare to be shown; called each time the page comes up in guided mode."""
        self.refresh()

    def set_expert(self, expert: bool) -> None:
        """Show, or hide, what only experts ask for."""

    def is_complete(self) -> bool:
        """Tell whether the next step may follow."""
        return True


class Wizard(QDialog):
    """Frame with pages; subclasses override ``finish`` and may override ``cancel_work``.

    Args:
        title: of the window.
        icon_name: drawing above the steps.
        finish_text: text of the last page's button.
        parent: window that the dialog belongs to.
        has_expert_mode: offer to switch to expert mode.

    Signals:
        expert_changed(bool): a person switched between guided and expert mode.
    """

    expert_changed = Signal(bool)

    def __init__(
        self,
        title: str,
        icon_name: str,
        finish_text: str,
        parent: QWidget | None = None,
        *,
        has_expert_mode: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._pages: list[WizardPage] = []
        self._boxes: list[FoldableBox] = []
        self._steps: list[QLabel] = []
        self._finish_text = finish_text
        self._busy = False
        self._expert = False

        self._side = self._new_side(icon_name)
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self._title.setFont(font)
        self._explanation = QLabel(self)
        self._explanation.setWordWrap(True)
        self._stack = QStackedWidget(self)
        self._expert_view = QWidget(self)
        self._expert_layout = QVBoxLayout(self._expert_view)
        self._expert_layout.setContentsMargins(0, 0, 0, 0)
        self._expert_layout.addStretch(1)
        self._views = QStackedWidget(self)
        self._views.addWidget(_scrolling(self._stack))
        self._views.addWidget(_scrolling(self._expert_view))
        self.failure = FieldMessage(self)
        self.progress_text = QLabel(self)
        self.progress = QProgressBar(self)
        self.progress_text.hide()
        self.progress.hide()
        self._arrange(has_expert_mode=has_expert_mode)
        self.resize(_SIZE)

    def _arrange(self, *, has_expert_mode: bool) -> None:
        content = QVBoxLayout()
        content.setContentsMargins(20, 16, 20, 12)
        content.setSpacing(10)
        content.addWidget(self._title)
        content.addWidget(self._explanation)
        content.addWidget(self._views, 1)
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
        self.mode_button.setVisible(has_expert_mode)

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
        self.mode_button = QPushButton(self.tr("E&xpert Mode"), self)
        self.back_button = QPushButton(self.tr("< &Back"), self)
        self.next_button = QPushButton(self.tr("&Next >"), self)
        self.cancel_button = QPushButton(self.tr("Cancel"), self)
        self.next_button.setDefault(True)
        for button in (self.mode_button, self.back_button, self.cancel_button):
            button.setAutoDefault(False)
        self.mode_button.clicked.connect(self._switch_mode)
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self.next)
        self.cancel_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 10, 16, 12)
        buttons.setSpacing(8)
        buttons.addWidget(self.mode_button)
        buttons.addStretch(1)
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        buttons.addSpacing(12)
        buttons.addWidget(self.cancel_button)
        return buttons

    def set_pages(self, pages: Sequence[WizardPage]) -> None:
        """Set the steps in order and show the first."""
        for number, page in enumerate(pages, start=1):
            page.complete_changed.connect(partial(self._on_page_changed, page))
            self._pages.append(page)
            self._stack.addWidget(page)
            label = QLabel(f"{number}.  {page.step}", self._side)
            label.setWordWrap(True)
            self._steps.append(label)
            self._step_layout.insertWidget(self._step_layout.count() - 1, label)
        self._put_buttons_last()
        self._show_page(0)

    def _put_buttons_last(self) -> None:
        move_to_end_of_tab_order(
            self, self.mode_button, self.back_button, self.next_button, self.cancel_button
        )

    @property
    def expert(self) -> bool:
        """True in expert mode."""
        return self._expert

    def set_expert(self, expert: bool) -> None:
        """Show all pages below each other, or one after the other."""
        if expert == self._expert or self._busy:
            return
        self._expert = expert
        self.mode_button.setText(self.tr("&Guided Mode") if expert else self.tr("E&xpert Mode"))
        self._side.setVisible(not expert)
        self._explanation.setVisible(not expert)
        for page in self._pages:
            page.set_expert(expert)
        if expert:
            self._fill_expert_view()
            self.resize(self.width(), max(self.height(), _EXPERT_HEIGHT))
        else:
            self._empty_expert_view()
        self._views.setCurrentIndex(1 if expert else 0)
        self._put_buttons_last()
        self._show_page(0)

    def _fill_expert_view(self) -> None:
        for page in self._pages:
            if not page.icon_name:
                continue
            self._stack.removeWidget(page)
            tip = self.tr("Show or hide “{section}”").format(section=page.step)
            box = FoldableBox(page.step, page.icon_name, heading_tip=tip, parent=self._expert_view)
            box.heading_activated.connect(partial(_toggle, box))
            layout = QVBoxLayout(box.body)
            layout.setContentsMargins(26, 4, 6, 6)
            layout.addWidget(page)
            page.show()
            self._expert_layout.insertWidget(self._expert_layout.count() - 1, box)
            self._boxes.append(box)
        self._deal_letters()

    def _deal_letters(self) -> None:
        """Give what was on different pages different letters."""
        carriers = [each for page in self._pages for each in carriers_in(page)]
        around = (self.mode_button.text(), self._finish_text, self.cancel_button.text())
        texts = with_mnemonics((each.text() for each in carriers), set(map(mnemonic, around)))
        for carrier, text in zip(carriers, texts, strict=True):
            carrier.setText(text)

    def _empty_expert_view(self) -> None:
        for number, page in enumerate(self._pages):
            if page.icon_name:
                self._stack.insertWidget(number, page)
        for box in self._boxes:
            self._expert_layout.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._boxes.clear()

    def _switch_mode(self) -> None:
        self.set_expert(not self._expert)
        self.expert_changed.emit(self._expert)

    def _on_page_changed(self, page: WizardPage) -> None:
        if self._expert:
            for later in self._pages[self._pages.index(page) + 1 :]:
                if later.icon_name:
                    later.refresh()
        self._show_buttons()

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
        self._views.setEnabled(not self._busy)
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
        if self.page_number > 0 and not self._busy and not self._expert:
            self._show_page(self.page_number - 1)

    def next(self) -> None:
        """Go to the next page, or finish on the last."""
        if self._busy or not self._is_complete():
            return
        if self._is_last():
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

    def _is_last(self) -> bool:
        return self._expert or self.page_number == len(self._pages) - 1

    def _is_complete(self) -> bool:
        if self._expert:
            return all(page.is_complete() for page in self._pages if page.icon_name)
        return self._pages[self.page_number].is_complete()

    def _show_page(self, number: int) -> None:
        page = self._pages[number]
        self.failure.clear()
        if self._expert:
            self._title.setText(self.windowTitle())
            page.enter()
            self._on_page_changed(page)
            return
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
        last = self._is_last()
        self.mode_button.setEnabled(not self._busy)
        self.back_button.setVisible(not self._expert)
        self.back_button.setEnabled(self.page_number > 0 and not self._busy)
        self.next_button.setText(self._finish_text if last else self.tr("&Next >"))
        self.next_button.setEnabled(self._is_complete() and not self._busy)


def _scrolling(widget: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidgetResizable(True)
    scroll.setWidget(widget)
    return scroll


def _toggle(box: FoldableBox) -> None:
    box.set_folded(not box.folded)
