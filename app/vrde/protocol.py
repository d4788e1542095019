"""Numbers of the RFB protocol (RFC 6143; extensions: rfbproto.rst of the community)."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

VERSION: Final = b"RFB 003.008\n"
NAME_LIMIT: Final = 1024
VENCRYPT_VERSION: Final = b"\0\2"
PLAIN_LIMIT: Final = 1024
"""Bytes of a name, and of a password."""
TEXT_LIMIT: Final = 1 << 20
"""Bytes of text that a client may send; a longer one ends the connection."""


class Security(IntEnum):
    """Security types (7.1.2)."""

    INVALID = 0
    NONE = 1
    VNC = 2
    VENCRYPT = 19


class VeNCrypt(IntEnum):
    """Subtypes of VeNCrypt 0.2."""

    PLAIN = 256
    TLS_NONE = 257
    TLS_VNC = 258
    X509_NONE = 260
    X509_VNC = 261
    X509_PLAIN = 262


class ClientMessage(IntEnum):
    """First bytes of what clients send."""

    SET_PIXEL_FORMAT = 0
    SET_ENCODINGS = 2
    UPDATE_REQUEST = 3
    KEY = 4
    POINTER = 5
    CUT_TEXT = 6
    CONTINUOUS_UPDATES = 150
    FENCE = 248
    SET_DESKTOP_SIZE = 251
    QEMU = 255


class ServerMessage(IntEnum):
    """First bytes of what the server sends."""

    UPDATE = 0
    END_OF_CONTINUOUS_UPDATES = 150
    FENCE = 248


class Encoding(IntEnum):
    """Encodings and what clients declare in the same way."""

    RAW = 0
    COPY_RECT = 1
    ZLIB = 6
    TIGHT = 7
    ZRLE = 16
    QUALITY_0 = -32
    QUALITY_9 = -23
    DESKTOP_SIZE = -223
    CURSOR = -239
    QEMU_POINTER = -257
    QEMU_KEY = -258
    EXTENDED_DESKTOP_SIZE = -308
    FENCE = -312
    CONTINUOUS_UPDATES = -313


RECTANGLE: Final = struct.Struct(">HHHHi")
UPDATE_HEADER: Final = struct.Struct(">BxH")
FENCE_REQUEST: Final = 1 << 31
FENCE_KNOWN: Final = 7
"""BlockBefore, BlockAfter and SyncNext."""
FENCE_LIMIT: Final = 64
SIZE_PROHIBITED: Final = 1
"""Status of ExtendedDesktopSize: the guest's screen has the size that the guest gives it."""


def pseudo_rectangle(encoding: Encoding, x: int = 0, y: int = 0, size: tuple[int, int] = (0, 0)
                     ) -> bytes:  # fmt: skip
    """A rectangle that carries no pixels."""
    return RECTANGLE.pack(x, y, *size, encoding)


def extended_desktop_size(size: tuple[int, int], reason: int = 0, status: int = 0) -> bytes:
    """The layout of the desktop: one screen.

    Args:
        size: width and height.
        reason: 0 the server's doing, 1 this client's request.
        status: what has become of the request.
    """
    head = pseudo_rectangle(Encoding.EXTENDED_DESKTOP_SIZE, reason, status, size)
    return head + struct.pack(">B3xIHHHHI", 1, 0, 0, 0, *size, 0)
