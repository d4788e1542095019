"""One setting on a page: caption, editor, and the mark of a changed value."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QWidget

from app.manager.settings_dialog.context import Condition, DialogContext
from app.manager.settings_dialog.fields.simple import Switch, TextSwitch, make_editor
from app.manager.settings_dialog.spec import FieldSpec, Level, translated
from app.manager.widgets.icon_button import IconButton


class FieldRow(QWidget):
    """The right-hand cell of a row; the caption is a label of its own."""

    def __init__(self, context: DialogContext, spec: FieldSpec, parent: QWidget) -> None:
        super().__init__(parent)
        self.spec = spec
        self._context = context
        self.editor = make_editor(context, spec, self)
        self.editor.set_names(spec.title, spec.help_text)
        self.caption = QLabel(self._caption_text(), parent)
        self.caption.setBuddy(self.editor)
        self.revert_button = IconButton(
            "revert", self.tr("Changed. Press to take the change back."), self, flat=True
        )
        self.revert_button.setAccessibleName(
            self.tr("Take back the change of: {setting}").format(setting=spec.title)
        )
        policy = self.revert_button.sizePolicy()
        policy.setRetainSizeWhenHidden(not spec.wide)
        self.revert_button.setSizePolicy(policy)
        self.revert_button.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.revert_button, 0, Qt.AlignmentFlag.AlignTop)
        self.revert_button.clicked.connect(self.revert)
        self.editor.edited.connect(lambda: context.draft.set(spec.path, self.editor.value))

    def _caption_text(self) -> str:
        if isinstance(self.editor, Switch | TextSwitch):
            text = translated(self.spec.caption)
        else:
            text = self.spec.title
        return f"{text}:" if text else ""

    def add_to(self, form: QFormLayout) -> None:
        """Append the row to FORM."""
        if self.spec.wide:
            self.caption.hide()
            form.addRow(self)
        else:
            form.addRow(self.caption, self)

    def show_setting(self) -> None:
        """Show the value that the draft has now."""
        value = self._context.draft.get(self.spec.path)
        if value != self.editor.value or self.editor.shows_more:
            self.editor.show_value(value)

    def revert(self) -> None:
        """Take every change of the row back."""
        for path in (self.spec.path, *self.spec.also):
            if self._context.draft.is_changed(path):
                self._context.draft.revert(path)

    def is_wanted(self, *, expert: bool) -> bool:
        """Tell whether the row is shown."""
        if not expert and self.spec.level is Level.EXPERT:
            return False
        rule = self.spec.requires
        return rule is None or bool(rule.reason) or rule.holds(self._context.draft.settings)

    def update_state(self) -> None:
        """Show whether the value is changed, and allow what may be done now."""
        draft = self._context.draft
        changed = any(draft.is_changed(path) for path in (self.spec.path, *self.spec.also))
        font = self.caption.font()
        if font.bold() != changed:
            font.setBold(changed)
            self.caption.setFont(font)
            if isinstance(self.editor, Switch | TextSwitch):
                self.editor.box.setFont(font)
        self.revert_button.setVisible(changed)
        condition = self._context.condition
        self.editor.follow_condition(condition)
        reason = self.why_not(condition)
        self.editor.setEnabled(not reason)
        self.caption.setEnabled(not reason)
        self.revert_button.setEnabled(not reason or condition is not Condition.STOPPED)
        help_text = self.spec.help_text
        tip = f"{help_text}\n\n{reason}" if reason else help_text
        if tip != self.editor.toolTip():
            self.editor.setToolTip(tip)
            self.caption.setToolTip(tip)

    def why_not(self, condition: Condition) -> str:
        """Return why the setting cannot be changed now, or an empty string."""
        if condition is not Condition.STOPPED and not self.spec.is_hot:
            if condition is Condition.RUNNING:
                return self.tr("This cannot change while the machine runs.")
            return self.tr("This cannot change while the machine has a saved state.")
        rule = self.spec.requires
        if rule is not None and rule.reason and not rule.holds(self._context.draft.settings):
            return translated(rule.reason)
        return ""
