"""The registered machines with their states: ``python -m examples.list_machines``."""

from __future__ import annotations

from app.api import connect


def main() -> None:
    """Print one line for each machine."""
    with connect(client_name="example") as client:
        for machine in client.virtualbox.list_machines():
            print(f"{machine.name:24} {machine.state:12} {machine.memory_mb:6} MB  {machine.id}")


if __name__ == "__main__":
    main()
