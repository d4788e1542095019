"""Everything that the settings file of the installation holds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from app.settings.codec import decode, encode
from app.settings.declare import Group, Items, NameValues, Setting, Special, fields_of
from app.settings.document import Document, host_platform
from app.settings.errors import SettingsError
from app.settings.global_file import GlobalFile
from app.settings.installation import GlobalSettings, HostOnlyNetwork
from app.settings.model import MachineSettings
from app.settings.plan import shares_element
from tests.app.settings.test_declarations import SOME_UUID, all_fields, set_other

PATHS = list(all_fields(GlobalSettings))

EVERYTHING = """<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
  <Global>
    <ExtraData>
      <ExtraDataItem name="GUI/LastItemSelected" value="m=box"/>
    </ExtraData>
    <MachineRegistry>
      <MachineEntry uuid="{11111111-2222-3333-4444-555555555555}" src="/vms/box/box.vbox"/>
    </MachineRegistry>
    <NetserviceRegistry>
      <DHCPServers>
        <DHCPServer networkName="HostInterfaceNetworking-vboxnet0" IPAddress="192.168.56.100" \
networkMask="255.255.255.0" lowerIP="192.168.56.101" upperIP="192.168.56.254" enabled="1">
          <Options secMinLeaseTime="60" forcedOptions="3 6">
            <Option name="3" value="192.168.56.1"/>
            <Option name="67" value="62:6f" encoding="1"/>
          </Options>
          <Group secMaxLeaseTime="3600" name="phones">
            <Option name="6" value="8.8.8.8"/>
            <Condition inclusive="false" type="1" value="08:00:27:*"/>
          </Group>
          <Config MACAddress="08:00:27:00:00:01" fixedAddress="192.168.56.150"/>
          <Config suppressedOptions="15" vm-name="box" slot="1">
            <Option name="15" value="lan"/>
          </Config>
        </DHCPServer>
      </DHCPServers>
      <NATNetworks>
        <NATNetwork networkName="NatNetwork" enabled="1" network="10.0.2.0/24" ipv6="0" \
ipv6prefix="" advertiseDefaultIPv6Route="0" needDhcp="1" loopback6="2">
          <PortForwarding4>
            <Forwarding name="ssh" proto="1" hostport="2222" guestip="10.0.2.4" guestport="22"/>
          </PortForwarding4>
          <PortForwarding6>
            <Forwarding name="web" proto="1" hostip="::1" hostport="80" guestip="fd17::4" \
guestport="80"/>
          </PortForwarding6>
          <Mappings>
            <Loopback4 address="127.0.0.1" offset="2"/>
          </Mappings>
        </NATNetwork>
      </NATNetworks>
      <HostOnlyNetworks>
        <HostOnlyNetwork name="HostNetwork" mask="255.255.255.0" ipLower="192.168.57.1" \
ipUpper="192.168.57.199" id="{cccccccc-0000-0000-0000-000000000009}" enabled="true"/>
      </HostOnlyNetworks>
      <CloudNetworks>
        <CloudNetwork name="cloud" provider="OCI" profile="Default" id="ocid1" enabled="false"/>
      </CloudNetworks>
    </NetserviceRegistry>
    <Updates enabled="true">
      <Host enabled="true" channel="2" checkFreqSec="604800" repoUrl="https://example.org" \
lastCheckDate="2024-01-02T03:04:05Z" checkCount="7"/>
    </Updates>
    <SystemProperties defaultMachineFolder="/vms" defaultHardDiskFormat="VDI" \
VRDEAuthLibrary="VBoxAuthSimple" webServiceAuthLibrary="null" LogHistoryCount="5" proxyMode="2" \
proxyUrl="http://proxy:3128" exclusiveHwVirt="false"/>
    <USBDeviceFilters>
      <DeviceFilter name="stick" active="true" vendorId="1234" remote="no" action="Hold"/>
    </USBDeviceFilters>
    <USBDeviceSources>
      <USBDeviceSource name="lab" backend="USBIP" address="lab:3240">
        <Property name="timeout" value="5"/>
      </USBDeviceSource>
    </USBDeviceSources>
  </Global>
