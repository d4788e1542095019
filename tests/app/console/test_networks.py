"""From the settings of network adapters to the board, and changes while the machine runs."""

import socket
from types import SimpleNamespace

import pytest

from app.api.networkplace import network_socket
from app.console import networks
from app.console.networks import (
    change_adapters,
    driver_of,
    network_activity,
    network_omissions,
    nics,
)
from app.console.shortages import tell_shortages
from app.settings.model import HardwareSettings, NatSettings, NetworkAdapter, PortForwarding
from engine.errors import EngineError
from engine.net.intnet import InternalNetwork
from engine.net.nat import Nat
from tests.engine.devices.e1000.rig import Rig, frame_to

UUID = "11111111-2222-3333-4444-0000000000ff"


def adapter(slot=0, **values):
    known = {"type": "82540EM", "attachment": "NAT", "mac_address": "080027AABBCC"}
    return NetworkAdapter(slot=slot, enabled=True, **{**known, **values})


def board(*adapters):
    return nics(HardwareSettings(network_adapters=list(adapters)), UUID)


def test_enabled_adapters_are_on_the_board():
    first, second = board(
        adapter(cable_connected=False),
        NetworkAdapter(slot=1, type="82540EM"),
        adapter(2, type="82545EM", attachment="Null"),
    )
    assert (first.slot, first.model, first.mac) == (0, "82540EM", "080027AABBCC")
    assert (first.cable, first.driver) == (False, "NAT")
    assert (second.slot, second.model, second.driver) == (2, "82545EM", "")


def test_an_adapter_without_an_address_gets_one_that_stays():
    macs = [nic.mac for nic in board(adapter(mac_address=""), adapter(1, mac_address=""))]
    assert macs == ["0800270000ff", "080027000100"]


def test_settings_of_nat():
    rules = [
        PortForwarding(name="ssh", host_port=2222, guest_port=22),
        PortForwarding(name="dns", protocol=0, host_ip="127.0.0.1", host_port=53, guest_port=53),
    ]
    nat = NatSettings(network="192.168.9.0/24", host_ip="127.0.0.1", forwardings=rules)
    name, settings = driver_of(adapter(3, nat=nat))
    assert name == "NAT"
    assert settings["Adapter"] == 3
    assert settings["Network"] == "192.168.9.0/24"
    assert settings["BindIP"] == "127.0.0.1"
    assert settings["Forwards"] == "ssh,tcp,,2222,,22\ndns,udp,127.0.0.1,53,,53"


def test_settings_of_an_internal_network(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRINE_USER_HOME", str(tmp_path))
    lab = {"attachment": "Internal", "internal_network": "lab"}
    name, settings = driver_of(adapter(promiscuous_mode="AllowAll", **lab))
    assert name == "IntNet"
    assert (settings["MAC"], settings["IfPolicyPromisc"]) == ("080027AABBCC", "AllowAll")
    _, second = driver_of(adapter(1, mac_address="", **lab))
    assert (second["MAC"], second["Socket"]) == ("", settings["Socket"])
    _, other = driver_of(adapter(attachment="Internal", internal_network="other"))
    assert other["Socket"] != settings["Socket"]
    name, shared = driver_of(adapter(attachment="NATNetwork", nat_network="lab"))
    assert (name, shared["Socket"] != settings["Socket"]) == ("IntNet", True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"type": "NE2000"},
         "is left out: this version of Vitrine has no adapter of the type NE2000."),
        ({"attachment": "Cloud"},
         "has no link: this version of Vitrine cannot attach it to 'Cloud'."),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(values, sentence):
    (told,) = network_omissions([adapter(**values)])
    assert told.startswith(f"Network adapter 1 {sentence} Choose ")
    assert told.endswith(" in the settings under Network.")


