"""``convertfromraw``: an image of the bytes of a file or of standard input."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.media import absolute, is_uuid, variant_of
from app.cli.options import Option

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

STDIN: Final = "stdin"
_CHUNK: Final = 1 << 20


@command(
    "convertfromraw",
    "Make an image of the bytes of a file or of standard input.",
    usage=(
        ("convertfromraw <inputfile> <outputfile> [--format=VDI | RAW] [--variant=Standard | "
        "Fixed] [--uuid=<uuid>]"),
        ("convertfromraw stdin <outputfile> <bytes> [--format=VDI | RAW] [--variant=Standard | "
        "Fixed] [--uuid=<uuid>]"),
    ),
    options=(
        Option(("--format", "-format"), "format", "Format of the image."),
        Option(("--variant", "-variant", "-m"), "variant", "Standard, Fixed, Split2G or Stream."),
        Option(("--uuid",), "uuid", "UUID of the image; default: a new one."),
    ),
)
def convertfromraw(context: Context, arguments: Arguments) -> None:
    """Convert; standard input is kept in a file beside the image meanwhile."""
    source = arguments.word(0, "input file")
    target = absolute(arguments.word(1, "output file"))
    variant = variant_of(arguments.get("variant", "Standard"))
    identity = arguments.get("uuid", "")
    if identity and not is_uuid(identity):
        raise UsageError(f"Invalid UUID '{identity}'")
    if source == STDIN:
        size = _size(arguments.word(2, "file size"))
        arguments.at_most(3)
    else:
        arguments.at_most(2)
        size = _size_of_file(absolute(source))
    sys.stderr.write(
        f'Converting from raw image file="{source}" to file="{target}"...\n'
        f"Creating {'fixed' if variant == 'Fixed' else 'dynamic'} image with size {size} bytes "
        f"({-(-size // (1 << 20))}MB)...\n"
    )
    with _as_file(source, target, size) as path:
        context.run_long(
            "virtualbox.convert_from_raw",
            source=path,
            path=target,
            format=arguments.get("format", "VDI").upper(),
            variant=variant,
            image_id=identity,
        )


def _size(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise UsageError(f"Invalid file size '{text}'")
    return int(text)


def _size_of_file(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError as error:
        raise CommandError(f'Cannot open file "{path}": {error.strerror}') from error


@contextmanager
def _as_file(source: str, target: str, size: int) -> Iterator[str]:
    """Absolute path of a file with the bytes."""
    if source != STDIN:
        yield absolute(source)
        return
    path = os.path.join(os.path.dirname(target), f".vitrine-{secrets.token_hex(8)}.raw")
    try:
        try:
            _spool(path, size)
        except OSError as error:
            raise CommandError(
                f"Standard input cannot be kept in '{path}': {error.strerror}"
            ) from error
        yield path
    finally:
        if os.path.exists(path):
            os.unlink(path)


def _spool(path: str, size: int) -> None:
    """Write ``size`` bytes of standard input into a new file, with holes where they are zeros."""
    missing = size
    with open(path, "xb") as file:
        while missing:
            data = sys.stdin.buffer.read(min(_CHUNK, missing))
            if not data:
                raise CommandError(
                    f"Standard input ended after {size - missing} of {size} bytes"
                )
            if data.count(0) == len(data):
                file.seek(len(data), os.SEEK_CUR)
            else:
                file.write(data)
            missing -= len(data)
        file.truncate(size)
