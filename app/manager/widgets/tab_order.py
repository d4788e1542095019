"""Keeps the tab order of dialogs whose pages are added after their buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

_TAB = Qt.FocusPolicy.TabFocus


def move_to_end_of_tab_order(window: QWidget, *widgets: QWidget) -> None:
    """Let the Tab key reach WIDGETS after everything else in WINDOW.

    Qt's tab order is the order of creation; the chain starts and ends at the window.
    """
    last: QWidget | None = window.previousInFocusChain()
    # Qt ignores a request to stand behind a widget that takes no focus itself.
    while last is not None and (last in widgets or not last.focusPolicy() & _TAB):
        last = last.previousInFocusChain()
    for widget in widgets:
        if last is not None:
            QWidget.setTabOrder(last, widget)
        last = widget


def lend_focus(widget: QWidget, field: QWidget) -> None:
    """Let FIELD, which is inside WIDGET, have the focus that WIDGET is given.

    A label's mnemonic passes over a buddy without a focus policy of its own, proxy or not.
    """
    widget.setFocusProxy(field)
    widget.setFocusPolicy(field.focusPolicy())
