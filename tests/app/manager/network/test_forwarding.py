"""The table of port-forwarding rules."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from app.manager.network.forwarding import ForwardingEditor
from app.settings.network import PortForwarding


@pytest.fixture
def editor(qtbot):
    widget = ForwardingEditor()
    qtbot.addWidget(widget)
    widget.tester = QAbstractItemModelTester(
        widget.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return widget


def test_rules_are_added_copied_and_removed(editor, qtbot):
    assert not editor.remove_button.isEnabled()
    with qtbot.waitSignal(editor.edited):
        editor.add_button.click()
    index = editor.model.index(0, 3)
    editor.model.setData(index, 2222)
    editor.copy_button.click()
    assert [(each.name, each.host_port) for each in editor.rules()] == [
        ("Rule 1", 2222), ("Rule 2", 2222)
    ]  # fmt: skip
    editor.remove_button.click()
    editor.remove_button.click()
    assert editor.rules() == []
    assert not editor.copy_button.isEnabled()


def test_rules_that_are_shown_are_copies(editor):
    rule = PortForwarding(name="ssh", host_port=2222, guest_port=22)
    editor.set_rules([rule])
    editor.model.setData(editor.model.index(0, 0), " web ")
    assert rule.name == "ssh"
    assert editor.rules()[0].name == "web"
    assert editor.model.data(editor.model.index(0, 1)) == "TCP"
    assert editor.model.headerData(4, Qt.Orientation.Horizontal) == "Guest IP"


def test_fields_have_editors_of_their_kind(editor):
    editor.set_rules([PortForwarding(name="ssh", host_port=2222, guest_port=22)])
    delegate, holder = editor.table.itemDelegate(), QWidget(editor)
    protocol = editor.model.index(0, 1)
    box = delegate.createEditor(holder, None, protocol)
    assert isinstance(box, QComboBox)
    delegate.setEditorData(box, protocol)
    assert box.currentText() == "TCP"
    box.setCurrentText("UDP")
    delegate.setModelData(box, editor.model, protocol)
    assert editor.rules()[0].protocol == 0
    port = editor.model.index(0, 5)
    spin = delegate.createEditor(holder, None, port)
    assert isinstance(spin, QSpinBox)
    assert spin.maximum() == 65535
    delegate.setEditorData(spin, port)
    spin.setValue(443)
    delegate.setModelData(spin, editor.model, port)
    assert editor.rules()[0].guest_port == 443


def test_problems_are_told(editor):
    editor.add()
    assert "needs a host port" in editor.problem()
