"""A VM process without a virtual machine: attaches, reports states, obeys the console, can crash.

Run as ``python stand_in_vm.py --startvm <uuid>``. A machine whose name starts with "Broken" fails
to start.
"""

import base64
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.api.structs import MachineState
from app.api.vmsession import VmSession

# One red pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
BROKEN = "SeaBIOS was not found: install the package seabios."


class StandInConsole:
    def __init__(self) -> None:
        self.session: VmSession | None = None
        self.ended = threading.Event()
        self.saving = threading.Event()

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

    def apply_settings(self, settings, force_unplug) -> None:
        return None

    def show_window(self) -> None:
        return None

    def screenshot(self, screen: int = 0) -> bytes:
        return PICTURE

    def begin_save_state(self) -> None:
        threading.Thread(target=self._save, daemon=True).start()
        self.saving.wait()

    def cancel_save_state(self) -> None:
        return None

    def _save(self) -> None:
        self._report(MachineState.SAVING)
        self.saving.set()
        folder = Path(self.session.start_info.machine_folder)
        state = folder / "stand-in.sav"
        state.write_bytes(b"saved")
        self.session.report_saved_state(str(state))
        self._report(MachineState.SAVED)
        self.ended.set()

    def insert_cad(self) -> None:
        # The stand-in's way to crash.
        os._exit(9)


class StandInDebugger:
    """Counts as if the guest read 1000 bytes with each question."""

    def __init__(self) -> None:
        self.asked = 0

    def get_stats(self, pattern: str = "") -> str:
        self.asked += 1
        rows = {
            "/TM/VirtualTime": time.monotonic_ns(),
            "/EM/HaltedTime": 0,
            "/HM/Exits/io": 10 * self.asked,
            "/Public/Storage/ide/Port0/BytesRead": 1000 * self.asked,
            "/Public/Storage/ide/Port0/BytesWritten": 0,
        }
        counters = (f'<Counter c="{v}" unit="" name="{path}"/>' for path, v in rows.items())
        return f"<Statistics>{''.join(counters)}</Statistics>"


def main() -> int:
    console = StandInConsole()
    session = VmSession.attach(sys.argv[sys.argv.index("--startvm") + 1], console, StandInDebugger())
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
