"""Packet commands of an optical drive.

References: MMC-5 (T10/1675D), 6; SPC-3 (T10/1416-D), 6; SFF-8020i for what older drivers expect.
The drive reads CDs and DVDs of one data track; audio, sub-channels and recording are not there.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, Protocol

from engine.ata import toc
from engine.ata.registers import CD_SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ata.state import OpticalState

    Handler = Callable[["PacketDrive", bytes], None]

# Operation codes.
TEST_UNIT_READY, REQUEST_SENSE, INQUIRY = 0x00, 0x03, 0x12
MODE_SELECT_6, MODE_SENSE_6 = 0x15, 0x1A
START_STOP_UNIT, PREVENT_ALLOW = 0x1B, 0x1E
READ_CAPACITY, READ_10, SEEK_10 = 0x25, 0x28, 0x2B
READ_TOC, GET_CONFIGURATION, GET_EVENT_STATUS = 0x43, 0x46, 0x4A
READ_DISC_INFORMATION, READ_TRACK_INFORMATION = 0x51, 0x52
MODE_SELECT_10, MODE_SENSE_10 = 0x55, 0x5A
READ_12, SET_CD_SPEED, MECHANISM_STATUS, READ_CD = 0xA8, 0xBB, 0xBD, 0xBE

# Sense keys and additional codes (SPC-3, tables 27 and 28).
NO_SENSE: Final = (0, 0, 0)
NOT_READY, MEDIUM_ERROR, ILLEGAL_REQUEST, UNIT_ATTENTION = 0x2, 0x3, 0x5, 0x6
UNRECOVERED_READ, PARAMETER_LENGTH, INVALID_COMMAND = 0x11, 0x1A, 0x20
OUT_OF_RANGE, INVALID_FIELD, SAVING_NOT_SUPPORTED, NO_MEDIUM = 0x21, 0x24, 0x39, 0x3A
REMOVAL_PREVENTED, WRONG_TRACK_MODE = 0x53, 0x64
MEDIUM_CHANGED: Final = 0x2800
TRAY_CLOSED, TRAY_OPEN = 0x01, 0x02

# Media events (MMC-5, table 317).
EVENT_EJECT_REQUEST, EVENT_NEW_MEDIA, EVENT_REMOVAL = 1, 2, 3
MEDIA_CLASS: Final = 4

VENDOR, PRODUCT, REVISION = b"VITRINE ", b"CD-ROM          ", b"1.0 "

# More than an 80 minute CD holds: a DVD.
CD_BLOCKS: Final = 80 * 60 * 75
PROFILE_CD, PROFILE_DVD = 0x0008, 0x0010

# READ CD, byte 9.
SYNC, SUBHEADER, HEADER, USER_DATA, ECC = 0x80, 0x40, 0x20, 0x10, 0x08
RAW_PARTS: Final = 0xF8
C2_ERRORS: Final = 0x06
SYNC_PATTERN: Final = b"\x00" + b"\xff" * 10 + b"\x00"
ECC_SIZE: Final = 288
ANY_TYPE, MODE_1 = 0, 2

PAGE_ERROR_RECOVERY, PAGE_CAPABILITIES, ALL_PAGES = 0x01, 0x2A, 0x3F
SPEED: Final = 7040  # kB/s, 40 times a CD's
BUFFER_SIZE: Final = 512  # KiB
LOCKABLE, LOCKED, EJECTABLE, TRAY_LOADER = 0x01, 0x02, 0x08, 0x20

# Commands that work whatever the unit has to tell first, and those that need a disc.
WITHOUT_ATTENTION: Final = frozenset({INQUIRY, REQUEST_SENSE, GET_CONFIGURATION, GET_EVENT_STATUS})
NEEDS_MEDIUM: Final = frozenset({
    TEST_UNIT_READY, READ_CAPACITY, READ_10, READ_12, READ_CD, SEEK_10, READ_TOC,
    READ_DISC_INFORMATION, READ_TRACK_INFORMATION,
})  # fmt: skip


class _Host(Protocol):
    """The controller, as a command needs it."""

    def tray_moved(self, lun: int, *, open_: bool) -> None: ...
    def guest_error(self, message: str) -> None: ...


class _State(Protocol):
    """The drive's state, as a command needs it."""

    optical: OpticalState


