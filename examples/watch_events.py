"""Print changes of states as they happen: ``python -m examples.watch_events SECONDS``."""

from __future__ import annotations

import sys
import time

from app.api import MachineRegistered, MachineStateChanged, connect


def main() -> None:
    """Watch for some seconds."""
    deadline = time.monotonic() + float(sys.argv[1])
    with connect(client_name="example") as client, client.events(
        MachineRegistered, MachineStateChanged
    ) as events:
        print("watching", flush=True)
        while (left := deadline - time.monotonic()) > 0:
            event = events.get(timeout=left)
            if isinstance(event, MachineStateChanged):
                print(f"{event.id} is {event.state}", flush=True)
            elif isinstance(event, MachineRegistered):
                print(f"{event.id} is {'known' if event.registered else 'gone'}", flush=True)


if __name__ == "__main__":
    main()
