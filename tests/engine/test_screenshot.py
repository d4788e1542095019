from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from engine.screenshot import png_bytes, write_png


def decode(data):
    """Return (width, height, pixels) of an 8-bit RGB PNG without filters, checking every CRC."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind = data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + length]
        (check,) = struct.unpack_from(">I", data, place + 8 + length)
        assert check == zlib.crc32(kind + body)
        chunks[kind] = body
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(
        ">II5B", chunks[b"IHDR"]
    )
    assert (depth, colour, compression, filtering, interlace) == (8, 2, 0, 0, 0)
    raw = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    assert not raw[:, 0].any()
    return width, height, raw[:, 1:].reshape(height, width, 3)


def test_colours_arrive_in_the_right_order():
    pixels = np.array([[0xFF0000, 0x00FF00, 0x0000FF], [0x123456, 0xFFFFFFFF, 0]], np.uint32)
    width, height, rgb = decode(png_bytes(pixels))
    assert (width, height) == (3, 2)
    assert rgb.tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]],
                            [[0x12, 0x34, 0x56], [255, 255, 255], [0, 0, 0]]]  # fmt: skip


def test_a_part_of_a_larger_picture():
    whole = np.arange(64, dtype=np.uint32).reshape(8, 8)
    _, _, rgb = decode(png_bytes(whole[2:5, 1:7:2]))
    assert rgb[:, :, 2].tolist() == whole[2:5, 1:7:2].tolist()


def test_an_existing_file_is_replaced_whole(tmp_path):
    path = tmp_path / "screen.png"
    path.write_bytes(b"old")
    write_png(str(path), np.zeros((4, 4), np.uint32))
    assert decode(path.read_bytes())[:2] == (4, 4)
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "screen.png"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", lambda fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_png(str(path), np.zeros((4, 4), np.uint32))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OSError, match="screen"):
        write_png(str(tmp_path / "none" / "screen.png"), np.zeros((1, 1), np.uint32))
