"""`vitrine`: the manager, or with ``--startvm`` the window of one machine.

With ``--settings`` it shows the settings of a machine without the rest of the manager.
"""

import argparse
import sys
from collections.abc import Sequence


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vitrine",
        description="Create, configure and run PC virtual machines.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.add_argument(
        "--startvm",
        metavar="NAME|UUID",
        help="open the window of this machine and start it, instead of the manager",
    )
    parser.add_argument(
        "--settings",
        metavar="NAME|UUID",
        help="open the settings of this machine alone, at --page PAGE",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; wrong options print a sentence on standard error and give 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    try:
        # The VM window has options of its own (they stand behind --startvm NAME).
        options, rest = parser.parse_known_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    if options.version:
        from app.version import version

        print(version())
        return 0
    if options.startvm is not None:
        from app.vmwindow.main import main as run_vm_window

        return run_vm_window(arguments)
    if options.settings is not None:
        from app.manager.settings_window import main as run_settings

        return run_settings(arguments)
    if rest:
        print(f"vitrine: error: unknown option {rest[0]!r}; see vitrine --help", file=sys.stderr)
        return 2
    from app.manager.main import main as run_manager

    return run_manager(arguments)


if __name__ == "__main__":
    sys.exit(main())
