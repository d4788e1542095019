"""Commands that the shell has of its own."""

from __future__ import annotations

import html
import os
import re
import subprocess
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.basics import MachineState
from app.api.events import MachineStateChanged
from app.cli.commands import MODULES, find_command
from app.shell.commands import COMMANDS, ShellCommand, command
from app.shell.shell import Shell, ShellError

if TYPE_CHECKING:
    from app.api.basics import MachineInfo

_OFF: Final = frozenset(
    (MachineState.POWERED_OFF, MachineState.SAVED, MachineState.ABORTED, MachineState.ABORTED_SAVED)
)
_SECONDS_TO_STOP: Final = 120.0
_SECONDS_TO_SEE_EVENTS: Final = 5.0
_LOG_LINES: Final = 20
_LOG_BYTES: Final = 1 << 20
_MEGABYTE: Final = 1 << 20
# What VirtualBox's XML of counters has for each; XML itself is the service's business.
_COUNTER: Final = re.compile(r'<Counter c="([^"]*)" unit="([^"]*)" name="([^"]*)"')
_WIDTH: Final = 100
_INDENT: Final = 48


# -- the shell itself ------------------------------------------------------------------------


@command("help", usage="[COMMAND]", words=(0, 1))
def _help(_shell: Shell, words: list[str]) -> None:
    """Explain a command, or list all of them."""
    if not words:
        print("Commands of the shell:\n")
        for declared in dict.fromkeys(COMMANDS.values()):
            _print_usage(declared)
        print(
            "\nThe commands of vitrine-manage are known too (help COMMAND tells more):\n\n  "
            + "\n  ".join(", ".join(line) for line in _in_lines(sorted(MODULES)))
            + "\n\nAny other line is Python: vbox, machines, client, events, api and the data\n"
            'types of the Main API are there, and do("LINE") carries out a command.'
        )
        return
    found = COMMANDS.get(words[0])
    if found is not None:
        _print_usage(found)
        return
    declared_line = find_command(words[0])
    if declared_line is None:
        raise ShellError(f"There is no command '{words[0]}'.")
    from app.cli.help import print_help

    print_help(declared_line)


def _print_usage(declared: ShellCommand) -> None:
    line = f"{declared.name} {declared.usage}".rstrip()
    print(
        textwrap.fill(
            declared.summary, _WIDTH, initial_indent=f"  {line:<{_INDENT - 3}} ",
            subsequent_indent=" " * _INDENT,
        )
    )  # fmt: skip


def _in_lines(names: list[str], count: int = 6) -> list[list[str]]:
    return [names[start : start + count] for start in range(0, len(names), count)]


@command("quit", "exit", usage="[CODE]", words=(0, 1))
def _quit(_shell: Shell, words: list[str]) -> None:
    """Leave the shell."""
    raise SystemExit(_number(words[0], "exit code") if words else 0)


@command("alias", usage="[NAME [LINE...]]", words=(0, -1))
def _alias(shell: Shell, words: list[str]) -> None:
    """Show or set the lines that single words stand for."""
    if len(words) < 2:
        for name, line in shell.aliases.items():
            if not words or words[0] == name:
                print(f"{name} = {line}")
        return
    import shlex

    if not words[0].isidentifier():
        raise ShellError(f"'{words[0]}' cannot be the name of an alias.")
    shell.aliases[words[0]] = " ".join(words[1:2] + [shlex.quote(word) for word in words[2:]])


@command("colors", usage="on|off", words=(1, 1))
def _colors(shell: Shell, words: list[str]) -> None:
    """Switch colours on or off."""
    if words[0] not in ("on", "off"):
        raise ShellError("Usage: colors on|off")
    shell.painter.enabled = words[0] == "on"