class PacketDrive(Protocol):
    """A drive, whatever brings it its packets."""

    lun: int

    @property
    def blocks(self) -> int:
        """Capacity of the disc in sectors; 0 without a disc."""

    @property
    def medium(self) -> object | None:
        """What is in the drive."""

    @property
    def host(self) -> _Host:
        """The controller."""

    @property
    def state(self) -> _State:
        """What a saved state holds."""

    def succeed(self) -> None:
        """End the command well."""

    def refuse(self, key: int, code: int, qualifier: int = 0) -> None:
        """End the command with CHECK CONDITION."""

    def reply(self, data: bytes, allocation: int | None = None) -> None:
        """Send data, at most ``allocation`` bytes."""

    def read_blocks(self, lba: int, count: int, raw_flags: int = 0) -> None:
        """Send sectors; ``raw_flags`` as in byte 9 of READ CD, 0 for user data."""

    def receive(self, size: int) -> None:
        """Ask for parameters; :func:`parameters_received` gets them."""


def execute(drive: PacketDrive, packet: bytes) -> None:
    """Run a packet of 12 bytes."""
    operation = packet[0]
    handler = _COMMANDS.get(operation)
    optical = drive.state.optical
    if handler is None:
        drive.host.guest_error(f"packet command {operation:#04x} is not known")
        drive.refuse(ILLEGAL_REQUEST, INVALID_COMMAND)
    elif optical.attention and operation not in WITHOUT_ATTENTION:
        code, qualifier = divmod(optical.attention, 0x100)
        optical.attention = 0
        drive.refuse(UNIT_ATTENTION, code, qualifier)
    elif operation in NEEDS_MEDIUM and not drive.blocks:
        drive.refuse(NOT_READY, NO_MEDIUM, TRAY_OPEN if optical.tray_open else TRAY_CLOSED)
    else:
        handler(drive, packet)


def parameters_received(drive: PacketDrive, data: bytes) -> None:
    """Take the parameters of MODE SELECT, the only command that sends some.

    Nothing on the pages that a drive like this has can be changed, so that they are accepted
    when they are whole.
    """
    header = 8 if drive.state.optical.packet[0] == MODE_SELECT_10 else 4
    at = header
    while at < len(data):
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            drive.refuse(ILLEGAL_REQUEST, PARAMETER_LENGTH)
            return
        at += 2 + data[at + 1]
    drive.succeed()


def raw_sectors(lba: int, data: bytes, flags: int) -> bytes:
    """Return mode 1 sectors with the parts that READ CD asks for.

    Deviation: error detection and correction bytes are zero; a disc image does not hold them.
    """
    parts = []
    for n in range(len(data) // CD_SECTOR_SIZE):
        if flags & SYNC:
            parts.append(SYNC_PATTERN)
        if flags & HEADER:
            parts.append(bytes(_bcd(x) for x in toc.msf(lba + n)) + b"\x01")
        if flags & USER_DATA:
            parts.append(data[n * CD_SECTOR_SIZE : (n + 1) * CD_SECTOR_SIZE])
        if flags & ECC:
            parts.append(bytes(ECC_SIZE))
    return b"".join(parts)


def _bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _word(packet: bytes, offset: int) -> int:
    return packet[offset] << 8 | packet[offset + 1]


# ------------------------------------------------------------------ the unit


def _test_unit_ready(drive: PacketDrive, _packet: bytes) -> None:
    drive.succeed()


def _request_sense(drive: PacketDrive, packet: bytes) -> None:
    optical = drive.state.optical
    key, code, qualifier = optical.sense
    if not key and optical.attention:
        key = UNIT_ATTENTION
        code, qualifier = divmod(optical.attention, 0x100)
        optical.attention = 0
    optical.sense = NO_SENSE
    # Fixed format, current error (SPC-3, 4.5.3).
    sense = struct.pack(">BBBIBIBBBBH", 0x70, 0, key, 0, 10, 0, code, qualifier, 0, 0, 0)
    drive.reply(sense, packet[4])


def _inquiry(drive: PacketDrive, packet: bytes) -> None:
    if packet[1] & 1:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)  # no vital product data
        return
    # CD/DVD device, removable, ATAPI version 2 with response format 1 (SFF-8020i, 10.8.1).
    header = bytes([0x05, 0x80, 0x00, 0x21, 31, 0, 0, 0])
    drive.reply(header + VENDOR + PRODUCT + REVISION, packet[4])


