"""``startvm``, ``controlvm`` and ``debugvm`` on a VM process that only plays one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.api import Client
from app.cli.commands import controlvm_absent
from app.cli.commands.controlvm_verbs import verbs
from tests.app.cli.shell import Shell, first_error, values_of
from tests.app.cli.test_machines import PROGRESS
from tests.app.service.fixtures import MakeMachine

pytestmark = pytest.mark.usefixtures("vm_processes")


@pytest.fixture
def running(shell: Shell, client: Client, make_machine: MakeMachine) -> str:
    """A machine that runs."""
    make_machine(client, "vm")
    shell.ok("modifyvm", "vm", "--nic1", "nat", "--uart1", "0x3f8", "4")
    shell.ok("startvm", "vm", "--type", "headless")
    return "vm"


def shown(shell: Shell, name: str) -> dict[str, str]:
    return values_of(shell.ok("showvminfo", name, "--machinereadable"))


# -- startvm -----------------------------------------------------------------------------------


def test_startvm_says_what_it_does(shell: Shell, client: Client, make_machine: MakeMachine) -> None:
    for name in ("one", "two"):
        make_machine(client, name)
    assert shell.ok("startvm", "one", "two", "--type=headless", "-E", "A=1", "--putenv", "B") == (
        'Waiting for VM "one" to power on...\n'
        'VM "one" has been successfully started.\n'
        'Waiting for VM "two" to power on...\n'
        'VM "two" has been successfully started.\n'
    )


def test_one_machine_that_fails_does_not_keep_the_others_from_starting(
    shell: Shell, client: Client, make_machine: MakeMachine
) -> None:
    make_machine(client, "bad", "refuse")
    make_machine(client, "good")
    ran = shell.run("startvm", "bad", "nobody", "good", "--type", "headless")
    assert ran.code == 1
    assert first_error(ran).startswith("The disk image is damaged.")
    assert "Could not find a registered machine named 'nobody'" in ran.err
    assert 'VM "good" has been successfully started.\n' in ran.out
    again = shell.run("startvm", "good")
    assert "is already locked by a session (or being locked or unlocked)" in first_error(again)
    assert "code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap" in again.err


def test_startvm_checks_its_words_first(shell: Shell) -> None:
    assert shell.run("startvm").code == 2
    assert "Invalid --putenv argument '=x'" in shell.run("startvm", "vm", "-E", "=x").err
    assert "Encrypted machines" in shell.run("startvm", "vm", "--password", "f").err


# -- controlvm ---------------------------------------------------------------------------------


def test_usb_devices_of_the_host_are_the_running_machine_s_affair(
    shell: Shell, running: str
) -> None:
    for name in ("usbattach", "usbdetach"):
        refused = shell.run("controlvm", running, name, "/dev/bus/usb/001/004")
        assert first_error(refused) == "No USB device /dev/bus/usb/001/004."
        assert "Missing argument" in shell.run("controlvm", running, name).err


def test_showvminfo_tells_the_usb_devices_that_a_guest_has(
    shell: Shell, client: Client, make_machine: MakeMachine
) -> None:
    make_machine(client, "vm", "stick")
    shell.ok("startvm", "vm", "--type", "headless")
    told = shown(shell, "vm")
    assert told["USBAttachedUUID1"] == "5d0f7f0c-9c6e-5b43-8d0c-0d6a1f2b3c4d"
    assert told["USBAttachedVendorId1"] == "0x0951"
    text = shell.ok("showvminfo", "vm")
    section = text[text.index("Currently attached USB devices:") :].splitlines()
    assert [line.split(maxsplit=1) for line in section[2:8]] == [
        ["UUID:", "5d0f7f0c-9c6e-5b43-8d0c-0d6a1f2b3c4d"],
        ["VendorId:", "0x0951 (0951)"],
        ["ProductId:", "0x1666 (1666)"],
        ["Revision:", "01.10 (0110)"],
        ["Manufacturer:", "Kingston"],
        ["Address:", "/dev/bus/usb/001/004"],
    ]


def test_a_machine_pauses_goes_on_and_ends(shell: Shell, running: str) -> None:
    shell.ok("controlvm", running, "pause")
    assert shown(shell, running)["VMState"] == "paused"
    shell.ok("controlvm", running, "resume")
    shell.ok("controlvm", running, "reset")
    refused = shell.run("controlvm", running, "acpipowerbutton")
    assert (refused.code, first_error(refused)) == (1, "The guest does not listen.")
    ran = shell.run("controlvm", running, "poweroff")
    assert (ran.code, ran.out, ran.err) == (0, "", PROGRESS)
    # Whoever waited for it may remove it at once.
    shell.ok("unregistervm", running, "--delete")


def test_a_machine_that_is_off_is_told(shell: Shell, client: Client, make_machine: MakeMachine) -> None:
    make_machine(client, "vm")
    for words in (("controlvm", "vm", "pause"), ("debugvm", "vm", "info", "pic")):
        ran = shell.run(*words)
        assert (ran.code, first_error(ran)) == (1, "Machine 'vm' is not currently running.")


def test_typing(shell: Shell, running: str, tmp_path: Path) -> None:
    shell.ok("controlvm", running, "keyboardputscancode", "1c", "0x9C", "e0", "48")
    shell.ok("controlvm", running, "keyboardputstring", "-- Hello\n", "--there")
    text = tmp_path / "text"
    text.write_text("line\r\n" * 200)
    shell.ok("controlvm", running, "keyboardputfile", str(text))
    for words, sentence in (
        (("keyboardputscancode", "1g"), "'1g' is not a hex byte"),
        (("keyboardputscancode", "100"), "'100' is not a hex byte"),
        (("keyboardputstring", "äöü"), "No key of a US keyboard types the character 'ä'."),
        (("keyboardputfile", str(tmp_path / "no")), "Cannot read file"),
    ):
        ran = shell.run("controlvm", running, *words)
        assert ran.code == 1
        assert first_error(ran).startswith(sentence)


def test_screenshot_replaces_a_file_only_when_it_is_complete(
    shell: Shell, running: str, tmp_path: Path
) -> None:
    path = tmp_path / "screen.png"
    path.write_text("before")
    shell.ok("controlvm", running, "screenshotpng", str(path), "0")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert os.listdir(tmp_path).count("screen.png") == 1
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".screenshot")]
    ran = shell.run("controlvm", running, "screenshotpng", str(tmp_path / "no" / "x.png"))
    assert first_error(ran).endswith("x.png' (No such file or directory)")


CHANGES = (
    ("setlinkstate1 off", "cableconnected1", "off"),
    ("natpf1 ssh,tcp,,2222,,22", "Forwarding(0)", "ssh,tcp,,2222,,22"),
    ("nic1 bridged eth7", "bridgeadapter1", "eth7"),
    ("cpuexecutioncap 50", "cpuexecutioncap", "50"),
    ("clipboard mode bidirectional", "clipboard", "bidirectional"),
    ("clipboard disabled", "clipboard", "disabled"),
    ("clipboard filetransfers on", "clipboard_file_transfers", "on"),
    ("draganddrop hosttoguest", "draganddrop", "hosttoguest"),
    ("vrde on", "vrde", "on"),
    ("autostart-enabled on", "autostart-enabled", "on"),
    ("autostart-delay 7", "autostart-delay", "7"),
    ("vm-process-priority low", "vmprocpriority", "low"),
    ("guestmemoryballoon 16", "GuestMemoryBalloon", "16"),
    ("changeuartmode1 tcpserver 2023", "uartmode1", "tcpserver,2023"),
    ("recording on", "recording_enabled", "on"),
    ("recording stop", "recording_enabled", "off"),
    ("recording start", "recording_enabled", "on"),
    ("recording off", "recording_enabled", "off"),
    ("recording videofps 5", "rec_screen_video_fps", "5"),
)


def test_settings_change_while_it_runs_and_are_shown(shell: Shell, running: str) -> None:
    for words, key, value in CHANGES:
        shell.ok("controlvm", running, *words.split())
        assert shown(shell, running)[key] == value, words


REFUSALS = (
    ("setlinkstate2 off", "The NIC 2 is currently disabled and thus can't be changed"),
    ("natpf1 delete ssh", "NIC 1 has no NAT rule named 'ssh'"),
    ("cpuexecutioncap 101", "Invalid CPU execution cap value: 101 (must be in range [1, 100])"),
    ("changeuartmode2 disconnected", "The serial port 2 is not enabled"),
    ("changeuartmode1 file /refused", "The pipe is refused."),
    ("recording attach", "This version cannot follow a recording that is being made."),
)


def test_what_cannot_be_changed_is_told_and_nothing_is(shell: Shell, running: str) -> None:
    before = shown(shell, running)
    for words, sentence in REFUSALS:
        ran = shell.run("controlvm", running, *words.split())
        assert ran.code == 1, words
        assert first_error(ran).startswith(sentence)
    assert shown(shell, running) == before


WRONG_WORDS = (
    "", "nonsense", "natpf", "pause1", "pause now", "nic1", "nic1 nat a b", "clipboard",
    "recording maybe", "screenshotpng", "screenshotpng a b c", "keyboardputstring",
)  # fmt: skip


def test_wrong_words_give_usage_and_code_2(shell: Shell, running: str) -> None:
    for words in WRONG_WORDS:
        ran = shell.run("controlvm", running, *words.split())
        assert ran.code == 2, words
        assert "vitrine-manage controlvm <uuid | vmname> pause\n" in ran.err


def test_what_this_version_lacks_is_said(shell: Shell, running: str) -> None:
    for verb in controlvm_absent.ABSENT:
        ran = shell.run("controlvm", running, verb, "more", "words")
        assert ran.code == 1, verb
        assert first_error(ran).endswith(".")
        assert "code VBOX_E_NOT_SUPPORTED (0x80bb0009), component ConsoleWrap" in ran.err


def test_help_names_every_verb(shell: Shell) -> None:
    text = shell.ok("controlvm", "--help")
    for name, verb in verbs.items():
        assert f"> {name}{'<N>' if verb.indexed else ''}" in text


# -- debugvm -----------------------------------------------------------------------------------


def test_registers(shell: Shell, running: str) -> None:
    assert shell.ok("debugvm", running, "getregisters", "rip") == "rip = 0x000000000000fff0\n"
    assert shell.ok("debugvm", running, "getregisters", "--cpu=0", "all") == (
        "rip       = 0x000000000000fff0\ngdtr_base = 0x0000000000000000\n"
    )
    assert shell.ok("debugvm", running, "setregisters", "rip=7") == "Successfully set rip\n"
    assert shell.ok("debugvm", running, "setregisters", "rip=7", "gdtr_base=0x9") == (
        "Successfully set 2 registers\n"
    )
    assert shell.ok("debugvm", running, "getregisters", "rip") == "rip = 7\n"
    unknown = shell.run("debugvm", running, "getregisters", "zip")
    assert (unknown.code, first_error(unknown)) == (1, "There is no register 'zip'.")
    for words in (("getregisters",), ("setregisters",), ("setregisters", "rip"), ("nonsense",)):
        assert shell.run("debugvm", running, *words).code == 2


def test_items_counters_and_core_files(shell: Shell, running: str, tmp_path: Path) -> None:
    assert shell.ok("debugvm", running, "info", "pic", "all", "of it") == "pic(all of it)\n"
    xml = shell.ok("debugvm", running, "statistics", "--pattern", "/EM/*")
    assert xml == '<Statistics><Counter c="7" unit="times" name="/EM/*"/></Statistics>\n'
    assert shell.ok("debugvm", running, "statistics", "--reset") == ""
    assert shell.ok("debugvm", running, "injectnmi") == ""
    assert shell.ok("debugvm", running, "osdetect") == "Detected: Linux\n"
    assert shell.ok("debugvm", running, "osinfo") == "Name:    Linux\nVersion: 6.1.0\n"
    core = tmp_path / "core"
    shell.ok("debugvm", running, "dumpvmcore", f"--filename={core}")
    assert core.read_bytes() == b"ELF"
    assert "The --filename option is required" in shell.run("debugvm", running, "dumpvmcore").err


def test_log_settings(shell: Shell, running: str) -> None:
    shell.ok("debugvm", running, "log", "--release", "-all+dev_vga", "+em")
    assert shell.ok("debugvm", running, "show", "--sh-export", "logrel-settings") == (
        "export VBOX_RELEASE_LOG='-all+dev_vga +em'\n"
        "export VBOX_RELEASE_LOG_FLAGS='on'\n"
        "export VBOX_RELEASE_LOG_DEST='x'\n"
    )
    human = shell.ok("debugvm", running, "show", "logdbg-settings")
    assert human.splitlines()[0] == "Debug logger settings:"
    assert human.splitlines()[2] == "              VBOX_LOG_FLAGS=on"
    assert shell.ok("debugvm", running, "show", "--cmd-set", "logdbg-settings").startswith("set VBOX_LOG=")
    assert shell.run("debugvm", running, "show", "weather").code == 2
