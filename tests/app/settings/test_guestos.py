"""The table of guest operating systems and guessing from names."""

import pytest

from app.settings import available, enums, guestos
from app.settings.defaults import default_settings
from app.settings.problems import problems
from app.settings.storage import CONTROLLER_LIMITS


def test_ids_are_unique_and_complete() -> None:
    ids = [each.id for each in guestos.os_types()]
    assert len(ids) == len({each.lower() for each in ids})
    for os_type_id in (
        "Other", "Other_64", "Windows31", "WindowsXP_64", "Windows2025_64", "WindowsNT_64",
        "Linux22", "Linux26_64", "Debian12_64", "OpenSUSE_Leap_64", "Ubuntu24_LTS_64",
        "Solaris11_64", "FreeBSD", "OpenBSD_64", "NetBSD_arm64", "OS2Warp45", "MacOS1013_64",
        "DOS", "Netware", "L4", "QNX", "JRockitVE", "VBoxBS_64",
    ):
        assert guestos.find_os_type(os_type_id) is not None, os_type_id


def test_values_suit_the_settings() -> None:
    for each in guestos.os_types():
        assert each.is_64bit == each.id.endswith(("_64", "_arm64")), each.id
        settings = default_settings("box", each.id)
        assert 4 <= settings.hardware.memory_mb <= 8192
        assert 1 <= settings.hardware.display.vram_mb <= 256
        assert each.recommended_disk_bytes >= 500 << 20


def test_examples() -> None:
    dos = guestos.os_type("DOS")
    assert (dos.recommended_memory_mb, dos.recommended_disk_bytes) == (32, 500 << 20)
    assert (dos.recommended_audio, dos.recommended_usb) == ("SB16", "")
    windows11 = guestos.os_type("windows11_64")
    assert (windows11.id, windows11.recommended_cpus, windows11.tpm) == ("Windows11_64", 2, True)
    assert guestos.os_type("Debian_64").rtc_utc


FAMILIES = {
    # id: memory MB, VRAM MB, disk MB, graphics, disks, network, audio, USB, firmware, chipset
    "Other": (64, 4, 2048, "VBoxVGA", "PIIX4", "Am79C973", "AC97", "OHCI", "BIOS", "PIIX3"),
    "DOS": (32, 4, 500, "VBoxVGA", "PIIX4", "Am79C973", "SB16", "", "BIOS", "PIIX3"),
    "WindowsXP": (192, 16, 10240, "VBoxVGA", "PIIX4", "82543GC", "AC97", "OHCI", "BIOS", "PIIX3"),
    "Windows7": (1024, 16, 32768, "VBoxSVGA", "AHCI", "82540EM", "HDA", "OHCI", "BIOS", "PIIX3"),
    "Windows10_64": (
        2048, 128, 51200, "VBoxSVGA", "AHCI", "82540EM", "HDA", "XHCI", "BIOS", "PIIX3",
    ),
    "Windows11_64": (4096, 128, 81920, "VBoxSVGA", "AHCI", "82540EM", "HDA", "XHCI", "EFI", "PIIX3"),
    "Linux26_64": (1024, 16, 8192, "VMSVGA", "AHCI", "82540EM", "AC97", "OHCI", "BIOS", "PIIX3"),
    "Ubuntu_64": (2048, 16, 25600, "VMSVGA", "AHCI", "82540EM", "AC97", "OHCI", "BIOS", "PIIX3"),
    "Solaris11_64": (4096, 16, 16384, "VMSVGA", "AHCI", "82540EM", "AC97", "OHCI", "BIOS", "PIIX3"),
    "FreeBSD_64": (1024, 16, 16384, "VMSVGA", "PIIX4", "82540EM", "AC97", "OHCI", "BIOS", "PIIX3"),
    "OS2Warp4": (64, 8, 2048, "VBoxVGA", "PIIX4", "Am79C973", "SB16", "OHCI", "BIOS", "PIIX3"),
    "MacOS_64": (2048, 16, 20480, "VBoxSVGA", "AHCI", "82545EM", "HDA", "OHCI", "EFI", "ICH9"),
}  # fmt: skip


@pytest.mark.parametrize("os_type_id", FAMILIES)
def test_recommendations_of_each_family(os_type_id: str) -> None:
    guest = guestos.os_type(os_type_id)
    assert FAMILIES[os_type_id] == (
        guest.recommended_memory_mb,
        guest.recommended_vram_mb,
        guest.recommended_disk_bytes >> 20,
        guest.recommended_graphics,
        guest.recommended_storage,
        guest.recommended_network,
        guest.recommended_audio,
        guest.recommended_usb,
        guest.recommended_firmware,
        guest.recommended_chipset,
    )


