"""The network manager against a real service."""

import pytest
from PySide6.QtWidgets import QMessageBox

from app.api.hoststructs import HostInterfaceType
from app.manager.network.pane import NAT
from app.settings.netservices import NatNetwork
from app.settings.network import PortForwarding
from tests.app.manager.test_window import click_button


@pytest.fixture
def pane(window, wait_until):
    """The open network manager, filled."""
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Network")
    opened = window.tools.pane("Network")
    wait_until(lambda: opened.store.is_loaded)
    return opened


@pytest.fixture
def create(window):
    return window.actions_["network-create"].trigger


def interfaces(api):
    return api.host.list_network_interfaces(HostInterfaceType.HOST_ONLY)


def server_of(api, network):
    return next((s for s in api.dhcp_servers.list_all() if s.network_name == network), None)


def names(pane, place):
    tree = pane.lists[place]
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def test_empty_lists_say_what_can_be_done(pane, window):
    assert "no host-only network" in pane._empty_notes[0].text()
    assert "no NAT network" in pane._empty_notes[1].text()
    assert "does not yet run them" in pane.note.text
    assert "No network is selected." in window.actions_["network-remove"].toolTip()


def test_a_host_only_network_is_created_changed_and_removed(
    pane, window, create, api, qtbot, wait_until, dialog_of_class
):
    create()
    wait_until(lambda: pane.interface is not None)
    panel = pane.host_only
    assert panel.address.text() == "192.168.56.1"
    assert not panel.apply_button.isEnabled()
    panel.address.setText("10.9.8.1")
    panel.ipv6_address.setText("fd00::1")
    panel.server_address.setText("10.9.8.2")
    panel.lower_bound.setText("10.9.8.10")
    assert "192.168.56.254 is not in the network 10.9.8.0/24" in panel.message.text
    assert not panel.apply_button.isEnabled()
    panel.upper_bound.setText("10.9.8.20")
    panel.apply_button.click()
    network = pane.interface.network_name
    wait_until(lambda: server_of(api, network).upper_address == "10.9.8.20")
    found = interfaces(api)[0]
    assert (found.ip_address, found.ipv6_address, found.ipv6_prefix_length) == (
        "10.9.8.1", "fd00::1", 64
    )  # fmt: skip
    wait_until(lambda: not panel.apply_button.isEnabled())
    wait_until(lambda: pane.lists[0].topLevelItem(0).text(1) == "10.9.8.1/24")
    window.actions_["network-remove"].trigger()
    box = dialog_of_class(QMessageBox)
    assert "vboxnet0" in box.text()
    click_button(qtbot, box, "Remove")
    wait_until(lambda: names(pane, 0) == [])
    assert interfaces(api) == []


def test_an_adapter_is_configured_automatically_and_by_hand_again(pane, create, api, wait_until):
    create()
    wait_until(lambda: pane.interface is not None)
    panel = pane.host_only
    panel.automatic.setChecked(True)
    assert not panel.address.isEnabled()
    panel.reset_button.click()
    assert panel.manual.isChecked()
    panel.automatic.setChecked(True)
    panel.apply_button.click()
    wait_until(lambda: interfaces(api)[0].dhcp)
    wait_until(lambda: pane.lists[0].topLevelItem(0).text(1) == "automatic")
    panel.manual.setChecked(True)
    panel.address.setText("10.1.1.1")
    panel.ipv4_mask.setText("255.255.255.0")
    panel.apply_button.click()
    wait_until(lambda: interfaces(api)[0].ip_address == "10.1.1.1")


def test_a_dhcp_server_is_suggested_for_a_network_without_one(pane, create, api, wait_until):
    create()
    wait_until(lambda: pane.interface is not None)
    network = pane.interface.network_name
    api.dhcp_servers.remove(network)
    wait_until(lambda: not pane.host_only.enabled.isChecked())
    pane.host_only.enabled.click()
    assert pane.host_only.server_address.text() == "192.168.56.100"
    pane.host_only.apply_button.click()
    wait_until(lambda: server_of(api, network) is not None)
    assert server_of(api, network).enabled


def test_a_nat_network_is_created_changed_renamed_and_removed(
    pane, window, create, api, qtbot, wait_until, dialog_of_class
):
    pane.tabs.setCurrentIndex(NAT)
    create()
    wait_until(lambda: pane.nat_network is not None)
    panel = pane.nat
    assert (panel.name.text(), panel.prefix.text()) == ("NatNetwork", "10.0.2.0/24")
    panel.ipv6.setChecked(True)
    panel.prefix.setText("10.7.0.0/16")
    panel.rules.add()
    assert not panel.apply_button.isEnabled()
    rule = PortForwarding(name="ssh", host_port=2222, guest_ip="10.7.0.15", guest_port=22)
    panel.rules.set_rules([rule])
    panel.rules.edited.emit()
    panel.apply_button.click()
    wait_until(lambda: api.nat_networks.list_all()[0].forwardings == [rule])
    assert api.nat_networks.list_all()[0].ipv6
    wait_until(lambda: not panel.apply_button.isEnabled())
    panel.name.setText("Lab")
    assert "attached to “NatNetwork”" in panel.message.text
    panel.apply_button.click()
    wait_until(lambda: names(pane, NAT) == ["Lab"])
    wait_until(lambda: pane.selected_name == "Lab")
    assert api.nat_networks.list_all()[0].forwardings == [rule]
    window.actions_["network-remove"].trigger()
    click_button(qtbot, dialog_of_class(QMessageBox), "Remove")
    wait_until(lambda: api.nat_networks.list_all() == [])


def test_new_nat_networks_have_names_and_prefixes_of_their_own(pane, create, api, wait_until):
    pane.tabs.setCurrentIndex(NAT)
    create()
    wait_until(lambda: names(pane, NAT) == ["NatNetwork"])
    create()
    wait_until(lambda: names(pane, NAT) == ["NatNetwork", "NatNetwork1"])
    assert len({each.network for each in api.nat_networks.list_all()}) == 2
    wait_until(lambda: pane.selected_name == "NatNetwork1")


def test_edits_survive_what_others_change(pane, api, wait_until):
    pane.tabs.setCurrentIndex(NAT)
    network = NatNetwork(name="Lab", network="10.0.2.0/24")
    api.nat_networks.create(network)
    wait_until(lambda: pane.nat_network is not None)
    pane.nat.prefix.setText("10.5.0.0/24")
    changed = api.nat_networks.list_all()[0]
    changed.need_dhcp = False
    api.nat_networks.modify(changed)
    wait_until(lambda: not pane.nat.dhcp.isChecked())
    assert pane.nat.prefix.text() == "10.5.0.0/24"
    assert pane.nat.apply_button.isEnabled()


def test_a_refusal_of_the_service_is_told(pane, api, wait_until, errors):
    pane.tabs.setCurrentIndex(NAT)
    api.nat_networks.create(NatNetwork(name="Lab", network="10.0.2.0/24"))
    wait_until(lambda: pane.nat_network is not None)
    gone = pane.nat.changed_network()
    api.nat_networks.remove("Lab")
    pane.commands.apply_nat("Lab", gone)
    told = errors(wait_until)
    assert told.title == "The network “Lab” could not be changed"
    assert "no NAT network named 'Lab'" in told.text


def test_properties_hides_the_fields_and_that_is_remembered(pane, window, api, wait_until):
    window.actions_["network-properties"].trigger()
    assert pane.details.isHidden()
    key = "GUI/HostNetworkManager/Details/Expanded"
    wait_until(lambda: api.virtualbox.get_extra_data(key) == "false")
