"""The configuration tree of a PC: what options become."""

import pytest

from engine.cpum import CpuProfile, Features1Edx
from engine.errors import ConfigurationError
from engine.pcboard import (
    IdeUnit,
    Nic,
    PcOptions,
    SerialPort,
    UsbBus,
    fit_processors,
    pc_tree,
)
from engine.smbios import PROCESSOR, SmbiosInfo, build_smbios


@pytest.fixture
def board(tmp_path):
    """Make a tree with firmware files of the test's own."""
    bios = bytearray(128 << 10)
    bios[-16] = 0xEA  # the jump at the reset vector
    (tmp_path / "bios").write_bytes(bios)
    vga = bytearray(b"\x55\xaa\x40".ljust(32 << 10, b"\0"))
    vga[-1] = -sum(vga) & 0xFF
    (tmp_path / "vga").write_bytes(vga)

    def make(**options):
        return pc_tree(
            PcOptions(bios=str(tmp_path / "bios"), vga_bios=str(tmp_path / "vga"), **options)
        )

    return make


def config(tree, device):
    return tree.find(f"Devices/{device}/0/Config").values


def test_memory_is_split_at_the_pci_hole(board):
    small, large = (config(board(memory_mb=mb), "fwcfg") for mb in (512, 8192))
    assert (small["ram_below_4g"], small["ram_above_4g"]) == (512 << 20, 0)
    assert large["ram_below_4g"] < 4 << 30
    assert large["ram_below_4g"] + large["ram_above_4g"] == 8192 << 20


def test_too_little_memory_is_refused(board):
    with pytest.raises(ConfigurationError, match="at least 4 MB of memory, not 3"):
        board(memory_mb=3)


@pytest.mark.parametrize("pae", [True, False])
def test_the_tables_and_cpuid_say_the_same_of_the_cpu(board, pae):
    tree = board(pae=pae)
    told = {name: value for name, value in config(tree, "fwcfg").items() if name.startswith("cpu_")}
    signature, _, _, features = CpuProfile.from_cfgm(tree.find("CPUM")).leaf(1)
    assert bool(features & Features1Edx.PAE) is pae
    tables = build_smbios(SmbiosInfo(ram_below_4g=1 << 20, **told)).tables
    processor = tables.index(b"\x04\x2a" + PROCESSOR.to_bytes(2, "little"))
    identity = signature.to_bytes(4, "little") + features.to_bytes(4, "little")
    assert tables[processor + 8 : processor + 16] == identity
    assert b"AuthenticAMD\0" in tables
    assert b"Vitrine Virtual CPU\0" in tables


def test_the_tables_hold_no_odd_letters_of_an_override(board):
    first = int.from_bytes(b"Ab\1\xff", "little")
    told = config(board(cpuid={(0x8000_0002, 0): (first, 0x0043, 0, 0)}), "fwcfg")
    assert told["cpu_brand"] == "Ab?\ufffdC"


def test_several_processors_bring_the_apics_along(board):
    tree = board(cpus=4)
    assert tree.find("Devices/apic/0") is not None
    assert tree.find("Devices/ioapic/0") is not None
    assert (config(tree, "fwcfg")["cpu_count"], config(tree, "mc146818")["cpus"]) == (4, 4)
    assert "instead of 4" in fit_processors(tree, 1)
    assert (config(tree, "fwcfg")["cpu_count"], config(tree, "mc146818")["cpus"]) == (1, 1)
    assert fit_processors(tree, 1) == ""


def test_a_controller_that_is_not_known_is_refused(board):
    with pytest.raises(ConfigurationError, match="no IDE controller model 'ich9'"):
        board(ide_model="ich9")


def test_drives_and_their_images(board):
    tree = board(
        ide=[IdeUnit("disk", "/d.vdi"), IdeUnit(), IdeUnit("cdrom"), IdeUnit()],
        floppies=["/a.img", ""],
        serial=[SerialPort(driver="File", settings={"Path": "/log"})],
    )
    assert config(tree, "piix4ide")["unit2"] == "cdrom"
    assert tree.find("Devices/piix4ide/0/LUN#0/Config").values == {
        "Path": "/d.vdi",
        "Type": "hdd",
        "ReadOnly": False,
    }
    assert tree.find("Devices/piix4ide/0/LUN#2") is None
    assert tree.find("Devices/i82078/0/LUN#0/Config").values["Path"] == "/a.img"
    assert tree.find("Devices/i82078/0/LUN#1") is None
    assert tree.find("Devices/serial/0/LUN#0/Config").values == {"Path": "/log"}
    assert config(tree, "fwcfg")["com_ports"] == "3f8/4"


def test_without_drives_there_is_no_floppy_controller(board):
    tree = board()
    assert tree.find("Devices/i82078") is None
    assert config(tree, "fwcfg")["floppy"] is False


def test_network_adapters_have_their_places(board):
    nat = Nic(slot=3, model="82545EM", mac="080027000004", driver="NAT", settings={"Adapter": 3})
    tree = board(nics=[Nic(slot=0), nat, Nic(slot=7)])
    nodes = {n: tree.find(f"Devices/e1000/{n}") for n in (0, 3, 7)}
    places = {n: node.integer("PCIDeviceNo") for n, node in nodes.items()}
    assert places == {0: 0x03, 3: 0x0A, 7: 0x13}
    assert nodes[3].find("Config").values["model"] == "82545EM"
    assert nodes[3].find("LUN#0").values == {"Driver": "NAT"}
    assert nodes[3].find("LUN#0/Config").values == {"Adapter": 3}
    assert nodes[0].find("LUN#0") is None


def test_a_ninth_adapter_has_no_place(board):
    with pytest.raises(ConfigurationError, match="no place for network adapter 9"):
        board(nics=[Nic(slot=8)])


def test_usb_controllers_have_their_places_and_devices(board):
    tree = board(usb=[UsbBus("ohci", ["tablet", "", "mouse"]), UsbBus("xhci")])
    ohci, xhci = tree.find("Devices/usb-ohci/0"), tree.find("Devices/usb-xhci/0")
    assert (ohci.integer("PCIDeviceNo"), xhci.integer("PCIDeviceNo")) == (6, 12)
    assert config(tree, "usb-ohci") == {"devices": "tablet,,mouse"}
    with pytest.raises(ConfigurationError, match="uhci"):
        board(usb=[UsbBus("uhci")])


def test_virtio_disks_have_slots_of_their_own(board):
    disks = [IdeUnit("disk", "/a.vdi", fixed=True), IdeUnit(), IdeUnit(fixed=True)]
    tree = board(disks=disks)
    places = {
        name: (node.integer("PCIDeviceNo"), node.find("Config").values["hot_plug"])
        for name, node in tree.find("Devices/virtio-blk").children.items()
    }
    assert places == {"0": (24, False), "1": (25, True)}
    assert tree.find("Devices/virtio-blk/0/LUN#0/Config").values["Path"] == "/a.vdi"
    assert tree.find("Devices/pcihotplug/0") is not None
    assert board(disks=disks[:1]).find("Devices/pcihotplug") is None
    with pytest.raises(ConfigurationError, match="9 ports for virtio-blk disks"):
        board(disks=[IdeUnit()] * 9)