</VirtualBox>
"""


def elements(text: str) -> list[tuple[str, dict[str, str]]]:
    """Elements of a file in their order, with their attributes in any."""
    found = etree.fromstring(text).iter(etree.Element)
    return [(element.tag, dict(element.attrib)) for element in found]


def loaded(text: str) -> tuple[Document, GlobalSettings]:
    doc = Document.parse("VirtualBox.xml", text.encode())
    return doc, decode(doc, GlobalSettings, "Global")


def test_everything_is_read() -> None:
    _, value = loaded(EVERYTHING)
    (server,) = value.dhcp_servers
    assert (server.enabled, server.lower_address) == (True, "192.168.56.101")
    assert server.global_config.min_lease_time_s == 60
    assert [(each.code, each.value, each.encoding) for each in server.global_config.options] == [
        (3, "192.168.56.1", 0), (67, "62:6f", 1)
    ]
    (phones,) = server.groups
    assert (phones.name, phones.max_lease_time_s, phones.options[0].code) == ("phones", 3600, 6)
    condition = phones.conditions[0]
    assert (condition.inclusive, condition.type, condition.value) == (False, 1, "08:00:27:*")
    by_mac, by_machine = server.individuals
    assert (by_mac.mac_address, by_mac.fixed_address) == ("08:00:27:00:00:01", "192.168.56.150")
    assert (by_machine.machine, by_machine.slot, by_machine.options[0].value) == ("box", 1, "lan")
    (network,) = value.nat_networks
    assert (network.forwardings[0].host_port, network.forwardings6[0].host_ip) == (2222, "::1")
    assert (network.loopbacks[0].address, network.loopbacks[0].offset) == ("127.0.0.1", 2)
    assert network.loopback6 == 2
    assert value.host_only_networks[0].id == SOME_UUID
    assert (value.cloud_networks[0].id, value.cloud_networks[0].enabled) == ("ocid1", False)
    assert (value.updates.enabled, value.updates.host.channel) == (True, 2)
    assert value.updates.host.check_frequency_s == 604800
    assert (value.proxy_mode, value.exclusive_hw_virt) == (2, False)
    assert value.usb_filters[0].action == "Hold"
    assert value.usb_sources[0].properties == {"timeout": "5"}


def test_everything_is_unchanged() -> None:
    doc, value = loaded(EVERYTHING)
    encoded = encode(doc, value, "Global", new=False)
    assert encoded.changed is False
    assert encoded.document.serialize().decode() == EVERYTHING


def test_everything_is_written_like_that(tmp_path: Path) -> None:
    _, value = loaded(EVERYTHING)
    file = GlobalFile.load(str(tmp_path / "VirtualBox.xml"))
    file.settings = value
    file.save()
    text = (tmp_path / "VirtualBox.xml").read_text()
    wanted = EVERYTHING.replace("1.19-linux", f"1.19-{host_platform()}")
    assert elements(text) == elements(wanted)


@pytest.mark.parametrize("minor", [12, 16, 19, 20])
def test_each_setting_alone(minor: int) -> None:
    text = (
        f'<VirtualBox xmlns="http://www.virtualbox.org/" version="1.{minor}-linux">\n'
        "  <Global/>\n</VirtualBox>\n"
    )
    for path in PATHS:
        doc, value = loaded(text)
        set_other(value, path)
        encoded = encode(doc, value, "Global", new=False)
        again = Document.parse("VirtualBox.xml", encoded.document.serialize())
        assert encoded.changed, path
        assert decode(again, GlobalSettings, "Global") == value, path


@pytest.mark.parametrize(
    ("change", "minor"),
    [
        (lambda s: setattr(s, "language_id", "de"), 12),
        (lambda s: s.nat_networks.append(_changed("nat_networks")), 14),
        (lambda s: s.cloud_networks.append(_changed("cloud_networks")), 18),
        (lambda s: s.host_only_networks.append(HostOnlyNetwork(name="h", id=SOME_UUID)), 19),
        (lambda s: setattr(s.updates, "enabled", True), 19),
    ],
)
def test_version_of_a_new_file(tmp_path: Path, change: Any, minor: int) -> None:
    file = GlobalFile.load(str(tmp_path / "VirtualBox.xml"))
    change(file.settings)
    file.save()
    text = (tmp_path / "VirtualBox.xml").read_text()
    assert f'version="1.{minor}-{host_platform()}"' in text
    assert [each.name for each in tmp_path.iterdir()] == ["VirtualBox.xml"]


def test_raising_the_version_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "VirtualBox.xml"
    old = '<VirtualBox version="1.12-windows"><Global/></VirtualBox>\n'
    path.write_text(old)
    file = GlobalFile.load(str(path))
    file.settings.language_id = "de"
    file.save()
    assert 'version="1.12-windows"' in path.read_text()
    file.settings.updates.enabled = True
    before = path.read_text()
    file.save()
    assert f'version="1.19-{host_platform()}"' in path.read_text()
    assert (tmp_path / "VirtualBox-1.12-windows.xml").read_text() == before
    assert (tmp_path / "VirtualBox.xml-prev").read_text() == before


def _changed(name: str) -> Any:
    field = next(each for each in fields_of(GlobalSettings) if each.name == name)
    return field.item(name="n")


def test_a_new_installation_serves_the_first_host_only_network(tmp_path: Path) -> None:
    file = GlobalFile.load(str(tmp_path / "VirtualBox.xml"))
    (server,) = file.settings.dhcp_servers
    assert server.network_name == "HostInterfaceNetworking-vboxnet0"
    assert (server.lower_address, server.upper_address) == ("192.168.56.101", "192.168.56.254")
    file.save()
    assert 'enabled="1"' in (tmp_path / "VirtualBox.xml").read_text()


def test_library_names_of_the_first_years() -> None:
    _, value = loaded(
        '<VirtualBox version="1.7-linux"><Global>'
        '<SystemProperties remoteDisplayAuthLibrary="VRDPAuth"/></Global></VirtualBox>'
    )
    assert value.vrde_auth_library == "VRDPAuth"


def test_platform_properties_of_1_20() -> None:
    doc, value = loaded(
        '<VirtualBox version="1.20-linux"><Global><PlatformProperties exclusiveHwVirt="false"/>'
        "</Global></VirtualBox>"
    )
    assert value.exclusive_hw_virt is False
    assert encode(doc, value, "Global", new=False).changed is False


def test_damaged_numbers_are_told_with_their_line() -> None:
    with pytest.raises(SettingsError, match=r'VirtualBox\.xml, line 15: .*"lots"'):
        loaded(EVERYTHING.replace('name="67"', 'name="lots"'))


# --- what people see ----------------------------------------------------------------------------

def declared(cls: type[msgspec.Struct], seen: set[type]) -> Iterator[tuple[str, Any]]:
    if cls in seen:
        return
    seen.add(cls)
    for field in fields_of(cls):
        if not (isinstance(field.declaration, Group) and shares_element(field)):
            yield f"{cls.__name__}.{field.name}", field
        if field.item is not None:
            yield from declared(field.item, seen)


ALL_DECLARED = dict(
    [*declared(MachineSettings, set()), *declared(GlobalSettings, set())]
)


@pytest.mark.parametrize("name", sorted(ALL_DECLARED))
def test_label_and_help(name: str) -> None:
    field = ALL_DECLARED[name]
    record = field.declaration
    if isinstance(record, Group | Special) and field.item is field.type:
        return
    assert isinstance(record, Setting | Items | NameValues | Special | Group)
    assert record.label, "a caption is missing"
    assert record.help.endswith("."), "one sentence of help is missing"
    assert record.label[0].isupper()
