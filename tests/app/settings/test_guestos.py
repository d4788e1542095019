"""The table of guest operating systems and guessing from names."""

import pytest

from app.settings import guestos
from app.settings.defaults import default_settings


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
