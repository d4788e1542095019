"""``vitrine-autostart``: starts the machines that are to run with the host, and ends them with it.

The autostart settings of the machines say which: ``modifyvm --autostart-enabled``,
``--autostart-delay`` and ``--autostop-type``. A configuration file as VBoxAutostart reads it may
forbid it to a user. systemd runs it; see :mod:`app.headless.units` and docs/headless.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.basics import MachineInfo, MachineState
from app.api.client import connect
from app.api.errors import ApiError
from app.headless.autostartrules import Rule, RulesError, rule_for
from app.settings.enums import AutostopType
from app.settings.paths import config_folder

if TYPE_CHECKING:
    from app.api.client import Client
    from app.settings.model import MachineSettings

PROGRAM: Final = "vitrine-autostart"
RULES_FILE: Final = "autostart.cfg"
RULES_VARIABLE: Final = "VBOXAUTOSTART_CONFIG"

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1

ACPI_SECONDS: Final = 180.0
"""Time that a guest has to shut down after its power button was pressed."""

_POLL_SECONDS: Final = 1.0
_CAN_BE_ENDED: Final = (MachineState.RUNNING, MachineState.PAUSED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Start or end the machines whose settings say that they run with the host.",
        epilog="Exit codes: 0 all was done, 1 something failed, 2 wrong options.",
        allow_abbrev=False,
    )
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--start", action="store_true", help="start machines, in order of delay")
    task.add_argument("--stop", action="store_true", help="end machines as their autostop says")
    task.add_argument("--install", action="store_true", help="install the systemd user units")
    task.add_argument("--uninstall", action="store_true", help="remove the systemd user units")
    add = parser.add_argument
    add("--config", metavar="FILE", help=f"rules, default: {RULES_FILE} of the settings' folder")
    add("--quiet", action="store_true", help="say nothing about what works")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what one of the options says.

    Args:
        argv: Options without the program's name; default: those of this process.

    Returns:
        0 when all was done, 1 when something failed, 2 for wrong options.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    say = _silent if options.quiet else _say
    if options.install or options.uninstall:
        from app.headless.units import UnitError, install, uninstall

        try:
            (install if options.install else uninstall)(say)
        except UnitError as error:
            _complain(str(error))
            return EXIT_FAILED
        return EXIT_OK
    try:
        rule = _rule(options.config)
        if not rule.allowed:
            say("The configuration forbids autostart to this user; nothing was done.")
            return EXIT_OK
        with connect(client_name=PROGRAM) as client:
            run = AutostartRun(client, say)
            return run.start(rule.startup_delay_s) if options.start else run.stop()
    except (RulesError, ApiError) as error:
        _complain(str(error))
        return EXIT_FAILED


def _rule(path: str | None) -> Rule:
    path = path or os.environ.get(RULES_VARIABLE)
    named = path is not None
    file = Path(path) if path is not None else Path(config_folder()) / RULES_FILE
    if not named and not file.exists():
        return Rule()
    return rule_for(_user(), file)


def _user() -> str:
    import getpass

    return getpass.getuser()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _silent(_sentence: str) -> None:
    pass


def _complain(sentence: str) -> None:
    print(f"{PROGRAM}: error: {sentence}", file=sys.stderr, flush=True)


class AutostartRun:
    """One start or end of the machines.

    Args:
        client: Connection to the service.
        say: Told what was done.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        client: Client,
        say: Callable[[str], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._say = say
        self._sleep = sleep
        self._code = EXIT_OK

    def start(self, startup_delay_s: int = 0) -> int:
        """Start each machine whose autostart is on when its delay is over.

        Args:
            startup_delay_s: Comes before all delays of machines.

        Returns:
            0, or 1 when one could not be started, which does not keep the others from it.
        """
        wanted = [
            (settings.autostart.delay_s, machine)
            for machine, settings in self._machines()
            if settings.autostart.enabled and not machine.state.is_online
        ]
        passed = -startup_delay_s
        for delay, machine in sorted(wanted, key=lambda each: (each[0], each[1].name)):
            if delay > passed:
                self._sleep(delay - passed)
                passed = delay
            if self._try(machine, self._launch):
                self._say(f"'{machine.name}' was started.")
        return self._code

    def stop(self) -> int:
        """End each running machine as its autostop type says; without one it is left alone.

        Guests that are to shut down are asked first and do so while the others are ended; the
        state of one that does not is saved when :data:`ACPI_SECONDS` are over.

        Returns:
            0, or 1 when one could not be ended.
        """
        running = [
            (machine, settings.autostart.autostop)
            for machine, settings in self._machines()
            if machine.state in _CAN_BE_ENDED
        ]
        asked = [
            machine
            for machine, how in running
            if how == AutostopType.ACPI_SHUTDOWN and self._ask(machine)
        ]
        names = {machine.id for machine in asked}
        for machine, how in running:
            if how == AutostopType.DISABLED or machine.id in names:
                continue
            if how == AutostopType.POWER_OFF:
                if self._try(machine, self._power_off):
                    self._say(f"'{machine.name}' was switched off.")
            elif self._try(machine, self._save):
                self._say(f"The state of '{machine.name}' was saved.")
        self._await(asked)
        return self._code

    def _machines(self) -> list[tuple[MachineInfo, MachineSettings]]:
        found = []
        for machine in self._client.virtualbox.list_machines():
            if machine.accessible:
                try:
                    settings = self._client.machine(machine.id).get_settings()
                except ApiError as error:
                    self._fail(machine, error)
                else:
                    found.append((machine, settings))
        return found

    def _try(self, machine: MachineInfo, action: Callable[[MachineInfo], None]) -> bool:
        try:
            action(machine)
        except ApiError as error:
            self._fail(machine, error)
            return False
        return True

    def _fail(self, machine: MachineInfo, error: ApiError) -> None:
        _complain(f"'{machine.name}': {error.message}")
        self._code = EXIT_FAILED

    def _launch(self, machine: MachineInfo) -> None:
        self._client.machine(machine.id).launch("headless")

    def _save(self, machine: MachineInfo) -> None:
        self._client.machine(machine.id).save_state()

    def _power_off(self, machine: MachineInfo) -> None:
        self._client.console(machine.id).power_off()

    def _ask(self, machine: MachineInfo) -> bool:
        """Press the power button; returns whether the guest may obey."""
        if machine.state is not MachineState.RUNNING:
            return False
        try:
            self._client.console(machine.id).power_button()
        except ApiError as error:
            self._say(f"'{machine.name}' cannot be asked to shut down: {error.message}")
            return False
        return True

    def _await(self, asked: list[MachineInfo]) -> None:
        left = {machine.id: machine for machine in asked}
        deadline = time.monotonic() + ACPI_SECONDS
        while left:
            online = {m.id for m in self._client.virtualbox.list_machines() if m.state.is_online}
            for machine in [each for each in left.values() if each.id not in online]:
                self._say(f"'{machine.name}' has shut down.")
                del left[machine.id]
            if time.monotonic() >= deadline:
                break
            if left:
                self._sleep(_POLL_SECONDS)
        for machine in left.values():
            if self._try(machine, self._save):
                self._say(f"'{machine.name}' did not shut down; its state was saved.")


if __name__ == "__main__":
    sys.exit(main())
