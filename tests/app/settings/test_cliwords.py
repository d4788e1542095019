"""Values in the words of the command line."""

from enum import StrEnum
from typing import Any

import pytest

from app.settings import cliwords, enums
from app.settings.declare import fields_of
from app.settings.hardware import HardwareSettings
from app.settings.model import CpuSettings, NetworkAdapter
from app.settings.values import BadValueError
from tests.app.settings.plain import plain_settings

ENUMS = [
    each for each in vars(enums).values()
    if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum
]  # fmt: skip


@pytest.mark.parametrize("choices", ENUMS, ids=lambda each: each.__name__)
def test_every_word_is_unique_and_understood_in_any_case(choices: type[StrEnum]) -> None:
    words = cliwords.words(choices)
    assert len({word.lower() for word in words}) == len(words)
    for each in choices:
        if each.value:
            word = cliwords.word(choices, each.value)
            assert cliwords.from_word(choices, word) == each.value
            assert cliwords.from_word(choices, word.upper()) == each.value
            assert cliwords.from_word(choices, each.value) == each.value


@pytest.mark.parametrize(
    ("choices", "value", "word"),
    [
        (enums.Chipset, "ICH9", "ich9"),
        (enums.PointingDevice, "USBTablet", "usbtablet"),
        (enums.PointingDevice, "PS2Mouse", "ps2"),
        (enums.BootDevice, "HardDisk", "disk"),
        (enums.Attachment, "Internal", "intnet"),
        (enums.Attachment, "HostOnlyNetwork", "hostonlynetwork"),
        (enums.AdapterType, "Am79C973", "Am79C973"),
        (enums.PromiscuousMode, "AllowNetwork", "allow-vms"),
        (enums.TpmType, "v2_0", "2.0"),
        (enums.AudioDriver, "DirectSound", "dsound"),
        (enums.StorageControllerType, "AHCI", "IntelAhci"),
        (enums.GraphicsController, "Holodeck", "holodeck"),
    ],
)
def test_words_of_vboxmanage(choices: type[StrEnum], value: str, word: str) -> None:
    assert cliwords.word(choices, value) == word


def test_unknown_words_name_the_known_ones() -> None:
    with pytest.raises(BadValueError, match="valid: piix3, ich9"):
        cliwords.from_word(enums.Chipset, "440bx")


def test_old_spellings() -> None:
    assert cliwords.from_word(enums.Attachment, "hostonlynet") == "HostOnlyNetwork"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("hardware.memory_mb", "2048"),
        ("hardware.firmware.ioapic", "on"),
        ("hardware.display.controller", "vboxvga"),
        ("hardware.boot_order", "floppy,dvd,disk,none"),
        ("hardware.network_adapters[1].attachment", "natnetwork"),
        ("hardware.network_adapters[1].nat.mtu", "0"),
        ("hardware.storage_controllers[IDE].attachments[1,0].type", "dvddrive"),
        ("hardware.remote_display.properties", "TCP/Ports=1,a=b"),
        ("name", "box"),
        ("last_state_change", ""),
    ],
)
def test_any_setting_can_be_spelled(path: str, expected: str) -> None:
    settings = plain_settings("box", "Debian_64")
    settings.last_state_change = None
    settings.hardware.network_adapters.append(NetworkAdapter(slot=1, attachment="NATNetwork"))
    settings.hardware.remote_display.properties = {"TCP/Ports": "1", "a": "b"}
    assert cliwords.spelled(settings, path) == expected


@pytest.mark.parametrize("path", ["hardware.nothing", "hardware.network_adapters[7].type"])
def test_what_is_not_there(path: str) -> None:
    with pytest.raises(KeyError):
        cliwords.spelled(plain_settings("box"), path)


@pytest.mark.parametrize(
    ("cls", "name", "text", "value"),
    [
        (CpuSettings, "count", "0x10", 16),
        (CpuSettings, "pae", "ON", True),
        (CpuSettings, "profile", "Intel 8086", "Intel 8086"),
        (HardwareSettings, "hardware_uuid", "", ""),
        (HardwareSettings, "chipset", "ICH9", "ICH9"),
    ],
)
def test_texts_are_understood(cls: Any, name: str, text: str, value: Any) -> None:
    field = next(each for each in fields_of(cls) if each.name == name)
    assert cliwords.parse(field, text) == value


@pytest.mark.parametrize(
    ("cls", "name", "text"),
    [
        (CpuSettings, "count", "many"),
        (CpuSettings, "pae", "perhaps"),
        (HardwareSettings, "hardware_uuid", "zz"),
    ],
)
def test_texts_that_are_no_values(cls: Any, name: str, text: str) -> None:
    field = next(each for each in fields_of(cls) if each.name == name)
    with pytest.raises(BadValueError):
        cliwords.parse(field, text)
