"""The settings of the installation as one typed tree: what ``VirtualBox.xml`` holds.

The file is shared with VirtualBox's format, so settings that only this program has live in the
extra data, under keys that start with ``Vitrine/``; :class:`ExtraDataSetting` declares them.
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, group, items, mapping, setting
from app.settings.netservices import CloudNetwork, DhcpServer, HostOnlyNetwork, NatNetwork
from app.settings.peripherals import UsbDeviceFilter
from app.settings.storage import MediaRegistry

__all__ = [
    "BIOS_FILE",
    "EXECUTION_ENGINE",
    "HOST_KEY",
    "VGA_BIOS_FILE",
    "CloudNetwork",
    "DhcpServer",
    "ExtraDataSetting",
    "GlobalSettings",
    "HostOnlyNetwork",
    "HostUpdateSettings",
    "HostUsbDeviceFilter",
    "MachineEntry",
    "NatNetwork",
    "UpdateSettings",
    "UsbDeviceSource",
]


class MachineEntry(msgspec.Struct, kw_only=True):
    """A registered machine: its UUID and the absolute path of its file."""

    uuid: Annotated[
        str,
        setting("@uuid", form="uuid", always=True, label="UUID", help="UUID of the machine."),
    ]
    path: Annotated[
        str,
        setting("@src", always=True, label="Settings File", help="File of the machine."),
    ]


class HostUsbDeviceFilter(UsbDeviceFilter, kw_only=True):
    """Selection of USB devices that the host gives up or keeps."""

    action: Annotated[
        str,
        setting(
            "@action", choices=enums.UsbFilterAction, always=True, label="Action",
            help="Ignore leaves matching devices to the host, Hold takes them from it.",
        ),
    ] = enums.UsbFilterAction.IGNORE.value


class UsbDeviceSource(msgspec.Struct, kw_only=True):
    """Another computer whose USB devices machines can use."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the source.")
    ]
    backend: Annotated[
        str,
        setting("@backend", always=True, label="Backend", help="Protocol, for example USBIP."),
    ] = ""
    address: Annotated[
        str,
        setting(
            "@address", always=True, label="Address", help="Address of the other computer."
        ),
    ] = ""
    properties: Annotated[
        dict[str, str],
        mapping("Property", label="Properties", help="Settings of the backend."),
    ] = msgspec.field(default_factory=dict)


class HostUpdateSettings(msgspec.Struct, kw_only=True):
    """Looking for new releases of this program."""

    enabled: Annotated[
        bool,
        setting("@enabled", label="Check for Updates", help="New releases are looked for."),
    ] = False
    channel: Annotated[
        int,
        setting(
            "@channel", ge=1, le=4, label="Release Channel",
            help="1 stable releases, 2 all of them, 3 also betas, 4 also test builds.",
        ),
    ] = enums.UpdateChannel.STABLE.value
    check_frequency_s: Annotated[
        int,
        setting(
            "@checkFreqSec", ge=0, le=0xFFFFFFFF, unit="s", label="Once per",
            help="Time between two checks.",
        ),
    ] = 24 * 60 * 60
    repository_url: Annotated[
        str, setting("@repoUrl", label="Address", help="Where new releases are looked for.")
    ] = ""
    last_check: Annotated[
        str, setting("@lastCheckDate", label="Last Check", help="When it was looked last.")
    ] = ""
    check_count: Annotated[
        int,
        setting(
            "@checkCount", ge=0, le=0xFFFFFFFF, label="Checks", help="How often it was looked."
        ),
    ] = 0


class UpdateSettings(msgspec.Struct, kw_only=True):
    """Looking for updates of all kinds."""

    enabled: Annotated[
        bool, setting("@enabled", label="Updates", help="Updates are looked for.")
    ] = False
    host: Annotated[
        HostUpdateSettings,
        group("Host", label="Host", help="New releases of this program."),
    ] = msgspec.field(default_factory=HostUpdateSettings)


