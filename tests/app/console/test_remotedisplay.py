"""The remote display of a console: settings, changes while it runs, and options of one run."""

import logging

import numpy as np
import pytest

from app.api.errors import ApiError
from app.console import events
from app.console.console import Console
from app.console.servant import ConsoleServant
from app.settings.display import RemoteDisplaySettings
from tests.app.console.fakes import FakeSession, FakeVm, settings
from tests.app.vrde.client import Client
from tests.app.vrde.fixtures import free_port

OPEN = {"TCP/Address": "0.0.0.0"}


def wanted(*, enabled=True, **properties):
    found = {"TCP/Ports": str(free_port()), **properties}
    return settings(remote_display=RemoteDisplaySettings(enabled=enabled, properties=found))


@pytest.fixture
def start(tmp_path, monkeypatch):
    session = FakeSession(tmp_path, settings())
    monkeypatch.setattr("app.console.console.VmSession.attach", lambda *_a, **_k: session)
    monkeypatch.setattr("app.console.console.VM", FakeVm)
    (tmp_path / "Logs").mkdir()
    console = Console("Test", servants=lambda _: ())
    console.told = []
    console.add_listener(console.told.append)

    def begin(machine_settings):
        session.settings = machine_settings
        console.start()
        return console

    begin.console = console
    yield begin
    console.remote_display.stop()


def told(console):
    return [each for each in console.told if isinstance(each, events.RemoteDisplayChanged)]


def test_clients_see_the_screen_of_the_machine(start):
    console = start(wanted())
    port = console.remote_display.info.port
    with Client(port) as client:
        assert client.name == "Test"
        assert np.all(client.picture() == 0x336699)
        client.send("BBxxI", 4, 1, ord("a"))
        client.picture()
        assert console.vm.codes == b"\x1e"
        info = ConsoleServant(console).get_vrde_server_info()
        assert (info.active, info.port, info.number_of_clients) == (True, port, 1)
    assert told(console) == [events.RemoteDisplayChanged(port)]
    assert ("remote display", True) in console.session.reports


def test_without_the_setting_nothing_listens(start):
    console = start(wanted(enabled=False))
    assert console.remote_display.info is None
    assert ConsoleServant(console).get_vrde_server_info().port == -1
    assert told(console) == []


def test_it_is_switched_while_the_machine_runs(start):
    console = start(wanted(enabled=False))
    on = wanted()
    console.apply_settings(on)
    first = console.remote_display.info.port
    console.apply_settings(wanted(VNCPassword="secret"))
    assert console.remote_display.info.port != first
    console.apply_settings(wanted(enabled=False))
    assert console.remote_display.info is None
    assert [each.port for each in told(console)][-1] == -1


def test_what_cannot_be_served_is_refused_and_the_server_goes_on(start):
    console = start(wanted())
    port = console.remote_display.info.port
    with pytest.raises(ApiError, match="without a password"):
        console.apply_settings(wanted(**OPEN))
    assert console.remote_display.info.port == port


def test_a_machine_starts_without_the_server_that_cannot_be(start, caplog):
    console = start(wanted(**OPEN))
    assert console.remote_display.info is None
    assert "without a password" in told(console)[0].reason
    assert any(record.levelno == logging.WARNING for record in caplog.records)


def test_it_is_asked_for_again_when_it_could_not_begin(start):
    console = start(wanted(**OPEN))
    with pytest.raises(ApiError, match="without a password"):
        console.remote_display.request(enabled=True)
    assert console.remote_display.info is None
    assert told(console)[1:] == []
    console.settings = wanted()
    console.remote_display.request(enabled=True)
    assert told(console)[1:] == [events.RemoteDisplayChanged(console.remote_display.info.port)]
    console.remote_display.request(enabled=False)
    assert not console.session.settings.hardware.remote_display.enabled


def test_a_module_that_is_not_installed_is_told_before(start):
    console = start(wanted(enabled=False))
    assert console.remote_display.missing == ""
    console.settings.hardware.remote_display.extension_pack = "Telepathy"
    assert "'Telepathy'" in console.remote_display.missing


def test_options_of_one_run_go_before_the_settings(start):
    port = free_port()
    start.console.remote_display.override(enabled=True, properties={"TCP/Ports": str(port)})
    console = start(wanted(enabled=False))
    assert console.remote_display.info.port == port
    assert not console.settings.hardware.remote_display.enabled
