"""Verbs of ``controlvm`` that change settings while the machine runs.

They are options of ``modifyvm`` under other names; what may not change while the machine runs is
refused by the service, which names it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.cli.commands.controlvm_verbs import Control, verb
from app.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings.model import MachineSettings

_PLAIN: Final = {
    "guestmemoryballoon": ("guest-memory-balloon", "<megabytes>"),
    "audioin": ("audio-in", "<on | off>"),
    "audioout": ("audio-out", "<on | off>"),
    "draganddrop": ("drag-and-drop", "<mode>"),
    "vrde": ("vrde", "<on | off>"),
    "vrdeport": ("vrde-port", "<port>"),
    "vrdeproperty": ("vrde-property", "<name=[value]>"),
    "vrdevideochannelquality": ("vrde-video-channel-quality", "<percent>"),
    "cpuexecutioncap": ("cpu-execution-cap", "<percent>"),
    "vm-process-priority": ("vm-process-priority", "<default | flat | low | normal | high>"),
    "autostart-enabled": ("autostart-enabled", "<on | off>"),
    "autostart-delay": ("autostart-delay", "<seconds>"),
}
"""Option of ``modifyvm`` and usage by verb."""

_ADAPTER: Final = {
    "setlinkstate": ("cable-connected", "<on | off>"),
    "nictrace": ("nic-trace", "<on | off>"),
    "nictracefile": ("nic-trace-file", "<file>"),
    "nicproperty": ("nic-property", "<name=[value]>"),
    "nicpromisc": ("nic-promisc", "<deny | allow-vms | allow-all>"),
    "natpf": ("nat-pf", "<rule> | delete <rule name>"),
}
_NETWORKS: Final = {
    "bridged": "bridge-adapter",
    "intnet": "intnet",
    "hostonly": "host-only-adapter",
    "hostonlynet": "host-only-net",
    "generic": "nic-generic-drv",
    "natnetwork": "nat-network",
    "nat": "nat-net",
}
"""Option that takes the second word of ``nicN``, by the first."""

_UART_FILES: Final = frozenset({"file", "server", "client"})
_RECORDING: Final = {
    "screens": "recording-screens",
    "filename": "recording-file",
    "videores": "recording-video-res",
    "videorate": "recording-video-rate",
    "videofps": "recording-video-fps",
    "maxtime": "recording-max-time",
    "maxfilesize": "recording-max-size",
    "opts": "recording-opts",
}

_RECORDING_SWITCHES: Final = {"on": "on", "start": "on", "off": "off", "stop": "off"}


def _option(option: str) -> Callable[[Control], None]:
    def function(control: Control) -> None:
        _modify(control, [f"--{option}", *_some(control)])

    return function


def _adapter_option(option: str) -> Callable[[Control], None]:
    def function(control: Control) -> None:
        _modify_adapter(control, [f"--{option}{control.number}", *_some(control)])

    return function


for _name, (_key, _usage) in _PLAIN.items():
    verb(_name, _usage)(_option(_key))
for _name, (_key, _usage) in _ADAPTER.items():
    verb(_name, _usage, indexed=True)(_adapter_option(_key))


@verb("nic", "<null | nat | bridged | intnet | hostonly | generic | natnetwork> [<network>]",
      indexed=True)  # fmt: skip
def _nic(control: Control) -> None:
    words = _some(control)
    control.at_most(2)
    options = [f"--nic{control.number}", words[0]]
    if len(words) > 1:
        option = _NETWORKS.get(words[0].lower())
        if option is None:
            raise UsageError(f"Invalid parameter '{words[1]}'")
        options += [f"--{option}{control.number}", words[1]]
    _modify_adapter(control, options)


@verb("changeuartmode", "<disconnected | server <pipe> | client <pipe> | tcpserver <port> | "
      "tcpclient <host:port> | file <file> | <device>>", indexed=True)  # fmt: skip
def _uart_mode(control: Control) -> None:
    words = list(_some(control))
    if len(words) > 1 and words[0].lower() in _UART_FILES:
        # The VM process has another working folder than this one.
        words[1] = os.path.abspath(words[1])

    def check(settings: MachineSettings) -> None:
        ports = settings.hardware.serial_ports
        if not any(port.enabled and port.slot == control.number - 1 for port in ports):
            raise CommandError(f"The serial port {control.number} is not enabled")

    _modify(control, [f"--uart-mode{control.number}", *words], check)


@verb("clipboard", "mode <mode> | filetransfers <on | off>")
def _clipboard(control: Control) -> None:
    words = _some(control)
    if words[0] == "filetransfers":
        _modify(control, ["--clipboard-file-transfers", *control.only("", "on | off")[1:]])
    elif words[0] == "mode":
        _modify(control, ["--clipboard-mode", *control.only("", "mode")[1:]])
    else:
        # Before 7.0 the mode followed at once.
        _modify(control, ["--clipboard-mode", *control.only("mode")])


@verb("recording", "<on | off | start | stop | screens | filename | videores | videorate | "
      "videofps | maxtime | maxfilesize | opts> [<value>]")  # fmt: skip
def _recording(control: Control) -> None:
    word = _some(control)[0]
    if word in _RECORDING_SWITCHES:
        control.only(word)
        _modify(control, ["--recording", _RECORDING_SWITCHES[word]])
    elif word == "attach":
        from app.cli.commands.controlvm_absent import not_supported

        raise not_supported("This version cannot follow a recording that is being made.")
    elif word in _RECORDING:
        _modify(control, [f"--{_RECORDING[word]}", *control.only("", "value")[1:]])
    else:
        raise UsageError(f"Invalid parameter '{word}'")


def _some(control: Control) -> list[str]:
    if not control.words:
        raise UsageError(f"Missing argument to '{control.spelling}'")
    return control.words


def _modify_adapter(control: Control, words: list[str]) -> None:
    def check(settings: MachineSettings) -> None:
        adapters = settings.hardware.network_adapters
        if not any(each.enabled and each.slot == control.number - 1 for each in adapters):
            raise CommandError(
                f"The NIC {control.number} is currently disabled and thus can't be changed"
            )

    _modify(control, words, check)


def _modify(
    control: Control,
    words: list[str],
    check: Callable[[MachineSettings], None] | None = None,
) -> None:
    """Apply options of ``modifyvm`` to the running machine."""
    from app.api.basics import LockType
    from app.cli.changing import changed_settings
    from app.cli.commands import modifyvm
    from app.cli.commands.modifyvm_draft import modifications
    from app.cli.options import Parser

    arguments = Parser([each.option for each in modifications.values()]).parse(words)
    arguments.at_most(0)
    with changed_settings(control.context, control.info.id, LockType.SHARED) as settings:
        if check is not None:
            check(settings)
        modifyvm.apply(settings, arguments, os.path.dirname(control.info.settings_path))
