"""Take a snapshot, go back to it, and copy the machine.

Run it with ``python -m examples.snapshot_and_clone NAME NAME-OF-THE-COPY``.
"""

from __future__ import annotations

import sys

from app.api import ApiError, connect


def main() -> int:
    """Do so with a machine that is off."""
    name, copy = sys.argv[1:3]
    try:
        with connect(client_name="example") as client:
            machine = client.virtualbox.find_machine(name)
            snapshots = client.snapshots(machine.id)
            taken = snapshots.take("before the copy", "Taken by an example.")
            snapshots.restore(taken.uuid)
            clone = client.invoke(
                "machine.clone",
                {"id": machine.id, "name": copy},
                progress=lambda percent, _description: print(f"cloning: {percent}%"),
            )
            snapshots.delete(taken.uuid)
    except ApiError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"'{clone.name}' is a copy of '{name}': {clone.settings_path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
