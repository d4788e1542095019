"""What the service writes for the processes of networks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.api.networkplace import HOST_ONLY, INTERNAL, network_socket
from app.service.host.networks import host_only_interfaces, new_host_only_interface
from app.service.netprocesses import NetworkProcesses
from app.settings.installation import DhcpServer, GlobalSettings
from app.settings.netservices import (
    DhcpCondition,
    DhcpConfig,
    DhcpGroup,
    DhcpIndividual,
    DhcpOption,
)
from engine.net import hostinterface
from tests.namespaces import in_namespace

ADDRESSES = {
    "address": "192.168.56.100", "network_mask": "255.255.255.0",
    "lower_address": "192.168.56.101", "upper_address": "192.168.56.254",
}  # fmt: skip


class Written:
    """What stands in the files of networks when the settings are these."""

    def __init__(self, home: Path, settings: GlobalSettings) -> None:
        self.home = home
        registry: Any = SimpleNamespace(settings=settings)
        self.processes = NetworkProcesses(home, registry)
        self.processes.follow()

    def of(self, kind: str, name: str) -> dict[str, Any]:
        text = Path(f"{network_socket(str(self.home), kind, name)}.json").read_text()
        found: dict[str, Any] = json.loads(text)
        return found


@pytest.fixture
def home(vitrine_home: Path) -> Path:
    return vitrine_home


def test_an_interface_and_its_dhcp_server_share_a_network(home: Path) -> None:
    settings = GlobalSettings()
    name = new_host_only_interface(settings.extra_data)
    server = DhcpServer(
        network_name=f"HostInterfaceNetworking-{name}", enabled=True, **ADDRESSES
    )
    settings.dhcp_servers.append(server)
    written = Written(home, settings)
    services = written.of(HOST_ONLY, name)
    assert services["tap"] == {
        "name": "vboxnet0", "address": "192.168.56.1", "mask": "255.255.255.0",
        "mac": "0a0027000000",
    }  # fmt: skip
    assert services["dhcp"]["lower"] == "192.168.56.101"
    # Nothing can be made here, and nothing is left of what is removed.
    settings.extra_data.clear()
    settings.dhcp_servers.clear()
    assert host_only_interfaces(settings.extra_data) == []
    written.processes.remove_interface(name)
    assert written.of(HOST_ONLY, name) == {}


@in_namespace
def test_an_interface_comes_and_goes_where_the_host_allows_it(home: Path) -> None:
    settings = GlobalSettings()
    name = new_host_only_interface(settings.extra_data)
    processes = Written(home, settings).processes
    try:
        processes.show_interface(name)
        (shown,) = host_only_interfaces(settings.extra_data)
        assert shown.up
        assert hostinterface.ipv4(name) == ("192.168.56.1", "255.255.255.0")
        settings.extra_data[f"HostOnly/{name}/IPAddress"] = "192.168.57.1"
        processes.show_interface(name)
        assert hostinterface.ipv4(name) == ("192.168.57.1", "255.255.255.0")
        settings.extra_data.clear()
        processes.remove_interface(name)
        assert not hostinterface.exists(name)
    finally:
        processes.close()


def test_groups_and_clients_of_a_dhcp_server(home: Path) -> None:
    settings = GlobalSettings()
    group = DhcpGroup(
        name="pxe",
        conditions=[DhcpCondition(type=3, value="PXE*"), DhcpCondition(inclusive=False, value="x")],
        options=[DhcpOption(code=67, value="boot")],
        default_lease_time_s=60,
    )
    client = DhcpIndividual(
        mac_address="08:00:27:00:00:01", fixed_address="192.168.56.7", suppressed_options="3 6"
    )
    server = DhcpServer(
        network_name="lab", enabled=True, groups=[group], individuals=[client],
        global_config=DhcpConfig(suppressed_options="28"), **ADDRESSES,
    )  # fmt: skip
    settings.dhcp_servers.append(server)
    dhcp = Written(home, settings).of(INTERNAL, "lab")["dhcp"]
    assert dhcp["fixed"] == {"080027000001": "192.168.56.7"}
    first, second, last = dhcp["rules"]
    assert first["conditions"] == [{"what": 0, "value": "080027000001"}]
    assert first["suppressed"] == [3, 6]
    assert [(each["what"], each["pattern"], each["inclusive"]) for each in second["conditions"]] == [
        (1, True, True), (0, False, False),
    ]  # fmt: skip
    assert (second["options"], second["lease_seconds"]) == ({"67": b"boot".hex()}, 60)
    assert last["suppressed"] == [28]
