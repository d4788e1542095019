"""``debugvm``: look into a running machine and change what it should not notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands

if TYPE_CHECKING:
    from app.api.interfaces import Debugger
    from app.cli.context import Context
    from app.cli.options import Arguments

_CPU: Final = Option(("--cpu", "-c"), "id", "Which virtual processor.")
_WHICH_LOG: Final = frozenset({"--release", "-r", "--debug", "-d"})
"""Options of the log commands; there is one log, so that they change nothing."""

_NAME_WIDTH: Final = 8
_VARIABLES: Final = {
    "VBOX_{}LOG": "groups", "VBOX_{}LOG_FLAGS": "flags", "VBOX_{}LOG_DEST": "destinations",
}  # fmt: skip
_SHAPES: Final = {
    "human-readable": " {name:>27}={value}",
    "sh-export": "export {name}='{value}'",
    "sh-eval": "{name}='{value}'",
    "cmd-set": "set {name}={value}",
}
_LOGS: Final = {
    "logdbg-settings": ("",),
    "logrel-settings": ("RELEASE_",),
    "log-settings": ("", "RELEASE_"),
}

Function = Callable[["Debugger", "Arguments"], None]

_subcommands = Subcommands()
_usage: list[str] = []


def _item(
    name: str,
    usage: str = "",
    *options: Option,
    prepare: Callable[[list[str]], Iterable[str]] = list,
) -> Callable[[Function], Function]:
    """Declare a sub-command, which gets the debugger of a running machine."""
    _usage.append(f"debugvm <uuid | vmname> {name} {usage}".rstrip())

    def declare(function: Function) -> Function:
        @_subcommands.add(name, options=options, prepare=prepare)
        def run(context: Context, arguments: Arguments) -> None:
            machine = arguments.words.pop(0)
            info = context.machine(machine)
            if not info.state.is_online:
                raise CommandError(f"Machine '{machine}' is not currently running.")
            function(context.client.debugger(info.id), arguments)

        return function

    return declare


def _log_words(words: list[str]) -> Iterator[str]:
    """Settings of the log may begin with a dash; what follows ``--`` is no option."""
    yield "--"
    yield from (word for word in words if word not in _WHICH_LOG)


@_item("getregisters", "[--cpu=<id>] <register | all>...", _CPU)
def _get_registers(debugger: Debugger, arguments: Arguments) -> None:
    if not arguments.words:
        raise UsageError("The getregisters sub-command takes at least one register name")
    cpu = _cpu(arguments)
    for name in arguments.words:
        if name.lower() != "all":
            print(f"{name} = {debugger.get_register(name, cpu)}")
            continue
        registers = debugger.get_registers(cpu)
        width = max(_NAME_WIDTH, *map(len, registers))
        for each, value in registers.items():
            print(f"{each:<{width}} = {value}")


@_item("setregisters", "[--cpu=<id>] <register>=<value>...", _CPU)
def _set_registers(debugger: Debugger, arguments: Arguments) -> None:
    if not arguments.words:
        raise UsageError("The setregisters sub-command takes at least one register name")
    values = {}
    for word in arguments.words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(
                f"setregisters expects input on the form 'register=value' got '{word}'"
            )
        values[name] = value
    debugger.set_registers(values, _cpu(arguments))
    if len(values) == 1:
        print(f"Successfully set {next(iter(values))}")
    else:
        print(f"Successfully set {len(values)} registers")


@_item("info", "<item> [<arguments>]")
def _info(debugger: Debugger, arguments: Arguments) -> None:
    name = arguments.word(0, "item; 'help' lists them")
    print(debugger.info(name, " ".join(arguments.words[1:])))


@_item(
    "statistics", "[--reset] [--descriptions] [--pattern=<pattern>]",
    Option(("--reset", "-r"), help="Set the counters back to 0."),
    Option(("--descriptions", "-d"), help="Descriptions; the counters have none."),
    Option(("--pattern", "-p"), "pattern", "Which counters: *, ? and | for alternatives."),
)  # fmt: skip
def _statistics(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    pattern = arguments.get("pattern", "")
    if arguments.has("reset"):
        debugger.reset_stats(pattern)
    else:
        print(debugger.get_stats(pattern))


@_item("injectnmi")
def _inject_nmi(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    debugger.inject_nmi()


@_item("dumpvmcore", "--filename=<file>",
       Option(("--filename", "-f"), "file", "Core file, which must not exist."),
       Option(("--compression",), "method", "There is none."))  # fmt: skip
def _dump_core(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    filename = arguments.get("filename")
    if filename is None:
        raise UsageError("The --filename option is required")
    debugger.dump_guest_core(os.path.abspath(filename), arguments.get("compression", ""))


@_item("osdetect")
def _detect_os(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    print(f"Detected: {debugger.detect_os()}")


@_item("osinfo")
def _os_info(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    print(f"Name:    {debugger.detect_os()}")
    print(f"Version: {debugger.get_os_version()}")


@_item("osdmesg", "[--lines=<lines>]", Option(("--lines", "-n"), "lines", "How many."))
def _kernel_log(debugger: Debugger, arguments: Arguments) -> None:
    arguments.at_most(0)
    lines = arguments.get("lines", "0")
    if not lines.isdecimal():
        raise UsageError(f"Invalid --lines argument '{lines}'")
    print(debugger.query_os_kernel_log(int(lines)))


@_item("log", "[--release | --debug] <group setting>...", prepare=_log_words)
def _log_groups(debugger: Debugger, arguments: Arguments) -> None:
    debugger.modify_log_groups(" ".join(arguments.words))


@_item("logflags", "[--release | --debug] <flag>...", prepare=_log_words)
def _log_flags(debugger: Debugger, arguments: Arguments) -> None:
    debugger.modify_log_flags(" ".join(arguments.words))


@_item("logdest", "[--release | --debug] <destination>...", prepare=_log_words)
def _log_destinations(debugger: Debugger, arguments: Arguments) -> None:
    debugger.modify_log_destinations(" ".join(arguments.words))


@_item("show", "[--human-readable | --sh-export | --sh-eval | --cmd-set] <item>...",
       Option(("--human-readable", "-H"), help="For people."),
       Option(("--sh-export", "-e"), help="As export commands of a shell."),
       Option(("--sh-eval", "-E"), help="As assignments of a shell."),
       Option(("--cmd-set", "-s"), help="As set commands of Windows."))  # fmt: skip
def _show(debugger: Debugger, arguments: Arguments) -> None:
    if not arguments.words:
        raise UsageError("The show sub-command takes at least one item: " + ", ".join(_LOGS))
    shape = arguments.given[-1].key if arguments.given else "human-readable"
    for word in arguments.words:
        if word not in _LOGS:
            raise UsageError(f"Unknown item '{word}'; there are: {', '.join(_LOGS)}")
    settings = debugger.get_log_settings()
    for word in arguments.words:
        for prefix in _LOGS[word]:
            if shape == "human-readable":
                print(f"{'Release' if prefix else 'Debug'} logger settings:")
            for variable, key in _VARIABLES.items():
                print(_SHAPES[shape].format(name=variable.format(prefix), value=settings[key]))


@command(
    "debugvm",
    "Look into a running machine.",
    usage=_usage,
    options=_subcommands.options,
    raw=True,
)
def debugvm(context: Context, arguments: Arguments) -> int | None:
    """Carry out one sub-command."""
    return _subcommands.run(context, arguments, position=1)


def _cpu(arguments: Arguments) -> int:
    text = arguments.get("cpu", "0")
    if not text.isdecimal():
        raise UsageError(f"Invalid --cpu argument '{text}'")
    return int(text)