def _start_stop(drive: PacketDrive, packet: bytes) -> None:
    optical = drive.state.optical
    start, load_eject = packet[4] & 1, packet[4] & 2
    if load_eject and not start:
        if optical.locked:
            drive.refuse(ILLEGAL_REQUEST, REMOVAL_PREVENTED, 0x02)
            return
        if not optical.tray_open:
            optical.tray_open = True
            optical.event = EVENT_REMOVAL
            drive.host.tray_moved(drive.lun, open_=True)
    elif load_eject and optical.tray_open:
        optical.tray_open = False
        if drive.medium is not None:
            optical.attention, optical.event = MEDIUM_CHANGED, EVENT_NEW_MEDIA
        drive.host.tray_moved(drive.lun, open_=False)
    drive.succeed()


def _prevent_allow(drive: PacketDrive, packet: bytes) -> None:
    drive.state.optical.locked = bool(packet[4] & 1)
    drive.succeed()


def _mechanism_status(drive: PacketDrive, packet: bytes) -> None:
    door = 0x10 if drive.state.optical.tray_open else 0
    drive.reply(bytes([0, door, 0, 0, 0, 0, 0, 0]), _word(packet, 8))


def _get_event_status(drive: PacketDrive, packet: bytes) -> None:
    if not packet[1] & 1:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)  # asynchronous notification
        return
    optical = drive.state.optical
    supported = 1 << MEDIA_CLASS
    if packet[4] & supported:
        present = 0x02 if drive.blocks else 0
        event = bytes([optical.event, present | optical.tray_open, 0, 0])
        optical.event = 0
        data = struct.pack(">HBB", 2 + len(event), MEDIA_CLASS, supported) + event
    else:
        data = struct.pack(">HBB", 2, 0x80, supported)  # no event available
    drive.reply(data, _word(packet, 7))


def _profile(drive: PacketDrive) -> int:
    blocks = drive.blocks
    if not blocks:
        return 0
    return PROFILE_DVD if blocks > CD_BLOCKS else PROFILE_CD


def _get_configuration(drive: PacketDrive, packet: bytes) -> None:
    current = _profile(drive)
    profiles = b"".join(
        struct.pack(">HBB", profile, profile == current, 0) for profile in (PROFILE_DVD, PROFILE_CD)
    )
    disc = current != 0
    # (code, version, persistent, current, data); MMC-5, 5.3.
    features = (
        (0x0000, 0, True, True, profiles),
        (0x0001, 1, True, True, struct.pack(">IBBH", 2, 0, 0, 0)),  # core: ATAPI
        (0x0002, 1, True, True, bytes([0x02, 0, 0, 0])),  # morphing: operational change events
        (0x0003, 0, True, True, bytes([TRAY_LOADER | EJECTABLE | LOCKABLE, 0, 0, 0])),
        (0x0010, 0, False, disc, struct.pack(">IHBB", CD_SECTOR_SIZE, 16, 0, 0)),
        (0x001E, 2, False, current == PROFILE_CD, bytes(4)),  # CD read
        (0x001F, 0, False, current == PROFILE_DVD, b""),  # DVD read
    )
    kind, first = packet[1] & 3, _word(packet, 2)
    body = b""
    for code, version, persistent, active, data in features:
        wanted = code >= first if kind < 2 else code == first
        if wanted and (kind != 1 or active):
            flags = version << 2 | persistent << 1 | active
            body += struct.pack(">HBB", code, flags, len(data)) + data
    drive.reply(struct.pack(">IHH", 4 + len(body), 0, current) + body, _word(packet, 7))


# ------------------------------------------------------------------ mode pages


def _mode_pages(drive: PacketDrive, page: int, *, changeable: bool) -> bytes:
    optical = drive.state.optical
    pages = {
        PAGE_ERROR_RECOVERY: bytes([0, 5, 0, 0, 0, 0]),
        # Reads CD-R, CD-RW, method 2 and DVD-ROM; mode 2 and multisession (SFF-8020i, 10.8.6.4).
        PAGE_CAPABILITIES: struct.pack(
            ">6BHHHHHH",
            0x0F,
            0x00,
            0x70,
            0x00,
            TRAY_LOADER | EJECTABLE | LOCKABLE | (LOCKED if optical.locked else 0),
            0x00,
            SPEED,
            0,
            BUFFER_SIZE,
            SPEED,
            0,
            0,
        ),
    }
    result = b""
    for code, data in pages.items():
        if page in (code, ALL_PAGES):
            result += bytes([code, len(data)]) + (bytes(len(data)) if changeable else data)
    return result


