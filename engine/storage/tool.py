"""The ``medium`` sub-command: create, describe, convert and check images for other processes.

One JSON object to a line on standard output: ``{"progress": 0..100}`` while work goes on, and then
``{"result": ...}`` (an image is described by :class:`engine.storage.medium.MediumInfo`) and exit
status 0, or ``{"error": {"code": ..., "message": ...}}`` and exit status 1. SIGTERM and SIGINT
cancel: the answer is an error, and no unfinished file is left behind.
"""

from __future__ import annotations

import argparse
import signal
import sys
import uuid
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import msgspec

from engine.errors import EngineError
from engine.storage.chain import ImageFile, reading_chain
from engine.storage.copying import clone_difference, clone_medium, clone_over, convert_from_raw
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumCancelled, MediumParameterError
from engine.storage.fat12 import create_formatted_floppy
from engine.storage.hostlock import LockMode
from engine.storage.maintain import (
    compact_medium,
    delete_medium,
    move_medium,
    reset_difference,
    resize_medium,
    set_medium_ids,
)
from engine.storage.medium import (
    DeviceType,
    MediumInfo,
    examine_medium,
    open_medium,
    registered_formats,
)
from engine.storage.merge import merge_images, reparent

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
    parser = _Parser(prog="medium", description="Create, describe, convert and check disk images.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def add(
        name: str, run: Callable[[argparse.Namespace], Any], text: str, *, file: bool = True
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        if file:
            command.add_argument("filename")
        return command

    create = add("create", _create, "make a new image", file=False)
    create.add_argument("--size-bytes", type=int)
    create.add_argument(
        "--parent", action="append", default=[], type=_image, help="FORMAT:FILE, lowest first"
    )
    create.add_argument("--uuid", type=uuid.UUID)
    create.add_argument("--formatted", action="store_true", help="a floppy disk with FAT12")
    _add_layer_commands(add)
    clone = add("clone", _clone, "copy an image, in any format")
    clone.add_argument("--base", action="append", default=[], help="image below, lowest first")
    clone.add_argument("--size-bytes", default=0, type=int)
    clone.add_argument("--existing", action="store_true", help="the target is there already")
    convert = add("convert", _convert, "make an image of the bytes of a file")
    for command in (create, clone, convert):
        command.add_argument("--target" if command is not create else "--filename", required=True)
        command.add_argument("--format", default="VDI")
        command.add_argument("--variant", default="Standard", help="Standard, Fixed...")
        if command is not create:
            command.add_argument("--uuid", type=uuid.UUID)
    add("resize", _resize, "make the disk larger").add_argument(
        "--size-bytes", required=True, type=int
    )
    add("compact", _compact, "drop blocks of zeros")
    add("delete", _delete, "remove the image with all of its files")
    add("move", _move, "give the image another place").add_argument("--target", required=True)
    identify = add("set-ids", _set_ids, "store other UUIDs")
    identify.add_argument("--uuid", type=uuid.UUID)
    identify.add_argument("--parent-uuid", type=uuid.UUID)
    info = add("info", _info, "describe an image, even while it is in use")
    check = add("check", _check, "validate an image that is not in use")
    add("examine", _examine, "describe the images that standard input names", file=False)
    add("formats", _formats, "describe the formats", file=False)
    for command in (create, clone, info, check):
        command.add_argument("--type", default="hdd", choices=[str(kind) for kind in DeviceType])
    return parser


def _add_layer_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands on images that build on others."""
    layer = add(
        "clone-difference", _clone_difference, "copy what an image itself holds", file=False
    )
    for option in ("--source", "--parent"):
        layer.add_argument(option, action="append", required=True, type=_image)
    layer.add_argument("--target", required=True)
    layer.add_argument("--uuid", type=uuid.UUID)
    merge = add("merge", _merge, "merge an image and the one below it, without their headers")
    merge.add_argument("--direction", required=True, choices=["forward", "backward"])
    for command in (
        merge,
        add("reparent", _reparent, "have an image build on another, or on none"),
        add("reset", _reset, "empty a differencing image"),
    ):
        command.add_argument("--parent", action="append", default=[], type=_image)


def _image(text: str) -> ImageFile:
    """An image with the name of its format, which may be empty, in front: ``VDI:/a/b.vdi``."""
    format_name, _, path = text.partition(":")
    return ImageFile(path, format_name or None)


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
    if arguments.formatted:
        if arguments.type != DeviceType.FLOPPY or arguments.format.upper() != "RAW":
            raise MediumParameterError("Only raw images of floppy disks can be formatted.")
        return create_formatted_floppy(
            arguments.filename, arguments.size_bytes, arguments.variant, _ProgressPrinter()
        )
    if arguments.parent:
        with reading_chain(arguments.parent) as parent:
            create_difference_on(
                parent,
                arguments.filename,
                format_name=arguments.format,
                image_id=arguments.uuid,
            )
        images = [*arguments.parent, ImageFile(arguments.filename, arguments.format)]
        with reading_chain(images, lock=LockMode.NONE) as medium:
            return msgspec.structs.replace(medium.info(), state="Created")
    if arguments.size_bytes is None:
        raise MediumParameterError("One of --size-bytes and --parent is needed.")
    return create_medium(
        arguments.filename,
        format_name=arguments.format,
        variant=arguments.variant,
        size=arguments.size_bytes,
        device_type=arguments.type,
        progress=_ProgressPrinter(),
    )


def _clone_difference(arguments: argparse.Namespace) -> MediumInfo:
    return clone_difference(
        arguments.source,
        arguments.target,
        arguments.parent,
        image_id=arguments.uuid,
        progress=_ProgressPrinter(),
    )


def _merge(arguments: argparse.Namespace) -> dict[str, Any]:
    merge_images(
        [*arguments.parent, ImageFile(arguments.filename)],
        forward=arguments.direction == "forward",
        progress=_ProgressPrinter(),
    )
    return {}


def _reparent(arguments: argparse.Namespace) -> dict[str, Any]:
    reparent(arguments.filename, arguments.parent)
    return {}


def _reset(arguments: argparse.Namespace) -> dict[str, Any]:
    reset_difference(arguments.filename, arguments.parent)
    return {}


def _clone(arguments: argparse.Namespace) -> MediumInfo:
    if arguments.existing:
        return clone_over(
            [*arguments.base, arguments.filename], arguments.target, progress=_ProgressPrinter()
        )
    return clone_medium(
        [*arguments.base, arguments.filename],
        arguments.target,
        format_name=arguments.format,
        variant=arguments.variant,
        device_type=arguments.type,
        image_id=arguments.uuid,
        size=arguments.size_bytes,
        progress=_ProgressPrinter(),
    )


def _convert(arguments: argparse.Namespace) -> MediumInfo:
    return convert_from_raw(
        arguments.filename,
        arguments.target,
        format_name=arguments.format,
        variant=arguments.variant,
        image_id=arguments.uuid,
        progress=_ProgressPrinter(),
    )


def _resize(arguments: argparse.Namespace) -> dict[str, Any]:
    resize_medium(arguments.filename, arguments.size_bytes, progress=_ProgressPrinter())
    return {}


def _compact(arguments: argparse.Namespace) -> dict[str, Any]:
    compact_medium(arguments.filename, progress=_ProgressPrinter())
    return {}


def _delete(arguments: argparse.Namespace) -> dict[str, Any]:
    delete_medium(arguments.filename)
    return {}


def _move(arguments: argparse.Namespace) -> dict[str, Any]:
    move_medium(arguments.filename, arguments.target, progress=_ProgressPrinter())
    return {}


def _set_ids(arguments: argparse.Namespace) -> dict[str, Any]:
    set_medium_ids(arguments.filename, image_id=arguments.uuid, parent_id=arguments.parent_uuid)
    return {}


def _formats(_arguments: argparse.Namespace) -> list[dict[str, Any]]:
    return [
        {
            "name": declared.name,
            "extensions": sorted(declared.extensions),
            "device_types": sorted(kind.settings_name for kind in declared.device_types),
            "variants": sorted(declared.variants),
            "maintained": declared.maintenance is not None,
            "differences": declared.create_difference is not None,
            "stores_id": getattr(declared.open, "stores_uuid", False),
        }
        for declared in registered_formats()
        if declared.extensions
    ]


def _info(arguments: argparse.Namespace) -> MediumInfo:
    return examine_medium(arguments.filename, arguments.type)


class _Question(msgspec.Struct, frozen=True):
    """An image to describe.

    Attributes:
        paths: the images that it builds on, the base first, and itself.
        type: the kind of drive it is for.
        formats: names of their formats where the contents must not decide.
    """

    paths: list[str]
    type: DeviceType = DeviceType.HARD_DISK
    formats: list[str | None] = []


def _examine(_arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Describe many images, for whom a process for each would be too slow."""
    try:
        questions = msgspec.json.decode(sys.stdin.buffer.read(), type=list[_Question])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MediumParameterError(f"Standard input is malformed: {error}.") from error
    answers: list[dict[str, Any]] = []
    for question in questions:
        try:
            formats = question.formats or [None] * len(question.paths)
            images = [ImageFile(*each) for each in zip(question.paths, formats, strict=True)]
            with reading_chain(images, question.type, LockMode.NONE) as opened:
                answers.append({"info": opened.info()})
        except EngineError as error:
            answers.append({"error": str(error)})
    return answers


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
