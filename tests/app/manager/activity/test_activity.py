"""Charts and table of what machines take; the service measures a VM process that counts."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from app.manager.activity import feed
from app.manager.activity.chart import Line, LineChart, nice_ceiling
from app.manager.activity.overview import COLUMNS
from app.manager.activity.pane import write_text
from app.manager.activity.words import count_rate_text, kilobytes_text, percent_text, rate_text

PATIENCE_MS = 20_000


@pytest.fixture
def machine(api, window, wait_until):
    made = api.virtualbox.create_machine("Runner", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 1)
    window.select_machine(made.id)
    return made


@pytest.fixture
def running(machine, api, link, wait_until):
    api.machine(machine.id).launch("headless")
    wait_until(lambda: link.model.machine(machine.id).state.is_online)
    yield machine
    if api.virtualbox.find_machine(machine.id).state.is_online:
        api.console(machine.id).power_off()


def test_a_machine_that_does_not_run_says_so(window, machine):
    window.open_tool("VMActivity")
    pane = window.tools.pane("VMActivity")
    assert "is not running" in pane.note.text()
    assert pane.pages.currentIndex() == 0
    assert "Nothing was measured yet." in window.actions_["activity-export"].toolTip()


def test_charts_fill_and_are_exported(window, running, wait_until, tmp_path, dialog_of_class, api):
    window.open_tool("VMActivity")
    pane = window.tools.pane("VMActivity")
    wait_until(lambda: len(pane._samples.get(feed.DISK_READ, ())) > 1, PATIENCE_MS)
    assert pane.pages.currentIndex() == 1
    legends = {chart.title: chart.legend() for chart in pane.charts}
    assert pane._samples[feed.GUEST_LOAD][-1] > 50
    assert legends["CPU Load"][0].startswith("Guest: ")
    assert legends["VM Exits"][0].startswith("Exits: ")
    assert legends["Network"] == []
    assert [line.split(":")[0] for line in legends["Disk I/O"]] == ["Read", "Written"]
    assert pane.charts[0].accessibleDescription().startswith("Guest: ")
    window.actions_["activity-export"].trigger()
    dialog = dialog_of_class(QFileDialog)
    target = tmp_path / "export.txt"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    wait_until(target.exists)
    lines = target.read_text().splitlines()
    assert lines[0].startswith("seconds\tVM/CPU/Guest\t")
    assert lines[-1].startswith("0\t")
    api.console(running.id).power_off()
    wait_until(lambda: "is not running" in pane.note.text())


def test_the_overview_lists_who_runs(window, running, api, wait_until):
    window.open_tool("VMActivity")
    window.actions_["activity-overview"].trigger()
    pane = window.tools.pane("VMActivityOverview")
    assert window.tools.open_tool.name == "VMActivityOverview"
    row = pane.table.topLevelItem(0)
    numbers = {column.name: number for number, column in enumerate(COLUMNS)}
    assert row.text(0) == "Runner"
    wait_until(lambda: row.text(numbers["DiskIOReadRate"]).endswith("/s"), PATIENCE_MS)
    assert float(row.text(numbers["CPUGuestLoad"]).split()[0]) > 50
    assert row.text(numbers["NetworkUpRate"]) == "N/A"
    assert " / 32.00 MB" in row.text(numbers["RAMUsedAndTotal"])
    wait_until(lambda: pane.host.text().startswith("Host: CPU"), PATIENCE_MS)
    share = numbers["RAMUsedPercentage"]
    wait_until(lambda: row.text(share).endswith(" %"), PATIENCE_MS)
    assert 0 < float(row.text(share).split()[0]) < 50
    assert "Select a running machine." in window.actions_["overview-vm-activity"].toolTip()
    pane.table.setCurrentItem(row)
    window.actions_["overview-vm-activity"].trigger()
    assert window.tools.open_tool.name == "VMActivity"
    assert window.selected_machine.name == "Runner"
    api.console(running.id).power_off()
    wait_until(lambda: pane.table.topLevelItemCount() == 0)
    assert pane.pages.currentIndex() == 0


def test_columns_are_chosen_and_kept(window, api, wait_until):
    window.open_tool("VMActivityOverview")
    pane = window.tools.pane("VMActivityOverview")
    menu = pane.new_columns_menu()
    shown = {action.text(): action for action in menu.actions()}
    assert "Machine" not in shown
    assert not shown["Disk Read Total"].isChecked()
    shown["VM Exits"].setChecked(False)
    assert "VMExits" in pane.hidden_columns()
    key = "GUI/VMActivityOverview/HiddenColumns"
    wait_until(lambda: "VMExits" in api.virtualbox.get_extra_data(key))
    menu.close()


def test_feeds_rest_while_nobody_looks(window, running, wait_until):
    window.open_tool("VMActivity")
    pane = window.tools.pane("VMActivity")
    assert pane.feed._timer.isActive()
    window.open_tool("Details")
    assert not pane.feed._timer.isActive()


@pytest.mark.parametrize(
    ("value", "ceiling", "binary"),
    [(0, 1, 1024), (1, 1, 1024), (1.5, 2, 1024), (7, 10, 1024), (1025, 2000, 2048)],
)
def test_ceilings_are_round(value, ceiling, binary):
    assert nice_ceiling(value) == ceiling
    assert nice_ceiling(value, binary=True) == binary


def test_a_chart_tells_the_values_at_the_pointer(qtbot):
    chart = LineChart("Load", (Line("a", "A"), Line("b", "B")), percent_text,
                      samples=11, period=1, maximum=100)  # fmt: skip
    qtbot.addWidget(chart)
    chart.resize(600, 140)
    chart.show_values(([1.0, 2.0, 3.0], [9.0]))
    plot = chart._plot()
    assert chart.values_at(plot.right()) == ["0 s ago", "A: 3.0 %", "B: 9.0 %"]
    assert chart.values_at(plot.right() - plot.width() / 10) == ["1 s ago", "A: 2.0 %"]
    assert chart.values_at(plot.left()) == []
    assert chart.values_at(0) == []
    assert not chart.grab().isNull()


def test_words(qapp):
    assert percent_text(12.345) == "12.3 %"
    assert kilobytes_text(2048) == "2.00 MB"
    assert rate_text(1536) == "1.50 KB/s"
    assert count_rate_text(12.4) == "12/s"


def test_an_export_that_fails_leaves_nothing(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="director"):
        write_text(str(folder), "text")
    assert list(Path(tmp_path).iterdir()) == [folder]
