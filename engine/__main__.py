"""Command line of the engine: ``python -m engine run ...`` and ``python -m engine medium ...``."""

from __future__ import annotations

import sys

USAGE = """usage: python -m engine run [options]      boot a machine without a window
       python -m engine medium COMMAND    create, examine and check disk images"""


def main(argv: list[str]) -> int:
    """Dispatch to a sub-command; return the exit code."""
    command = argv[0] if argv else ""
    if command == "run":
        from engine.runner import main as run

        return run(argv[1:])
    if command == "medium":
        from engine.storage.tool import main as medium

        return medium(argv[1:])
    print(USAGE, file=sys.stderr if command not in ("-h", "--help") else sys.stdout)
    return 0 if command in ("-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
