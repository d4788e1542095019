"""The left column: tools item, way back out of a group, machine list, search box."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.common.icons import icon
from app.manager.chooser.definitions import ROOT, parent_path
from app.manager.chooser.model import ChooserModel
from app.manager.chooser.search import SearchBar
from app.manager.chooser.view import ChooserView


class ChooserColumn(QWidget):
    """Everything at the left of the window.

    Attributes:
        tools: the item above the list that opens the global tools; its arrow lists them.
        view: the machine list.
        search: the search box.

    Signals:
        global_tools_requested(): the tools item was pressed.
    """

    global_tools_requested = Signal()

    def __init__(self, model: ChooserModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ChooserView(model, self)
        self.search = SearchBar(self.view, model, self)
        self.tools = QToolButton(self)
        self.tools.setText(self.tr("Tools"))
        self.tools.setIcon(icon("preferences"))
        self.tools.setIconSize(QSize(32, 32))
        self.tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.tools.setCheckable(True)
        self.tools.setAutoRaise(True)
        self.tools.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tools.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tools.setToolTip(self.tr("Open the tools that belong to no machine"))
        self.tools.clicked.connect(self.global_tools_requested)
        self.back = QToolButton(self)
        self.back.setIcon(icon("back"))
        self.back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back.setAutoRaise(True)
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.back.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back.clicked.connect(self._leave_group)
        self.back.hide()
        self.view.root_changed.connect(self._on_root_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (self.tools, self.back, self.view, self.search):
            layout.addWidget(widget)

    def set_tools_menu(self, menu: QMenu) -> None:
        """Have the arrow of the tools item open MENU."""
        self.tools.setMenu(menu)
        self.tools.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def _leave_group(self) -> None:
        self.view.enter_group(parent_path(self.view.entered_group))

    def _on_root_changed(self, path: str) -> None:
        self.back.setVisible(path != ROOT)
        self.back.setText(path)
        tip = self.tr("Leave the group {path}").format(path=path)
        self.back.setToolTip(tip)
        self.back.setAccessibleName(tip)
