"""What the host has, and the properties of the installation, from the command line."""

from __future__ import annotations

import re

import pytest

from app.api.hoststructs import HostCpuIdLeaf, HostInfo, HostUsbDevice, HostVideoInput
from app.service.handlers import host as handlers
from tests.app.cli.shell import Shell, first_error, lines_starting

INFO = HostInfo(
    utc_time_ms=1727940523045,
    processor_count=2,
    processor_online_count=2,
    processor_core_count=1,
    processor_online_core_count=1,
    processor_features=["HWVirtEx", "PAE", "LongMode"],
    processor_speeds=[2600, 0],
    processor_descriptions=["Example CPU @ 2.60GHz", "Example CPU @ 2.60GHz"],
    memory_size_mb=16000,
    memory_available_mb=9000,
    operating_system="Linux",
    os_version="6.1.0",
)
STICK = HostUsbDevice(
    id="0b6f1b0d-1111-4222-8333-444455556666",
    vendor_id=0x0781,
    product_id=0x5530,
    revision=0x0127,
    port=1,
    usb_version=2,
    speed="High",
    manufacturer="SanDisk",
    product="Cruzer",
    address="/dev/bus/usb/001/004",
    port_path="1-2",
    state="Busy",
)


@pytest.fixture
def example_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is the same everywhere."""
    monkeypatch.setattr(handlers, "host_info", lambda: INFO)
    monkeypatch.setattr(handlers, "usb_devices", lambda: [STICK])
    leaf = HostCpuIdLeaf(leaf=0x80000001, eax=1, ebx=0xABCDEF, ecx=0, edx=0xFFFFFFFF)
    monkeypatch.setattr(handlers, "cpuid_leaves", lambda: [leaf])
    camera = HostVideoInput(alias=".1", name="Webcam C270", path="/dev/video0")
    monkeypatch.setattr(handlers, "video_inputs", lambda: [camera])


@pytest.mark.usefixtures("example_host")
def test_lists_of_a_host(shell: Shell) -> None:
    keywords = ("hostinfo", "hostcpuids", "usbhost", "webcams")
    printed = "".join(f"$ list {word}\n{shell.ok('list', word)}" for word in keywords)
    shell.check_golden("list-host", printed)


def test_lists_that_are_empty(shell: Shell) -> None:
    keywords = (
        "hostonlyifs", "hostonlynets", "natnets", "intnets", "extpacks", "usbfilters",
        "cpu-profiles", "cloudproviders", "cloudprofiles", "cloudnets",
    )  # fmt: skip
    printed = "".join(f"$ list {word}\n{shell.ok('list', word)}" for word in keywords)
    shell.check_golden("list-empty", printed)


def test_bridgedifs_have_the_lines_that_vagrant_reads(shell: Shell) -> None:
    captions = [
        "Name", "GUID", "DHCP", "IPAddress", "NetworkMask", "IPV6Address",
        "IPV6NetworkMaskPrefixLength", "HardwareAddress", "MediumType", "Wireless", "Status",
        "VBoxNetworkName",
    ]  # fmt: skip
    printed = shell.ok("list", "bridgedifs")
    assert printed == shell.ok("list", "hostifs")
    for block in printed.split("\n\n")[:-1]:
        assert [line.partition(":")[0] for line in block.splitlines()] == captions
        name = lines_starting(block, "Name:")[0].split()[1]
        assert name != "lo"
        assert block.endswith(f"VBoxNetworkName: HostInterfaceNetworking-{name}")


def test_systemproperties(shell: Shell) -> None:
    shell.ok("setproperty", "machinefolder", "/srv/machines")
    shell.check_golden("list-systemproperties", shell.ok("list", "systemproperties"))


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("autostartdbpath", "/etc/vbox", "Autostart database path:         /etc/vbox"),
        ("defaultfrontend", "headless", "Default frontend:                headless"),
        ("hwvirtexclusive", "off", "Exclusive HW virtualization use: off"),
        ("hwvirtexclusive", "on", "Exclusive HW virtualization use: on"),
        ("language", "de", "User language:                   de"),
        ("logginglevel", "main*.e.l.f", "Logging Level:                   main*.e.l.f"),
        ("loghistorycount", "7", "Log history count:               7"),
        ("machinefolder", "/srv/vms", "Default machine folder:          /srv/vms"),
        ("proxymode", "system", "Proxy Mode:                      System"),
        ("proxymode", "noproxy", "Proxy Mode:                      NoProxy"),
        ("proxymode", "manual", "Proxy Mode:                      Manual"),
        ("proxyurl", "http://proxy:3128", "Proxy URL:                       http://proxy:3128"),
        ("vrdeauthlibrary", "mine", "VRDE auth library:               mine"),
        ("vrdeextpack", "pack", "Remote desktop ExtPack:          pack"),
        ("websrvauthlibrary", "null", "Webservice auth. library:        null"),
    ],
)
def test_setproperty(shell: Shell, name: str, value: str, line: str) -> None:
    assert shell.ok("setproperty", name, value) == ""
    assert line in shell.ok("list", "systemproperties").splitlines()


def test_setproperty_restores_defaults(shell: Shell) -> None:
    before = shell.ok("list", "systemproperties")
    for name in ("machinefolder", "vrdeauthlibrary", "defaultfrontend", "websrvauthlibrary"):
        shell.ok("setproperty", name, "/elsewhere")
        shell.ok("setproperty", name, "default")
    shell.ok("setproperty", "vrdeextpack", "pack")
    shell.ok("setproperty", "vrdeextpack", "null")
    assert shell.ok("list", "systemproperties") == before


@pytest.mark.parametrize(
    ("name", "value", "code", "sentence"),
    [
        ("colour", "red", 2, "Invalid parameter 'colour'"),
        ("machinefolder", "relative", 1, "'relative' .* is not an absolute path"),
        ("loghistorycount", "-1", 1, "must be a number from 0 to 1000"),
        ("loghistorycount", "1001", 1, "must be a number from 0 to 1000"),
        ("hwvirtexclusive", "maybe", 1, "Invalid hwvirtexclusive argument 'maybe'"),
        ("proxymode", "socks", 1, "Invalid proxymode argument 'socks'"),
    ],
)
def test_setproperty_refuses(
    shell: Shell, name: str, value: str, code: int, sentence: str
) -> None:
    before = shell.ok("list", "systemproperties")
    ran = shell.run("setproperty", name, value)
    assert ran.code == code
    assert re.search(sentence, first_error(ran))
    assert shell.ok("list", "systemproperties") == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["extpack", "install", "x.vbox-extpack"], "cannot load extension packs"),
        (["extpack", "uninstall", "Oracle"], "No extension pack by the name 'Oracle'"),
        (["cloud", "list", "instances"], "There is no cloud provider"),
        (["cloudprofile", "--provider=OCI", "show"], "There is no cloud provider"),
        (["encryptmedium", "none.vdi", "--newpassword", "-"], "(VERR_FILE_NOT_FOUND)"),
        (["encryptvm", "none", "checkpassword", "-"], "Could not find a registered machine"),
        (["updatecheck", "perform"], "does not look for new releases itself"),
    ],
)
def test_what_this_product_does_without(shell: Shell, words: list[str], sentence: str) -> None:
    ran = shell.run(*words)
    assert ran.code == 1
    assert sentence in first_error(ran)


def test_extpack_cleanup(shell: Shell) -> None:
    assert shell.ok("extpack", "cleanup") == "Successfully performed extension pack cleanup\n"


def test_global_usb_filters(shell: Shell) -> None:
    shell.ok("usbfilter", "add", "0", "--target", "global", "--name", "second", "--action", "hold")
    shell.ok(
        "usbfilter", "add", "0", "--target=global", "--name=first", "--action=ignore",
        "--vendorid=0781", "--productid=5530", "--revision=0127", "--manufacturer=SanDisk",
        "--product=Cruzer", "--serialnumber=42", "--port=0001", "--active=no",
    )  # fmt: skip
    shell.ok("usbfilter", "modify", "1", "--target", "global", "--action", "ignore")
    shell.check_golden("list-usbfilters", shell.ok("list", "usbfilters"))
    shell.ok("usbfilter", "remove", "0", "--target", "global")
    assert lines_starting(shell.ok("list", "usbfilters"), "Name:") == ["Name:             second"]
    assert shell.run("usbfilter", "remove", "1", "--target", "global").code == 1
    assert shell.run("usbfilter", "add", "0", "--target", "global", "--name", "x").code == 2


def test_types_of_an_architecture(shell: Shell) -> None:
    every = shell.ok("list", "ostypes")
    assert shell.ok("list", "ostypes", "--platform-arch=x86") == every
    assert shell.ok("list", "--platform-arch", "arm", "ostypes", "ossubtypes") == ""
    ran = shell.run("list", "ostypes", "--platform-arch=mips")
    assert (ran.code, first_error(ran)) == (2, "Invalid platform architecture: 'mips'")
