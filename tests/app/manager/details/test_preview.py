"""The preview of a running machine, and saving its state from the menu."""

import pytest
from PySide6.QtCore import Qt

from app.manager.details.preview import RATES


@pytest.fixture
def machine(api, window, wait_until):
    made = api.virtualbox.create_machine("Runner", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 1)
    window.select_machine(made.id)
    return made


@pytest.fixture
def running(machine, api, link, wait_until):
    api.machine(machine.id).launch("headless")
    wait_until(lambda: str(link.model.machine(machine.id).state) == "Running")
    yield machine
    if api.virtualbox.find_machine(machine.id).state.is_online:
        api.console(machine.id).power_off()


@pytest.fixture
def preview(window):
    return window.tools.pane("Details").preview


def test_no_preview_of_a_machine_that_is_off(window, machine, preview):
    assert preview.isHidden()


def test_the_screen_is_shown_while_the_machine_runs(window, running, preview, api, wait_until):
    wait_until(lambda: not preview.picture.image.isNull())
    assert preview.isVisible()
    assert preview.picture.image.pixelColor(0, 0) == Qt.GlobalColor.red
    api.console(running.id).pause()
    wait_until(lambda: preview.picture.text == "Paused")
    api.console(running.id).resume()
    wait_until(lambda: preview.picture.text == "")
    api.console(running.id).power_off()
    wait_until(preview.isHidden)
    assert preview.picture.image.isNull()


def test_the_rate_is_chosen_and_kept(window, running, preview, api, wait_until):
    menu = preview.new_menu()
    actions = dict(zip([rate for rate, _text in RATES], menu.actions(), strict=True))
    assert actions["1000"].isChecked()
    actions["disabled"].trigger()
    assert "switched off" in preview.picture.text
    assert not preview._timer.isActive()
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/PreviewUpdate") == "disabled")
    preview._choose("500")
    assert preview._timer.interval() == 500
    preview.set_rate("nonsense")
    assert preview.rate == "1000"
    menu.close()


def test_a_folded_preview_fetches_nothing(window, running, preview, api, wait_until):
    wait_until(lambda: preview._timer.isActive())
    preview.set_folded(folded=True)
    assert not preview._timer.isActive()
    key = "GUI/DetailsPageBoxes/Folded"
    wait_until(lambda: api.virtualbox.get_extra_data(key) == "preview")
    preview.set_folded(folded=False)
    assert preview._timer.isActive()


def test_the_state_is_saved_and_discarded_from_the_menu(window, running, api, link, wait_until):
    wait_until(lambda: window.actions_["save-state"].isEnabled())
    assert not window.actions_["discard"].isEnabled()
    window.actions_["save-state"].trigger()
    wait_until(lambda: str(link.model.machine(running.id).state) == "Saved")
    wait_until(lambda: window.actions_["discard"].isEnabled())
    assert "not running" in window.actions_["save-state"].toolTip()
    window.commands._call(link.model.machine(running.id), "saved_state.discard", "{name}")
    wait_until(lambda: str(link.model.machine(running.id).state) == "PoweredOff")
