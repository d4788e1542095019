import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.api.structs import MachineInfo, MachineState
from app.manager.machine_model import MachineListModel, MachineRole


def infos(*names):
    return [MachineInfo(id=f"id-{name}", name=name) for name in names]


@pytest.fixture
def model(qapp):
    model = MachineListModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def names(model):
    return [machine.name for machine in model.machines()]


def test_lists_are_merged_with_few_changes(model, qtbot):
    model.set_machines(infos("a", "b", "c"))
    inserted, removed = [], []
    model.rowsInserted.connect(lambda *change: inserted.append(change[1:]))
    model.rowsRemoved.connect(lambda *change: removed.append(change[1:]))
    model.set_machines(infos("a", "c", "d", "e"))
    assert names(model) == ["a", "c", "d", "e"]
    assert inserted == [(2, 3)]
    assert removed == [(1, 1)]
    assert [model.row_of(f"id-{name}") for name in "abcde"] == [0, -1, 1, 2, 3]


def test_only_real_changes_are_told(model):
    model.set_machines(infos("a"))
    changes = []
    model.dataChanged.connect(lambda first, _last, _roles: changes.append(first.row()))
    model.put_machine(infos("a")[0])
    assert changes == []
    model.put_machine(MachineInfo(id="id-a", name="a", state=MachineState.RUNNING))
    assert changes == [0]
    assert model.index(0).data(MachineRole.STATE_TEXT) == "Running"


def test_removing_unknown_machines_is_harmless(model):
    model.set_machines(infos("a"))
    model.remove_machine("nobody")
    assert names(model) == ["a"]
    assert model.machine("nobody") is None


def test_tool_tip_tells_the_problem(model):
    model.set_machines(
        [MachineInfo(id="1", name="a", accessible=False, access_error="It is broken.")]
    )
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole) == "a, Inaccessible\nIt is broken."