class GlobalSettings(msgspec.Struct, kw_only=True):
    """Everything that the settings file of the installation holds."""

    extra_data: Annotated[
        dict[str, str],
        mapping(
            "ExtraData/ExtraDataItem", label="Extra Data", hot=True,
            help="Texts that programs keep with the installation.",
        ),
    ] = msgspec.field(default_factory=dict)
    machines: Annotated[
        list[MachineEntry],
        items(
            "MachineRegistry/MachineEntry", key=("uuid", "path"), label="Machines",
            help="Registered machines.",
        ),
    ] = msgspec.field(default_factory=list)
    media: Annotated[MediaRegistry, group()] = msgspec.field(default_factory=MediaRegistry)
    dhcp_servers: Annotated[
        list[DhcpServer],
        items(
            "NetserviceRegistry/DHCPServers/DHCPServer", key=("network_name",),
            label="DHCP Servers", help="Servers of host-only and internal networks.",
        ),
    ] = msgspec.field(default_factory=list)
    nat_networks: Annotated[
        list[NatNetwork],
        items(
            "NetserviceRegistry/NATNetworks/NATNetwork", key=("name",), since=14,
            label="NAT Networks", help="Networks behind one address translation.",
        ),
    ] = msgspec.field(default_factory=list)
    host_only_networks: Annotated[
        list[HostOnlyNetwork],
        items(
            "NetserviceRegistry/HostOnlyNetworks/HostOnlyNetwork", key=("id",), since=19,
            label="Host-only Networks", help="Networks between machines and host.",
        ),
    ] = msgspec.field(default_factory=list)
    cloud_networks: Annotated[
        list[CloudNetwork],
        items(
            "NetserviceRegistry/CloudNetworks/CloudNetwork", key=("name",), since=18,
            label="Cloud Networks", help="Networks of cloud providers.",
        ),
    ] = msgspec.field(default_factory=list)
    updates: Annotated[
        UpdateSettings,
        group("Updates", since=19, label="Updates", help="Looking for new releases."),
    ] = msgspec.field(default_factory=UpdateSettings)
    default_machine_folder: Annotated[
        str,
        setting(
            "SystemProperties/@defaultMachineFolder", cli="machinefolder",
            label="Default Machine Folder", help="Folder in which new machines are created.",
        ),
    ] = ""
    logging_level: Annotated[
        str,
        setting(
            "SystemProperties/@LoggingLevel", cli="logginglevel", label="Logging Level",
            help="What is logged of the machines, as groups and levels.",
        ),
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
            (
                Place("SystemProperties/@remoteDisplayAuthLibrary"),
                Place("SystemProperties/@VRDEAuthLibrary", 11),
            ),
            cli="vrdeauthlibrary",
            label="VRDP Authentication Library",
            help="Library that checks users of the remote display.",
        ),
    ] = "VBoxAuth"
    web_service_auth_library: Annotated[
        str,
        setting(
            "SystemProperties/@webServiceAuthLibrary", cli="websrvauthlibrary",
            label="Web Service Authentication Library",
            help="Library that checks users of the web service.",
        ),
    ] = "VBoxAuth"
    default_vrde_extpack: Annotated[
        str,
        setting(
            "SystemProperties/@defaultVRDEExtPack", cli="vrdeextpack",
            label="Remote Desktop Extension Pack",
            help="Extension pack whose remote display server is used.",
        ),
    ] = ""
    default_crypto_extpack: Annotated[
        str,
        setting(
            "SystemProperties/@defaultCryptoExtPack", since=19,
            label="Encryption Extension Pack", help="Extension pack that encrypts machines.",
        ),
    ] = ""
    log_history_count: Annotated[
        int,
        setting(
            "SystemProperties/@LogHistoryCount", ge=0, le=1000, cli="loghistorycount",
            label="Log History", help="Number of old log files that are kept of a machine.",
        ),
    ] = 3
    default_frontend: Annotated[
        str,
        setting(
            "SystemProperties/@defaultFrontend", cli="defaultfrontend",
            label="Default Frontend", help="Kind of window with which machines start.",
        ),
    ] = ""
    autostart_database_path: Annotated[
        str,
        setting(
            "SystemProperties/@autostartDatabasePath", cli="autostartdbpath",
            label="Autostart Database", help="Folder that tells which users autostart machines.",
        ),
    ] = ""
    default_additions_iso: Annotated[
        str,
        setting(
            "SystemProperties/@defaultAdditionsISO", label="Guest Additions Image",
            help="Image from which the Guest Additions are installed.",
        ),
    ] = ""
    proxy_mode: Annotated[
        int,
        setting(
            "SystemProperties/@proxyMode", ge=0, le=2, cli="proxymode", label="Proxy",
            help="0 that of the system, 1 none, 2 the one named.",
        ),
    ] = 0
    proxy_url: Annotated[
        str,
        setting(
            "SystemProperties/@proxyUrl", cli="proxyurl", label="Proxy URL",
            help="Address of the proxy, for example http://proxy:3128.",
        ),
    ] = ""
    exclusive_hw_virt: Annotated[
        bool,
        setting(
            (
                Place("SystemProperties/@exclusiveHwVirt"),
                Place("PlatformProperties/@exclusiveHwVirt", 20),
            ),
            cli="hwvirtexclusive", label="Exclusive Hardware Virtualization",
            help="No other program may use the virtualization extensions of the host.",
        ),
    ] = True
    language_id: Annotated[
        str,
        setting(
            "SystemProperties/@LanguageId", cli="language", label="Language",
            help="Language of this program; that of the session when empty.",
        ),
    ] = ""
    usb_filters: Annotated[
        list[HostUsbDeviceFilter],
        items(
            "USBDeviceFilters/DeviceFilter", label="USB Device Filters",
            help="USB devices that the host gives up or keeps.",
        ),
    ] = msgspec.field(default_factory=list)
    usb_sources: Annotated[
        list[UsbDeviceSource],
        items(
            "USBDeviceSources/USBDeviceSource", key=("name",), label="USB Device Sources",
            help="Other computers whose USB devices can be used.",
        ),
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
