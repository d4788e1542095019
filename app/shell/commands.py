"""How commands of the shell are declared, and those that stand for a line of vitrine-manage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from app.shell.shell import Shell

Function = Callable[["Shell", list[str]], None]


class ShellCommand(msgspec.Struct, frozen=True):
    """A command of the shell.

    Attributes:
        name: Its name.
        usage: What follows the name.
        summary: What it does, one sentence.
        words: How many words it takes, at least and at most; -1: any number.
        function: Carries it out.
        machine: The first word is a machine, for completion.
    """

    name: str
    usage: str
    summary: str
    words: tuple[int, int]
    function: Function
    machine: bool = False


COMMANDS: Final[dict[str, ShellCommand]] = {}
"""Every command of the shell by name, old names included."""


def command(
    *names: str,
    usage: str = "",
    words: tuple[int, int] = (0, 0),
    machine: bool = False,
) -> Callable[[Function], Function]:
    """Declare the function that carries out a command; its docstring is the summary.

    Args:
        names: Its name, and those by which vboxshell knows it.
        usage: See :class:`ShellCommand`, as for the others.
        words: At least and at most.
        machine: The first word is a machine.
    """

    def declare(function: Function) -> Function:
        summary = (function.__doc__ or "").partition("\n")[0]
        for name in names:
            COMMANDS[name] = ShellCommand(name, usage, summary, words, function, machine)
        return function

    return declare


_AT_SLOT: Final = "storageattach {0} --storagectl {1} --port {2} --device {3}"
_SLOT: Final = "MACHINE CONTROLLER PORT DEVICE"

# Name, words of vitrine-manage with the given ones in braces, usage, summary. A last word "*"
# stands for all others that were given.
_LINES: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("pause", "controlvm {0} pause", "MACHINE", "Hold a running machine."),
    ("resume", "controlvm {0} resume", "MACHINE", "Let a paused machine go on."),
    ("reset", "controlvm {0} reset", "MACHINE", "Press the reset button."),
    ("save", "controlvm {0} savestate", "MACHINE", "Save the state and switch off."),
    ("powerdown", "controlvm {0} poweroff", "MACHINE", "Pull the plug."),
    ("powerbutton", "controlvm {0} acpipowerbutton", "MACHINE", "Press the power button."),
    ("discard", "discardstate {0}", "MACHINE", "Throw the saved state away."),
    ("clone", "clonevm {0} --name {1} --register *", "MACHINE NEW-NAME [OPTION...]",
     "Copy a machine; options as of clonevm."),
    ("modify", "modifyvm {0} *", "MACHINE OPTION...", "Change settings; options as of modifyvm."),
    ("screenshot", "controlvm {0} screenshotpng {1} *", "MACHINE FILE [SCREEN]",
     "Write the guest's screen into a PNG file."),
    ("type", "controlvm {0} keyboardputstring {1} *", "MACHINE TEXT...",
     "Type on the guest's keyboard."),
    ("typeGuest", "controlvm {0} keyboardputstring {1} *", "MACHINE TEXT...",
     "Type on the guest's keyboard."),
    ("getextra", "getextradata {0} {1}", "MACHINE KEY", "Show an item of the extra data."),
    ("setextra", "setextradata {0} {1} *", "MACHINE KEY [VALUE]",
     "Set or remove an item of the extra data."),
    ("ginfo", "guestproperty enumerate {0}", "MACHINE", "Show the guest properties."),
    ("portForward", "modifyvm {0} --natpf{1} {2}", "MACHINE ADAPTER RULE",
     "Forward a port of the host; rule: name,tcp|udp,host address,port,guest address,port."),
    ("nic", "modifyvm {0} --nic{1} {2} *", "MACHINE ADAPTER KIND [OPTION...]",
     "Attach a network adapter."),
    ("createHdd", "createmedium disk --size {0} --filename {1} *", "MEGABYTES FILE [OPTION...]",
     "Create a disk image."),
    ("removeHdd", "closemedium disk {0} --delete", "FILE", "Delete a disk image."),
    ("unregisterHdd", "closemedium disk {0}", "FILE", "Forget a disk image."),
    ("unregisterIso", "closemedium dvd {0}", "FILE", "Forget an optical image."),
    ("attachCtr", "storagectl {0} --name {1} --add {2} *", "MACHINE NAME BUS [OPTION...]",
     "Add a storage controller."),
    ("detachCtr", "storagectl {0} --name {1} --remove", "MACHINE NAME",
     "Remove a storage controller."),
    ("attachHdd", f"{_AT_SLOT} --type hdd --medium {{4}}", f"{_SLOT} FILE",
     "Put a disk on a controller."),
    ("attachIso", f"{_AT_SLOT} --type dvddrive --medium {{4}}", f"{_SLOT} FILE",
     "Put a drive with an optical image on a controller."),
    ("mountIso", f"{_AT_SLOT} --type dvddrive --medium {{4}}", f"{_SLOT} FILE",
     "Put an optical image into a drive."),
    ("unmountIso", f"{_AT_SLOT} --type dvddrive --medium emptydrive", _SLOT,
     "Empty an optical drive."),
    ("detachHdd", f"{_AT_SLOT} --medium none", _SLOT, "Take a disk off a controller."),
    ("detachIso", f"{_AT_SLOT} --medium none", _SLOT, "Take an optical drive off a controller."),
    ("shareFolder", "sharedfolder add {0} --hostpath {1} --name {2} *",
     "MACHINE FOLDER NAME [OPTION...]", "Share a folder with the guest."),
    ("unshareFolder", "sharedfolder remove {0} --name {1}", "MACHINE NAME",
     "Share a folder no longer."),
)  # fmt: skip


def expand(template: str, given: Sequence[str]) -> list[str]:
    """The words of vitrine-manage that a template and the given words make."""
    parts = template.split(" ")
    open_end = parts[-1] == "*"
    words = [part.format(*given) for part in parts[: -1 if open_end else None]]
    if open_end:
        words += given[places_of(template) :]
    return words


def places_of(template: str) -> int:
    """How many words a template needs."""
    return sum(f"{{{number}}}" in template for number in range(10))


def _declare_lines() -> None:
    for name, template, usage, summary in _LINES:

        def run(shell: Shell, words: list[str], template: str = template) -> None:
            shell.manage(expand(template, words))

        count = places_of(template)
        most = -1 if template.endswith("*") else count
        COMMANDS[name] = ShellCommand(
            name, usage, summary, (count, most), run, usage.startswith("MACHINE")
        )


_declare_lines()
