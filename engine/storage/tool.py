"""The ``medium`` sub-command: create, describe and check images for other processes.

One JSON object to a line on standard output: ``{"progress": 0..100}`` while work goes on, and then
``{"result": {...}}`` with the fields of :class:`engine.storage.medium.MediumInfo` and exit status
0, or ``{"error": {"code": ..., "message": ...}}`` and exit status 1. SIGTERM and SIGINT cancel:
the answer is an error, and no unfinished file is left behind.
"""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

import msgspec

from engine.errors import EngineError
from engine.storage.create import create_medium
from engine.storage.errors import MediumCancelled, MediumParameterError
from engine.storage.medium import DeviceType, MediumInfo, examine_medium, open_medium

_CANCELLING_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Parser(argparse.ArgumentParser):
    """Reports wrong arguments like every other error."""

    def error(self, message: str) -> NoReturn:
        raise MediumParameterError(f"{message[:1].upper()}{message[1:]}.")


def _check_encoding(argv: list[str]) -> None:
    """Refuse file names that no JSON text can carry (Linux allows any bytes in them)."""
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise MediumParameterError(f"{argument!a} is not valid UTF-8.") from error


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="medium", description="Create, describe and check disk images.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    create = commands.add_parser("create", help="make a new image")
    create.add_argument("--filename", required=True)
    create.add_argument("--size-bytes", required=True, type=int)
    create.add_argument("--format", default="VDI")
    create.add_argument("--variant", default="Standard", help="Standard or Fixed")
    create.set_defaults(run=_create)
    for name, run, text in (
        ("info", _info, "describe an image, even while it is in use"),
        ("check", _check, "validate an image that is not in use"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("filename")
        command.add_argument("--type", default="hdd", choices=[str(kind) for kind in DeviceType])
        command.set_defaults(run=run)
    return parser


def _print(kind: str, value: Any) -> None:
    print(msgspec.json.encode({kind: value}).decode(), flush=True)


class _ProgressPrinter:
    """Prints each percentage once."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, percent: int) -> None:
        if percent != self._last:
            self._last = percent
            _print("progress", percent)


def _create(arguments: argparse.Namespace) -> MediumInfo:
    return create_medium(
        arguments.filename,
        format_name=arguments.format,
        variant=arguments.variant,
        size=arguments.size_bytes,
        progress=_ProgressPrinter(),
    )


def _info(arguments: argparse.Namespace) -> MediumInfo:
    return examine_medium(arguments.filename, arguments.type)


def _check(arguments: argparse.Namespace) -> dict[str, Any]:
    with open_medium(arguments.filename, read_only=True, device_type=arguments.type) as medium:
        findings = medium.check()
        info = msgspec.structs.replace(medium.info(), state="Created")
    return {**msgspec.structs.asdict(info), "findings": findings}


def _cancel(number: int, _frame: FrameType | None) -> NoReturn:
    for cancelling in _CANCELLING_SIGNALS:
        signal.signal(cancelling, signal.SIG_IGN)  # Nothing may interrupt the tidying up.
    raise MediumCancelled(f"The work was cancelled by {signal.Signals(number).name}.")


def main(argv: list[str]) -> int:
    """Run one command; ``argv`` is without the name of the program.

    Returns:
        The exit status: 0, or 1 after an error that has been printed.
    """
    before = {number: signal.signal(number, _cancel) for number in _CANCELLING_SIGNALS}
    try:
        _check_encoding(argv)
        arguments = _parser().parse_args(argv)
        _print("result", arguments.run(arguments))
    except EngineError as error:
        _print("error", {"code": error.code, "message": str(error)})
        return 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
