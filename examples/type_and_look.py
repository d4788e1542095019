"""Type into a running machine, take a picture and switch it off.

Run it with ``python -m examples.type_and_look NAME PICTURE.png``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.api import ApiError, MachineState, connect

# Make and break codes of set 1: the Enter key.
ENTER = [0x1C, 0x9C]


def main() -> int:
    """Talk to the console of a machine, starting it when it is off."""
    name, picture = sys.argv[1], Path(sys.argv[2])
    try:
        with connect(client_name="example") as client:
            info = client.virtualbox.find_machine(name)
            if not info.state.is_online:
                client.machine(info.id).launch("headless")
            console = client.console(info.id)
            console.put_scancodes(ENTER)
            picture.write_bytes(console.screenshot())
            print(console.screen_text().strip())
            if client.virtualbox.find_machine(name).state is MachineState.RUNNING:
                console.pause()
                console.resume()
            console.power_off()
    except ApiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
