"""Change memory and boot order: ``python -m examples.change_settings NAME MEGABYTES``."""

from __future__ import annotations

import sys

from app.api import ApiError, connect


def main() -> int:
    """Change them under a lock, so that nobody else changes the machine meanwhile."""
    name, memory_mb = sys.argv[1], int(sys.argv[2])
    try:
        with connect(client_name="example") as client:
            machine = client.machine(client.virtualbox.find_machine(name).id)
            machine.lock()
            try:
                settings = machine.get_settings()
                before = settings.hardware.memory_mb
                settings.hardware.memory_mb = memory_mb
                settings.hardware.boot_order = ["HardDisk", "DVD", "None", "None"]
                machine.save_settings(settings)
            finally:
                machine.unlock()
    except ApiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"'{name}' has {memory_mb} MB of memory, after {before} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
