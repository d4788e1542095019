"""The settings of the installation as one typed tree: what ``VirtualBox.xml`` holds.

The file is shared with VirtualBox's format, so settings that only this program has live in the
extra data, under keys that start with ``Vitrine/``; :class:`ExtraDataSetting` declares them.
"""

from typing import Annotated

import msgspec

from app.settings.declare import group, items, mapping, setting
from app.settings.hardware import UsbDeviceFilter
from app.settings.storage import MediaRegistry


class MachineEntry(msgspec.Struct, kw_only=True):
    """A registered machine: its UUID and the absolute path of its file."""

    uuid: Annotated[str, setting("@uuid", form="uuid", always=True)]
    path: Annotated[str, setting("@src", always=True)]


class DhcpServer(msgspec.Struct, kw_only=True):
    """DHCP server of a host-only or internal network."""

    network_name: Annotated[str, setting("@networkName", always=True)]
    address: Annotated[str, setting("@IPAddress", always=True)] = ""
    network_mask: Annotated[str, setting("@networkMask", always=True)] = ""
    lower_address: Annotated[str, setting("@lowerIP", always=True)] = ""
    upper_address: Annotated[str, setting("@upperIP", always=True)] = ""
    enabled: Annotated[bool, setting("@enabled", words=("0", "1"), always=True)] = False


class NatNetwork(msgspec.Struct, kw_only=True):
    """A network that several machines share behind one address translation."""

    name: Annotated[str, setting("@networkName", always=True)]
    enabled: Annotated[bool, setting("@enabled", words=("0", "1"), always=True)] = True
    network: Annotated[str, setting("@network", always=True)] = ""
    ipv6: Annotated[bool, setting("@ipv6", words=("0", "1"), always=True)] = False
    ipv6_prefix: Annotated[str, setting("@ipv6prefix", always=True)] = ""
    advertise_ipv6_route: Annotated[
        bool, setting("@advertiseDefaultIPv6Route", words=("0", "1"), always=True)
    ] = False
    need_dhcp: Annotated[bool, setting("@needDhcp", words=("0", "1"), always=True)] = True


class HostUsbDeviceFilter(UsbDeviceFilter, kw_only=True):
    """Selection of USB devices that the host gives up or keeps."""

    action: Annotated[str, setting("@action", always=True)] = "Ignore"


class GlobalSettings(msgspec.Struct, kw_only=True):
    """Everything that the settings file of the installation holds."""

    extra_data: Annotated[
        dict[str, str], mapping("ExtraData/ExtraDataItem", label="Extra Data", hot=True)
    ] = msgspec.field(default_factory=dict)
    machines: Annotated[
        list[MachineEntry], items("MachineRegistry/MachineEntry", key=("uuid", "path"))
    ] = msgspec.field(default_factory=list)
    media: Annotated[MediaRegistry, group()] = msgspec.field(default_factory=MediaRegistry)
    dhcp_servers: Annotated[
        list[DhcpServer],
        items("NetserviceRegistry/DHCPServers/DHCPServer", key=("network_name",)),
    ] = msgspec.field(default_factory=list)
    nat_networks: Annotated[
        list[NatNetwork],
        items("NetserviceRegistry/NATNetworks/NATNetwork", key=("name",), since=14),
    ] = msgspec.field(default_factory=list)
    default_machine_folder: Annotated[
        str,
        setting(
            "SystemProperties/@defaultMachineFolder", cli="machinefolder",
            label="Default Machine Folder", help="Folder in which new machines are created.",
        ),
    ] = ""
    logging_level: Annotated[
        str, setting("SystemProperties/@LoggingLevel", cli="logginglevel")
    ] = ""
    default_hard_disk_format: Annotated[
        str,
        setting(
            "SystemProperties/@defaultHardDiskFormat", always=True, cli="hddformat",
            label="Default Hard Disk Format", help="Format of new hard disk images.",
        ),
    ] = "VDI"
    vrde_auth_library: Annotated[
        str,
        setting(
            "SystemProperties/@VRDEAuthLibrary", cli="vrdeauthlibrary",
            label="VRDP Authentication Library",
            help="Library that checks users of the remote display.",
        ),
    ] = "VBoxAuth"
    web_service_auth_library: Annotated[
        str, setting("SystemProperties/@webServiceAuthLibrary", cli="websrvauthlibrary")
    ] = "VBoxAuth"
    default_vrde_extpack: Annotated[
        str, setting("SystemProperties/@defaultVRDEExtPack", cli="vrdeextpack")
    ] = ""
    log_history_count: Annotated[
        int,
        setting(
            "SystemProperties/@LogHistoryCount", ge=0, le=1000, cli="loghistorycount",
            label="Log History", help="Number of old log files that are kept of a machine.",
        ),
    ] = 3
    default_frontend: Annotated[
        str, setting("SystemProperties/@defaultFrontend", cli="defaultfrontend")
    ] = ""
    autostart_database_path: Annotated[
        str, setting("SystemProperties/@autostartDatabasePath", cli="autostartdbpath")
    ] = ""
    default_additions_iso: Annotated[
        str, setting("SystemProperties/@defaultAdditionsISO")
    ] = ""
    proxy_mode: Annotated[
        int,
        setting(
            "SystemProperties/@proxyMode", ge=0, le=2, cli="proxymode", label="Proxy",
            help="0 that of the system, 1 none, 2 the one named.",
        ),
    ] = 0
    proxy_url: Annotated[
        str, setting("SystemProperties/@proxyUrl", cli="proxyurl", label="Proxy URL")
    ] = ""
    exclusive_hw_virt: Annotated[
        bool, setting("SystemProperties/@exclusiveHwVirt", cli="hwvirtexclusive")
    ] = True
    language_id: Annotated[
        str, setting("SystemProperties/@LanguageId", cli="language", label="Language")
    ] = ""
    usb_filters: Annotated[
        list[HostUsbDeviceFilter], items("USBDeviceFilters/DeviceFilter")
    ] = msgspec.field(default_factory=list)


class ExtraDataSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that lives in the extra data of a machine or of the installation.

    Attributes:
        key: key in the extra data.
        default: value when the key is absent.
        label: caption in forms.
        help: one sentence for tool tips and the reference.
    """

    key: str
    default: str = ""
    label: str = ""
    help: str = ""

    def get(self, extra_data: dict[str, str]) -> str:
        """Return the value in an extra data map."""
        return extra_data.get(self.key, self.default)

    def set(self, extra_data: dict[str, str], value: str) -> None:
        """Put a value into an extra data map; the default is not stored."""
        if value == self.default:
            extra_data.pop(self.key, None)
        else:
            extra_data[self.key] = value


BIOS_FILE = ExtraDataSetting(
    key="Vitrine/Firmware/BIOS", label="System BIOS File",
    help="SeaBIOS image to use instead of the one found on the host.",
)
VGA_BIOS_FILE = ExtraDataSetting(
    key="Vitrine/Firmware/VGABIOS", label="VGA BIOS File",
    help="VGA BIOS image to use instead of the one found on the host.",
)
HOST_KEY = ExtraDataSetting(
    key="GUI/Input/HostKeyCombination", default="65508", label="Host Key Combination",
    help="Key symbols of the host key, separated by commas; 65508 is the right Ctrl key.",
)
EXECUTION_ENGINE = ExtraDataSetting(
    key="Vitrine/ExecutionEngine", default="default", label="Execution Engine",
    help="Engine that runs the guest: default, unicorn or kvm.",
)
