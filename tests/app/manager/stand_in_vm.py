"""A VM process without a virtual machine: attaches, reports states, obeys the console, can crash.

Run as ``python stand_in_vm.py --startvm <uuid>``. A machine whose name starts with "Broken" fails
to start.
"""

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.api.structs import MachineState
from app.api.vmsession import VmSession

BROKEN = "SeaBIOS was not found: install the package seabios."


class StandInConsole:
    def __init__(self) -> None:
        self.session: VmSession | None = None
        self.ended = threading.Event()

    def _report(self, state: MachineState) -> None:
        assert self.session is not None
        self.session.report_state(state)

    def pause(self) -> None:
        self._report(MachineState.PAUSED)

    def resume(self) -> None:
        self._report(MachineState.RUNNING)

    def reset(self) -> None:
        self._report(MachineState.RUNNING)

    def power_off(self) -> None:
        self.ended.set()

    def power_button(self) -> None:
        self.ended.set()

    def mount_medium(self, controller, port, device, path, force=False) -> None:
        return None

    def apply_settings(self, settings) -> None:
        return None

    def show_window(self) -> None:
        return None

    def insert_cad(self) -> None:
        # The stand-in's way to crash.
        os._exit(9)


def main() -> int:
    console = StandInConsole()
    session = VmSession.attach(sys.argv[sys.argv.index("--startvm") + 1], console)
    console.session = session
    if session.start_info.name.startswith("Broken"):
        session.report_state(MachineState.ABORTED, BROKEN)
        print(BROKEN, file=sys.stderr)
        session.detach()
        return 1
    session.report_state(MachineState.RUNNING)
    console.ended.wait()
    session.detach()
    return 0


if __name__ == "__main__":
    sys.exit(main())
