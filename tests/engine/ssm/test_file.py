"""The saved-state file: whole or refused, and never taken at its word."""

from __future__ import annotations

import os
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SavedStateError
from engine.ssm.file import MAGIC, Header, StateReader, StateWriter

UNITS = [("cpu/0", 1, b"registers"), ("device/vga/0", 3, bytes(70_000)), ("empty", 2, b"")]


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "state.sav"
    with StateWriter(str(path), Header(machine="Debian", ram_size=8 << 20)) as writer:
        for unit in UNITS:
            writer.add(*unit)
        writer.commit()
    return path


def read(path):
    with StateReader(str(path)) as reader:
        return reader.header, [(unit.name, unit.version, unit.data) for unit in reader.units()]


def test_what_was_written_is_read(state):
    header, units = read(state)
    assert (header.machine, header.ram_size) == ("Debian", 8 << 20)
    assert units == UNITS


def test_nothing_is_there_before_the_commit(tmp_path):
    path = tmp_path / "state.sav"
    with pytest.raises(KeyError), StateWriter(str(path), Header()) as writer:
        writer.add(*UNITS[0])
        assert not path.exists()
        raise KeyError
    assert os.listdir(tmp_path) == []


def test_an_older_state_stays_until_the_new_one_is_complete(state):
    before = state.read_bytes()
    with pytest.raises(KeyError), StateWriter(str(state), Header()):
        raise KeyError
    assert state.read_bytes() == before


@pytest.mark.parametrize("kept", [0, 3, 20, 60, 200, -1, -12, -13])
def test_a_file_that_ends_early_is_refused(state, kept):
    data = state.read_bytes()
    state.write_bytes(data[:kept])
    with pytest.raises(SavedStateError, match=r"is damaged|is not a saved state"):
        read(state)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_changed_byte_is_noticed(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "changed.sav"
    with StateWriter(str(path), Header(machine="x")) as writer:
        for unit in UNITS:
            writer.add(*unit)
        writer.commit()
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        _, units = read(path)
    except SavedStateError:
        return
    # Names and versions stand outside the checksums; the machine finds unknown ones missing.
    assert [unit[2] for unit in units] == [unit[2] for unit in UNITS]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_typed_error(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "random.sav"
    for prefix in (b"", MAGIC, MAGIC + struct.pack("<III", 1, 2, zlib.crc32(b"{}")) + b"{}"):
        path.write_bytes(prefix + content)
        with pytest.raises(SavedStateError):
            read(path)


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.sav"
    packed = zlib.compress(bytes(100 << 20))
    with StateWriter(str(path), Header()) as writer:
        writer.add_packed("device/x/0", 1, 1000, packed)
        writer.commit()
    with pytest.raises(SavedStateError, match="has not the 1000 bytes"):
        read(path)
    with StateWriter(str(path), Header()) as writer:
        writer.add_packed("device/x/0", 1, 100 << 20, packed)
        writer.commit()
    with pytest.raises(SavedStateError, match="claims 104857600 bytes"):
        read(path)


def test_a_state_of_virtualbox_is_recognised(tmp_path):
    path = tmp_path / "other.sav"
    path.write_bytes(b"\x7fVirtualBox SavedState V2.0\n" + bytes(100))
    with pytest.raises(SavedStateError, match="saved by VirtualBox"):
        read(path)


def test_a_newer_container_is_named(state):
    data = bytearray(state.read_bytes())
    data[16] = 9
    state.write_bytes(data)
    with pytest.raises(SavedStateError, match="newer version .*format 9"):
        read(state)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        StateReader(str(tmp_path / "none.sav"))
