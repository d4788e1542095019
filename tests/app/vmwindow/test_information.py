"""The session information."""

from types import SimpleNamespace

import pytest

from app.api.structs import MachineState
from app.vmwindow.information.chart import SAMPLES, Chart
from app.vmwindow.information.dialog import InformationDialog
from app.vrde.module import ServerInfo
from tests.app.vmwindow.fakes import DISK, FakeMedium


@pytest.fixture
def dialog(window, console):
    console.vm.time = SimpleNamespace(now=lambda: 3_725_000_000_000)
    window.action_set["InformationDialog"].trigger()
    (dialog,) = window.findChildren(InformationDialog)
    return dialog


def rows(item):
    return {item.child(n).text(0): item.child(n).text(1) for n in range(item.childCount())}


def test_configuration(dialog, console):
    general = dialog.configuration.topLevelItem(0)
    assert rows(general)["Name"] == console.machine
    assert rows(general)["Base memory"] == f"{console.settings.hardware.memory_mb} MB"
    titles = [dialog.configuration.topLevelItem(n).text(0) for n in range(dialog.configuration.topLevelItemCount())]
    assert len(titles) == len(set(titles)) > 3


def test_runtime_values_follow_the_machine(dialog, console):
    def values():
        items = [dialog.runtime.topLevelItem(n) for n in range(dialog.runtime.topLevelItemCount())]
        return {item.text(0): item.text(1) for item in items}

    assert values()["VM uptime"] == "1:02:05"
    assert values()["Screen resolution"] == "640 x 400"
    assert values()["State"] == "Running"
    assert values()["Remote display"] == "off"
    console.state = MachineState.PAUSED
    console.remote_display.info = ServerInfo(5901, "127.0.0.1", ("127.0.0.1:40000",))
    dialog.refresh()
    assert values()["State"] == "Paused"
    assert values()["Remote display"] == "port 5901 at 127.0.0.1, used by 127.0.0.1:40000"


def test_charts_count_requests_per_second(dialog, console):
    medium = FakeMedium("/x")
    console.drives.replace(DISK, medium)
    started, used, _, _ = dialog._sample()
    dialog._before = (started - 2.0, used, 0, 0)
    medium.reads, medium.writes = 100, 40
    dialog.refresh()
    reads, writes = (series[-1] for series in dialog.disk._series)
    assert reads == pytest.approx(50, rel=0.1)
    assert writes == pytest.approx(20, rel=0.1)
    assert dialog.load._series[0][-1] < 50


def test_a_hidden_dialog_rests_and_one_of_a_dead_machine_too(dialog, console):
    assert dialog._timer.isActive()
    dialog.hide()
    assert not dialog._timer.isActive()
    dialog.show()
    console.state = MachineState.POWERED_OFF
    dialog.refresh()
    assert not dialog._timer.isActive()


def test_charts_keep_a_minute_and_scale(qtbot):
    chart = Chart(("Reads",), "per second", 10)
    qtbot.addWidget(chart)
    assert chart.top() == 10
    for value in range(200):
        chart.add(float(value))
    assert len(chart._series[0]) == SAMPLES
    assert chart.top() == 199
    assert chart.caption() == "Reads: 199 per second"
    assert not chart.grab().isNull()
