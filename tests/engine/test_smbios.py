"""SMBIOS structures as dmidecode walks them."""

from __future__ import annotations

import struct
import uuid

import pytest

from engine.smbios import SmbiosInfo, build_smbios

IDENTITY = "12345678-9abc-def0-1122-334455667788"


def walk(tables):
    found = []
    at = 0
    while at < len(tables):
        kind, length, handle = struct.unpack_from("<BBH", tables, at)
        body = tables[at : at + length]
        end = tables.index(b"\0\0", at + length)
        texts = [t.decode() for t in tables[at + length : end].split(b"\0")]
        found.append((kind, handle, body, texts))
        at = end + 2
    return found


def build(**changes):
    return build_smbios(SmbiosInfo(**{"ram_below_4g": 128 << 20, "uuid": IDENTITY, **changes}))


def of_kind(files, kind):
    return [entry for entry in walk(files.tables) if entry[0] == kind]


def test_kinds_lengths_and_handles():
    entries = walk(build().tables)
    assert [kind for kind, *_ in entries] == [0, 1, 3, 4, 16, 17, 19, 32, 127]
    lengths = {kind: len(body) for kind, _, body, _ in entries}
    assert lengths == {0: 24, 1: 27, 3: 22, 4: 42, 16: 23, 17: 40, 19: 31, 32: 11, 127: 4}
    handles = [handle for _, handle, *_ in entries]
    assert len(set(handles)) == len(handles)


def test_anchor():
    files = build()
    anchor = files.anchor
    assert len(anchor) == 31
    assert anchor[:4] == b"_SM_"
    assert anchor[16:21] == b"_DMI_"
    assert sum(anchor) & 0xFF == 0
    assert sum(anchor[16:]) & 0xFF == 0
    assert struct.unpack_from("<H", anchor, 22)[0] == len(files.tables)
    assert struct.unpack_from("<H", anchor, 28)[0] == len(walk(files.tables))
    assert tuple(anchor[6:8]) == (2, 8)


def test_system_strings_and_uuid():
    ((_, _, body, texts),) = of_kind(build(), 1)
    assert texts[body[4] - 1] == "Vitrine"
    assert texts[body[5] - 1] == "Vitrine PC"
    assert body[8:24] == uuid.UUID(IDENTITY).bytes_le


def test_own_strings():
    ((_, _, body, texts),) = of_kind(build(system_product="Box", system_sku="42"), 1)
    assert texts[body[5] - 1] == "Box"
    assert texts[body[25] - 1] == "42"


def test_no_uuid_is_all_zero():
    ((_, _, body, _),) = of_kind(build(uuid=""), 1)
    assert body[8:24] == bytes(16)


def test_memory_above_4g():
    files = build(ram_below_4g=3 << 30, ram_above_4g=61 << 30)
    ranges = [struct.unpack_from("<II", body, 4) for _, _, body, _ in of_kind(files, 19)]
    assert ranges == [(0, (3 << 20) - 1), (4 << 20, (65 << 20) - 1)]
    ((_, _, body, _),) = of_kind(files, 17)
    assert struct.unpack_from("<H", body, 12)[0] == 0x7FFF
    assert struct.unpack_from("<I", body, 28)[0] == 64 << 10


def test_wrong_uuid_is_refused():
    with pytest.raises(ValueError, match="UUID"):
        build(uuid="not one")