@command("runScript", usage="FILE", words=(1, 1))
def _run_script(shell: Shell, words: list[str]) -> None:
    """Carry out a script of the shell."""
    try:
        text = Path(words[0]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ShellError(f"The script '{words[0]}' cannot be read: {error}") from error
    if not shell.run_script(text, words[0]):
        raise ShellError(f"The script '{words[0]}' failed.")


@command("sleep", usage="SECONDS", words=(1, 1))
def _sleep(_shell: Shell, words: list[str]) -> None:
    """Do nothing for a while."""
    time.sleep(_seconds(words[0]))


@command("shell", usage="LINE", words=(1, 1))
def _shell(_shell: Shell, words: list[str]) -> None:
    """Have the shell of the system carry out a line; so does !LINE."""
    code = subprocess.run(words[0], shell=True, check=False).returncode  # noqa: S602 - as it says
    if code:
        raise ShellError(f"The line ended with exit code {code}.")


@command("manage", usage="WORD...", words=(1, -1))
def _manage(shell: Shell, words: list[str]) -> None:
    """Carry out a command of vitrine-manage whose name means something else here."""
    shell.manage(words)


@command("foreachvm", usage="LINE...", words=(1, -1))
def _for_each(shell: Shell, words: list[str]) -> None:
    """Carry out a line for each machine, whose UUID takes the place of {}."""
    import shlex

    line = words[0] if len(words) == 1 else shlex.join(words).replace("'{}'", "{}")
    for machine in shell.client.virtualbox.list_machines():
        shell.do(line.replace("{}", machine.id))


# -- machines --------------------------------------------------------------------------------


@command("list", usage="[KEYWORD...]", words=(0, -1))
def _list(shell: Shell, words: list[str]) -> None:
    """List the machines; with keywords what vitrine-manage lists."""
    if words:
        shell.manage(["list", *words])
        return
    machines = sorted(shell.client.virtualbox.list_machines(), key=lambda m: m.name.casefold())
    rows = [
        (each.name, each.state, f"{each.memory_mb} MB", each.os_type_id, each.id)
        if each.accessible
        else (each.name, "Inaccessible", "", "", each.id)
        for each in machines
    ]
    print(shell.painter.table(("Name", "State", "Memory", "System", "UUID"), rows))


@command("info", usage="MACHINE", words=(1, 1), machine=True)
def _info(shell: Shell, words: list[str]) -> None:
    """Show the facts about a machine; showvminfo shows all."""
    machine = shell.client.virtualbox.find_machine(words[0])
    rows: list[tuple[str, object]] = [
        ("Name", machine.name), ("UUID", machine.id), ("State", machine.state),
        ("Since", machine.last_state_change), ("Settings file", machine.settings_path),
    ]  # fmt: skip
    if not machine.accessible:
        print(shell.painter.facts([*rows, ("Not accessible", machine.access_error)]))
        return
    settings = shell.client.machine(machine.id).get_settings()
    hardware = settings.hardware
    rows += [
        ("Groups", ", ".join(machine.groups)), ("System", machine.os_type_id),
        ("Memory", f"{hardware.memory_mb} MB"), ("Processors", hardware.cpu.count),
        ("Boot order", ", ".join(hardware.boot_order)),
        ("Snapshot", machine.snapshot_name or "-"),
        ("Autostart", "on" if settings.autostart.enabled else "off"),
        ("Autostop", settings.autostart.autostop),
    ]  # fmt: skip
    if machine.session_pid:
        rows.append(("Process", f"{machine.session_pid} ({machine.session_name})"))
    if machine.last_error:
        rows.append(("Last error", machine.last_error))
    print(shell.painter.facts(rows))


@command("create", "createVm", usage="NAME [OSTYPE]", words=(1, 2))
def _create(shell: Shell, words: list[str]) -> None:
    """Create a machine with the recommended settings of a guest system."""
    os_type = words[1] if len(words) > 1 else "Other"
    machine = shell.client.virtualbox.create_machine(words[0], os_type)
    print(f"Created '{machine.name}' ({machine.id}): {machine.settings_path}")


@command("remove", "removeVm", usage="MACHINE", words=(1, 1), machine=True)
def _remove(shell: Shell, words: list[str]) -> None:
    """Remove a machine and delete its files."""
    virtualbox = shell.client.virtualbox
    machine = virtualbox.find_machine(words[0])
    if shell.interactive:
        files = virtualbox.list_machine_files(machine.id)
        answer = input(f"Delete '{machine.name}' with {len(files)} files? [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            return
    deleted = virtualbox.unregister_machine(machine.id, delete_files=True)
    print(f"Removed '{machine.name}'; {len(deleted)} files and folders are gone.")


@command("start", usage="MACHINE [gui|headless|separate]", words=(1, 2), machine=True)
def _start(shell: Shell, words: list[str]) -> None:
    """Switch a machine on and wait until it runs."""
    machine = shell.client.virtualbox.find_machine(words[0])
    frontend = words[1] if len(words) > 1 else ""
    shell.client.machine(machine.id).launch(frontend)
    print(f"'{machine.name}' runs.")


@command(
    "stop", usage="MACHINE [save|powerbutton|poweroff]", words=(1, 2), machine=True
)
def _stop(shell: Shell, words: list[str]) -> None:
    """End a machine and wait until it is off; its state is saved unless told otherwise."""
    how = words[1] if len(words) > 1 else "save"
    if how not in ("save", "powerbutton", "poweroff"):
        raise ShellError("Usage: stop MACHINE [save|powerbutton|poweroff]")
    client = shell.client
    machine = client.virtualbox.find_machine(words[0])
    if how == "save":
        client.machine(machine.id).save_state()
    elif how == "powerbutton":
        client.console(machine.id).power_button()
    else:
        client.console(machine.id).power_off()
    ended = _wait_for_states(shell, machine, _OFF, _SECONDS_TO_STOP)
    print(f"'{machine.name}' is off ({ended}).")


@command("wait", usage="MACHINE STATE [SECONDS]", words=(2, 3), machine=True)
def _wait(shell: Shell, words: list[str]) -> None:
    """Wait until a machine is in a state such as Running or PoweredOff."""
    wanted = next((s for s in MachineState if s.lower() == words[1].lower()), None)
    if wanted is None:
        raise ShellError(f"'{words[1]}' is no state; one of: {', '.join(MachineState)}.")
    seconds = _seconds(words[2]) if len(words) > 2 else _SECONDS_TO_STOP
    machine = shell.client.virtualbox.find_machine(words[0])
    _wait_for_states(shell, machine, frozenset((wanted,)), seconds)


def _wait_for_states(
    shell: Shell, machine: MachineInfo, wanted: frozenset[MachineState], seconds: float
) -> MachineState:
    """Wait until a machine is in one of the states, and free when that is without a VM."""
    deadline = time.monotonic() + seconds
    find = shell.client.virtualbox.find_machine
    with shell.client.events() as events:
        while True:
            now = find(machine.id)
            if now.state in wanted and (now.state not in _OFF or not now.session_pid):
                return now.state
            if (left := deadline - time.monotonic()) <= 0:
                raise ShellError(
                    f"'{machine.name}' is {now.state} after {seconds:g} s, not "
                    f"{' or '.join(sorted(wanted))}."
                )
            events.get(timeout=left)


@command("monitor", "monitorVBox", usage="[SECONDS]", words=(0, 1))
def _monitor(shell: Shell, words: list[str]) -> None:
    """Show events as they come, for 5 seconds or until Ctrl+C."""
    deadline = time.monotonic() + (_seconds(words[0]) if words else _SECONDS_TO_SEE_EVENTS)
    with shell.client.events() as events:
        while (left := deadline - time.monotonic()) > 0:
            event = events.get(timeout=left)
            if isinstance(event, MachineStateChanged):
                print(shell.painter.facts([(event.id, event.state)]), flush=True)
            elif event is not None:
                print(event, flush=True)


@command("showLog", usage="MACHINE [LINES]", words=(1, 2), machine=True)
def _show_log(shell: Shell, words: list[str]) -> None:
    """Show the end of a machine's log."""
    count = _number(words[1], "number of lines") if len(words) > 1 else _LOG_LINES
    print("\n".join(_log(shell, words[0])[-max(1, count) :]))


@command("findLog", usage="MACHINE TEXT", words=(2, 2), machine=True)
def _find_log(shell: Shell, words: list[str]) -> None:
    """Show the lines of a machine's log that contain a text."""
    wanted = words[1].casefold()
    for line in _log(shell, words[0]):
        if wanted in line.casefold():
            print(line)


def _log(shell: Shell, name: str) -> list[str]:
    client = shell.client
    machine = client.machine(client.virtualbox.find_machine(name).id)
    parts: list[bytes] = []
    offset = 0
    while part := machine.read_log(0, offset, _LOG_BYTES):
        parts.append(part)
        offset += len(part)
    return b"".join(parts).decode("utf-8", "replace").splitlines()


@command("stats", usage="MACHINE [PATTERN]", words=(1, 2), machine=True)
def _stats(shell: Shell, words: list[str]) -> None:
    """Show counters of a running machine; a pattern may have *, ? and | in it."""
    client = shell.client
    debugger = client.debugger(client.virtualbox.find_machine(words[0]).id)
    text = debugger.get_stats(words[1] if len(words) > 1 else "")
    rows = [(html.unescape(name), value, unit) for value, unit, name in _COUNTER.findall(text)]
    print(shell.painter.table(("Counter", "Value", "Unit"), rows))


# -- media and host --------------------------------------------------------------------------


@command("media", "listMedia", words=(0, 0))
def _media(shell: Shell, _words: list[str]) -> None:
    """List the known images."""
    from app.api.structs import DeviceType

    rows = [
        (medium.device_type, medium.format, f"{medium.logical_size // _MEGABYTE} MB", medium.state,
         medium.path)
        for kind in (DeviceType.HARD_DISK, DeviceType.DVD, DeviceType.FLOPPY)
        for medium in shell.client.virtualbox.list_media(kind)
    ]  # fmt: skip
    print(shell.painter.table(("Kind", "Format", "Size", "State", "File"), rows))


@command("registerHdd", usage="FILE", words=(1, 1))
def _register_hdd(shell: Shell, words: list[str]) -> None:
    """Make a disk image known."""
    _register(shell, words[0], "HardDisk")


@command("registerIso", usage="FILE", words=(1, 1))
def _register_iso(shell: Shell, words: list[str]) -> None:
    """Make an optical image known."""
    _register(shell, words[0], "DVD")


def _register(shell: Shell, path: str, kind: str) -> None:
    from app.api.structs import DeviceType

    medium = shell.client.virtualbox.open_medium(
        os.path.abspath(path), DeviceType(kind), register=True
    )
    print(f"{medium.id}  {medium.path}")


@command("host", words=(0, 0))
def _host(shell: Shell, _words: list[str]) -> None:
    """Show what the service tells about its host."""
    info = shell.client.host.get_info()
    print(
        shell.painter.facts([
            ("System", f"{info.operating_system} {info.os_version}"),
            ("Processors", f"{info.processor_online_count} of {info.processor_count}"),
            ("Memory", f"{info.memory_available_mb} of {info.memory_size_mb} MB available"),
            ("Features", ", ".join(info.processor_features)),
        ])
    )  # fmt: skip


# -- numbers ---------------------------------------------------------------------------------


def _number(text: str, what: str) -> int:
    if not text.isdecimal():
        raise ShellError(f"'{text}' is no {what}.")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 86400:
        raise ShellError(f"'{text}' is no time in seconds, from 0 to 86400.")
    return seconds