def test_settings_of_interfaces_of_the_host(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRINE_USER_HOME", str(tmp_path))
    name, settings = driver_of(adapter(attachment="Bridged", bridged_interface="br0"))
    assert (name, settings["Interface"]) == ("Bridged", "br0")
    host_only = adapter(attachment="HostOnly", host_only_interface="vboxnet3")
    name, settings = driver_of(host_only)
    assert (name, settings["Socket"]) == ("IntNet", network_socket(tmp_path, "hostonly", "vboxnet3"))
    (sentence,) = network_omissions([host_only])
    assert sentence.startswith("Network adapter 1 does not reach the host: This host has no TAP")


def test_an_adapter_without_a_place_is_told():
    (sentence,) = network_omissions([adapter(8)])
    assert sentence == "Network adapter 9 is left out: the machine has places for 8 adapters."


def test_what_is_there_or_not_wanted_is_not_told():
    adapters = [adapter(), adapter(1, attachment="Null"), NetworkAdapter(slot=2, type="NE2000")]
    assert list(network_omissions(adapters)) == []


class RunningVm:
    """Records what is done to adapters."""

    def __init__(self):
        self.calls = []
        self.drivers = {}

    def attached(self, instance, lun):
        return self.drivers.get((instance, lun))

    def attach(self, instance, lun, driver):
        before = self.drivers.pop((instance, lun), None)
        self.calls.append((instance, type(driver).__name__))
        if driver is not None:
            self.drivers[instance, lun] = driver
        return before

    def set_cable(self, instance, *, connected):
        self.calls.append((instance, connected))


@pytest.fixture
def vm():
    running = RunningVm()
    yield running
    for driver in running.drivers.values():
        driver.close()


def forwarding(name, port):
    return NatSettings(
        forwardings=[
            PortForwarding(name=name, host_ip="127.0.0.1", host_port=port, guest_port=80)
        ]
    )


def test_the_cable_follows_the_setting(vm):
    change_adapters(
        vm, [adapter(), adapter(1)], [adapter(cable_connected=False), adapter(1)]
    )
    assert vm.calls == [("e1000/0", False)]


def test_attachments_and_forwards_while_running(vm):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nothing, plain = adapter(attachment="Null"), adapter()
    change_adapters(vm, [nothing], [plain])
    nat = vm.drivers["e1000/0", 0]
    assert isinstance(nat, Nat)
    forwarded = adapter(nat=forwarding("web", port))
    change_adapters(vm, [plain], [forwarded])
    assert [each.name for each in nat.forwards()] == ["web"]
    change_adapters(vm, [forwarded], [plain])
    assert nat.forwards() == []
    assert vm.drivers["e1000/0", 0] is nat
    change_adapters(vm, [plain], [nothing])
    assert vm.drivers == {}


def test_the_capture_starts_and_ends_while_running(vm, tmp_path):
    plain, file = adapter(), tmp_path / "trace.pcap"
    traced = adapter(trace=True, trace_file=str(file))
    change_adapters(vm, [adapter(attachment="Null")], [plain])
    nat = vm.drivers["e1000/0", 0]
    change_adapters(vm, [plain], [traced])
    assert vm.drivers["e1000/0", 0].inner is nat
    vm.drivers["e1000/0", 0].transmit(bytes(60))
    change_adapters(vm, [traced], [plain])
    assert vm.drivers["e1000/0", 0] is nat
    assert file.stat().st_size == 24 + 16 + 60
    nowhere = adapter(trace=True, trace_file=str(tmp_path / "none" / "file"))
    with pytest.raises(EngineError):
        change_adapters(vm, [plain], [nowhere])
    assert vm.drivers["e1000/0", 0] is nat


def test_generic_drivers():
    properties = {"sport": "1", "dest": "host", "dport": "2"}
    generic = {"attachment": "Generic", "generic_properties": properties}
    tunnel = driver_of(adapter(generic_driver="UDPTunnel", **generic))
    assert tunnel == ("UDPTunnel", {**properties, "Capture": ""})
    assert driver_of(adapter(generic_driver="VDE", **generic)) == ("", {})
    (told,) = network_omissions([adapter(generic_driver="VDE", **generic)])
    assert "there is no generic driver 'VDE'. Choose one of UDPTunnel, QEMUStream" in told
    (told,) = network_omissions([adapter(trace=True, trace_file="trace.pcap")])
    assert told == (
        "Network adapter 1 is not traced: 'trace.pcap' is not the whole path of a file."
    )


def test_a_forward_that_cannot_be_opened_is_an_error(vm):
    change_adapters(vm, [adapter(attachment="Null")], [adapter()])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        after = adapter(nat=forwarding("web", taken.getsockname()[1]))
        with pytest.raises(EngineError):
            change_adapters(vm, [adapter()], [after])


def test_an_internal_network_while_running(vm, tmp_path, monkeypatch):
    monkeypatch.setenv("VITRINE_USER_HOME", str(tmp_path))
    monkeypatch.setattr(InternalNetwork, "_start_process", lambda _link: None)
    plain = adapter()
    lab = adapter(attachment="Internal", internal_network="lab")
    change_adapters(vm, [adapter(attachment="Null")], [lab])
    link = vm.drivers["e1000/0", 0]
    assert isinstance(link, InternalNetwork)
    open_lab = adapter(
        attachment="Internal", internal_network="lab", promiscuous_mode="AllowNetwork"
    )
    change_adapters(vm, [lab], [open_lab])
    assert vm.drivers["e1000/0", 0] is link
    change_adapters(vm, [open_lab], [plain])
    assert isinstance(vm.drivers["e1000/0", 0], Nat)


def test_adapters_that_the_machine_does_not_have_are_left_alone(vm):
    for before in (NetworkAdapter(slot=0, type="82540EM"), adapter(type="NE2000")):
        change_adapters(vm, [before], [adapter(cable_connected=False)])
    assert vm.calls == []


def test_the_lamp_counts_frames():
    rigs = [Rig().link_up().start_transmitter(), Rig().link_up()]
    devices = dict(enumerate([*(rig.nic for rig in rigs), object()]))
    vm = SimpleNamespace(devices=SimpleNamespace(devices=devices))
    assert network_activity(vm) == (0, 0)
    rigs[0].send(frame_to())
    rigs[1].arrive(frame_to(), frame_to())
    assert network_activity(vm) == (2, 1)


# -- booting from the network


@pytest.mark.parametrize(
    ("order", "adapters", "sentences"),
    [
        (["HardDisk"], [], []),
        (["HardDisk", "Network"], [], ["it has no network adapter."]),
        (["Network"], [{"type": "NE2000"}], ["it has no network adapter."]),
        (["Network"], [{"type": "Am79C973"}], []),
        (["Network"], [{"type": "82540EM"}, {"type": "Am79C973"}],
         ["through network adapter 1: this system has no iPXE for it. Please install "]),
    ],
)  # fmt: skip
def test_why_a_machine_cannot_boot_from_the_network(monkeypatch, order, adapters, sentences):
    monkeypatch.setattr(networks, "find_boot_rom", lambda name: name == "pcnet" or None)
    made = [adapter(slot, **values) for slot, values in enumerate(adapters)]
    hardware = HardwareSettings(boot_order=order, network_adapters=made)
    found = list(networks.boot_omissions(hardware))
    assert len(found) == len(sentences)
    assert all(words in text for words, text in zip(sentences, found, strict=True))


@pytest.mark.parametrize(
    ("order", "told"), [(["Network", "DVD"], ["NoNetworkBoot"]), (["DVD", "Network"], [])]
)
def test_who_starts_from_the_network_is_told(monkeypatch, order, told):
    monkeypatch.setattr(networks, "find_boot_rom", lambda name: None)
    hardware = HardwareSettings(boot_order=order, network_adapters=[adapter()])
    vm = SimpleNamespace(shortage="", devices=SimpleNamespace(devices={}))
    reports = []
    tell_shortages(vm, hardware, lambda error_id, _sentence: reports.append(error_id))
    assert reports == told
    vm.shortage = "One processor only."
    tell_shortages(vm, hardware, lambda error_id, _sentence: reports.append(error_id))
    assert "OneProcessor" in reports
