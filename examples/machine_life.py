"""A machine's life through the Main API: create, configure, start, watch, stop, remove.

    python examples/machine_life.py --floppy boot.img

Run it in the program's folder, or anywhere once the program is installed. It starts the service
when it does not run; whatever it does is seen at once in the manager and on the command line.
docs/api describes every method, structure and event.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.api import ApiError, Client, Event, MachineState, MachineStateChanged, connect
from app.api.eventstream import EventStream

SECONDS_TO_START = 60.0
SECONDS_TO_REACT = 20.0


def create(client: Client, name: str, floppy: Path | None) -> str:
    """Create and configure a machine; return its UUID."""
    # DOS machines come with a floppy drive.
    machine = client.virtualbox.create_machine(name, "DOS")
    print(f"created {machine.name} {{{machine.id}}}: {machine.settings_path}")

    # A lock keeps others from changing the settings between reading and writing them.
    handle = client.machine(machine.id)
    handle.lock()
    try:
        settings = handle.get_settings()
        settings.description = "Made by examples/machine_life.py."
        settings.hardware.memory_mb = 32
        settings.hardware.boot_order = ["Floppy", "None", "None", "None"]
        handle.save_settings(settings)
    finally:
        handle.unlock()
    if floppy is not None:
        handle.mount_medium("Floppy", 0, 0, str(floppy.resolve()))
    print(f"configured: {settings.hardware.memory_mb} MB of memory")
    return machine.id


def wait_for_state(events: EventStream, machine_id: str, state: MachineState) -> None:
    """Print the states of the machine until it is in ``state``."""

    def is_there(event: Event) -> bool:
        if not isinstance(event, MachineStateChanged) or event.id != machine_id:
            return False
        print(f"state: {event.state}")
        return event.state is state

    events.wait_for(is_there, SECONDS_TO_REACT)


def run(client: Client, machine_id: str, frontend: str, seconds: float) -> None:
    """Start the machine, watch it until ``seconds`` are quiet, pause it and pull the plug."""
    # The stream exists before the calls, so that no event is missed.
    with client.events() as events:
        client.invoke(
            "machine.launch",
            {"id": machine_id, "frontend": frontend},
            timeout=SECONDS_TO_START,
            progress=lambda percent, _description: print(f"starting: {percent}%"),
        )
        wait_for_state(events, machine_id, MachineState.RUNNING)
        while (event := events.get(timeout=seconds)) is not None:
            print(f"event: {event}")
        console = client.console(machine_id)
        console.pause()
        wait_for_state(events, machine_id, MachineState.PAUSED)
        print("screen:", " / ".join(console.screen_text().split("\n")).strip(" /"))
        console.power_off()
        wait_for_state(events, machine_id, MachineState.POWERED_OFF)


def wait_until_free(client: Client, machine_id: str) -> None:
    """Wait until the process of the machine has ended and its lock is free."""
    with client.events() as events:
        while client.virtualbox.find_machine(machine_id).session_state != "Unlocked":
            events.get(timeout=1.0)


def main() -> int:
    """Play it through; the machine is removed in the end unless --keep is given."""
    parser = argparse.ArgumentParser(description="Create, configure, start, watch, stop a machine.")
    parser.add_argument("--name", default="api-example", help="name of the machine")
    parser.add_argument("--floppy", type=Path, help="image of a bootable floppy disk")
    parser.add_argument("--frontend", default="headless", help="headless or gui")
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="watch until nothing has happened for so long"
    )
    parser.add_argument("--keep", action="store_true", help="do not remove the machine")
    options = parser.parse_args()
    try:
        with connect(client_name="example") as client:
            machine_id = create(client, options.name, options.floppy)
            try:
                run(client, machine_id, options.frontend, options.seconds)
            finally:
                wait_until_free(client, machine_id)
                if not options.keep:
                    client.virtualbox.unregister_machine(machine_id, delete_files=True)
                    print("removed")
    except ApiError as error:
        print(f"{error.code.name}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