def test_every_family_has_a_recommendation_of_each_kind_that_settings_know() -> None:
    assert {each.family_id for each in guestos.os_types()} == {
        "Other", "Windows", "Linux", "Solaris", "BSD", "OS2", "MacOS",
    }
    for each in guestos.os_types():
        assert each.recommended_storage in CONTROLLER_LIMITS, each.id
        assert each.recommended_dvd_storage in CONTROLLER_LIMITS, each.id
        assert each.recommended_chipset in set(enums.Chipset), each.id
        assert each.recommended_firmware in set(enums.FirmwareType), each.id
        assert each.recommended_network in set(enums.AdapterType), each.id
        assert each.recommended_audio in set(enums.AudioController), each.id
        assert each.recommended_graphics in set(enums.GraphicsController), each.id
        assert each.recommended_usb in {"", *enums.UsbControllerType}, each.id


def test_new_machines_get_what_is_recommended_and_available() -> None:
    for each in guestos.os_types():
        hardware = default_settings("box", each.id).hardware
        kinds = [controller.type for controller in hardware.storage_controllers]
        assert set(kinds) <= available.STORAGE_CONTROLLERS, each.id
        assert ("I82078" in kinds) == each.floppy, each.id
        assert hardware.chipset in available.CHIPSETS
        assert hardware.firmware.type in available.FIRMWARE
        assert hardware.cpu.count <= available.NEW_MACHINE_PROCESSORS
        assert hardware.network_adapters[0].type in available.NETWORK_ADAPTERS
        assert hardware.audio.controller == each.recommended_audio
        usb = [controller.type for controller in hardware.usb_controllers]
        assert len(usb) == bool(each.recommended_usb)
        assert set(usb) <= available.USB_CONTROLLERS
        assert hardware.pointing_device == ("USBTablet" if each.usb_tablet else "PS2Mouse")
        assert usb or hardware.pointing_device == "PS2Mouse"
        assert hardware.rtc_utc == each.rtc_utc
        assert problems(default_settings("box", each.id)) == []


def test_disks_and_discs_go_where_they_are_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = frozenset(enums.StorageControllerType)
    monkeypatch.setattr(available, "STORAGE_CONTROLLERS", everything)
    linux = default_settings("box", "Linux26_64").hardware.storage_controllers
    assert [(each.name, each.type) for each in linux] == [("IDE", "PIIX4"), ("SATA", "AHCI")]
    assert [(drive.type, drive.port) for drive in linux[0].attachments] == [("DVD", 1)]
    windows = default_settings("box", "Windows10_64").hardware.storage_controllers
    assert [(each.name, each.port_count) for each in windows] == [("SATA", 2)]
    assert [(drive.type, drive.port) for drive in windows[0].attachments] == [("DVD", 1)]
    dos = default_settings("box", "DOS").hardware.storage_controllers
    assert [each.name for each in dos] == ["IDE", "Floppy"]


def test_unknown_ids_are_kept() -> None:
    assert guestos.find_os_type("Plan9_128") is None
    assert guestos.os_type("Plan9_128").id == "Plan9_128"
    assert default_settings("box", "Plan9_128").os_type_id == "Plan9_128"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ubuntu", "Ubuntu_64"), ("My Ubuntu 22.04", "Ubuntu22_LTS_64"), ("xubuntu", "Xubuntu_64"),
        ("debian", "Debian_64"), ("debian-12.5.0-i386-netinst", "Debian12"),
        ("win10", "Windows10_64"), ("Windows 10 32-bit", "Windows10"), ("Win98SE", "Windows98"),
        ("Windows 8.1", "Windows81_64"), ("Windows XP", "WindowsXP"), ("winnt4", "WindowsNT4"),
        ("Windows Server 2019", "Windows2019_64"), ("windows", "Windows11_64"),
        ("MS-DOS 6.22", "DOS"), ("FreeDOS", "DOS"), ("linux box", "Linux_64"),
        ("alpine-x86", "Linux26"), ("arch", "ArchLinux_64"), ("freebsd 14", "FreeBSD_64"),
        ("OS/2 Warp 4", "OS2Warp4"), ("darwin", "MacOS_64"),
        ("search engine", None), ("twin peaks", None), ("", None),
    ],
)
def test_guess(name: str, expected: str | None) -> None:
    assert guestos.guess_os_type(name) == expected


def test_every_guess_is_in_the_table() -> None:
    for _, id64, id32 in guestos._GUESSES:
        for os_type_id in filter(None, (id64, id32)):
            assert guestos.find_os_type(os_type_id) is not None, os_type_id