def _mode_sense(drive: PacketDrive, packet: bytes) -> None:
    control, page = packet[2] >> 6, packet[2] & 0x3F
    if control == 3:
        drive.refuse(ILLEGAL_REQUEST, SAVING_NOT_SUPPORTED)
        return
    pages = _mode_pages(drive, page, changeable=control == 1)
    if not pages:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)
        return
    # Medium type: 120 mm data disc, none, or tray open (SFF-8020i, table 71).
    medium = 0x71 if drive.state.optical.tray_open else 0x01 if drive.blocks else 0x70
    if packet[0] == MODE_SENSE_10:
        header = struct.pack(">HBBHH", 6 + len(pages), medium, 0, 0, 0)
        drive.reply(header + pages, _word(packet, 7))
    else:
        drive.reply(bytes([3 + len(pages), medium, 0, 0]) + pages, packet[4])


def _mode_select(drive: PacketDrive, packet: bytes) -> None:
    if packet[1] & 1:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)  # saved pages
        return
    size = _word(packet, 7) if packet[0] == MODE_SELECT_10 else packet[4]
    if size:
        drive.receive(size)
    else:
        drive.succeed()


# ------------------------------------------------------------------ the disc


def _read_capacity(drive: PacketDrive, _packet: bytes) -> None:
    drive.reply(struct.pack(">II", drive.blocks - 1, CD_SECTOR_SIZE))


def _read(drive: PacketDrive, packet: bytes) -> None:
    (lba,) = struct.unpack_from(">I", packet, 2)
    count = _word(packet, 7) if packet[0] == READ_10 else struct.unpack_from(">I", packet, 6)[0]
    drive.read_blocks(lba, count)


def _read_cd(drive: PacketDrive, packet: bytes) -> None:
    (lba,) = struct.unpack_from(">I", packet, 2)
    count = int.from_bytes(packet[6:9], "big")
    flags = packet[9] & RAW_PARTS
    if packet[1] >> 2 & 7 not in (ANY_TYPE, MODE_1):
        drive.refuse(ILLEGAL_REQUEST, WRONG_TRACK_MODE)
    elif packet[9] & C2_ERRORS or packet[10] & 7:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)
    elif not flags & ~SUBHEADER:
        # Mode 1 has no sub-header; nothing else is wanted.
        drive.read_blocks(lba, 0)
    else:
        drive.read_blocks(lba, count, 0 if flags == USER_DATA else flags)


def _seek(drive: PacketDrive, packet: bytes) -> None:
    (lba,) = struct.unpack_from(">I", packet, 2)
    if lba >= drive.blocks:
        drive.refuse(ILLEGAL_REQUEST, OUT_OF_RANGE)
    else:
        drive.succeed()


def _read_toc(drive: PacketDrive, packet: bytes) -> None:
    # Drivers from before MMC put the format into the last byte (SFF-8020i, 10.8.20).
    kind = packet[2] & 0x0F or packet[9] >> 6
    data = toc.read_toc(drive.blocks, kind, packet[6], msf=bool(packet[1] & 2))
    if data is None:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)
    else:
        drive.reply(data, _word(packet, 7))


def _read_disc_information(drive: PacketDrive, packet: bytes) -> None:
    if packet[1] & 7:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)
        return
    drive.reply(toc.disc_information(), _word(packet, 7))


def _read_track_information(drive: PacketDrive, packet: bytes) -> None:
    kind = packet[1] & 3
    (number,) = struct.unpack_from(">I", packet, 2)
    # By sector, by track, by session: there is one track in one session.
    known = (number < drive.blocks, number == 1, number == 1, False)[kind]
    if known:
        drive.reply(toc.track_information(drive.blocks), _word(packet, 7))
    else:
        drive.refuse(ILLEGAL_REQUEST, INVALID_FIELD)


_COMMANDS: Final[dict[int, Handler]] = {
    TEST_UNIT_READY: _test_unit_ready,
    REQUEST_SENSE: _request_sense,
    INQUIRY: _inquiry,
    MODE_SELECT_6: _mode_select,
    MODE_SELECT_10: _mode_select,
    MODE_SENSE_6: _mode_sense,
    MODE_SENSE_10: _mode_sense,
    START_STOP_UNIT: _start_stop,
    PREVENT_ALLOW: _prevent_allow,
    READ_CAPACITY: _read_capacity,
    READ_10: _read,
    READ_12: _read,
    READ_CD: _read_cd,
    SEEK_10: _seek,
    SET_CD_SPEED: _test_unit_ready,
    READ_TOC: _read_toc,
    GET_CONFIGURATION: _get_configuration,
    GET_EVENT_STATUS: _get_event_status,
    READ_DISC_INFORMATION: _read_disc_information,
    READ_TRACK_INFORMATION: _read_track_information,
    MECHANISM_STATUS: _mechanism_status,
}
