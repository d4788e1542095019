"""DES, as far as VNC authentication needs it: blocks encrypted one by one (FIPS 46-3).

Neither Python's standard library nor the libraries that Vitrine depends on have the cipher, and
those that have it (``cryptography`` as "decrepit") would be loaded for two blocks per client. It
protects nothing by today's measure: TLS does that, see docs/vrde.md.
"""

from __future__ import annotations

from typing import Final

BLOCK: Final = 8
"""Bytes of a block and of a key."""

_IP: Final = tuple(
    start - 8 * n for start in (58, 60, 62, 64, 57, 59, 61, 63) for n in range(8)
)
_FP: Final = tuple(_IP.index(bit) + 1 for bit in range(1, 65))
_E: Final = tuple((4 * group + n - 1) % 32 + 1 for group in range(8) for n in range(6))
_P: Final = (
    16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
    2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
)  # fmt: skip
_PC1: Final = (
    57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3,
    60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37,
    29, 21, 13, 5, 28, 20, 12, 4,
)  # fmt: skip
_PC2: Final = (
    14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
    41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
)  # fmt: skip
_SHIFTS: Final = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
# Each box has four rows of sixteen values, a hexadecimal digit each.
_S: Final = (
    "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
    "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
    "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
    "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
    "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
    "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
    "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
    "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
)


def _permute(value: int, bits: int, table: tuple[int, ...]) -> int:
    """Pick bits of a number that has ``bits``, the first being the most significant, number 1."""
    result = 0
    for bit in table:
        result = result << 1 | value >> (bits - bit) & 1
    return result


def _subkeys(key: bytes) -> list[int]:
    halves = _permute(int.from_bytes(key, "big"), 64, _PC1)
    c, d = halves >> 28, halves & 0xFFFFFFF
    keys = []
    for shift in _SHIFTS:
        c = (c << shift | c >> (28 - shift)) & 0xFFFFFFF
        d = (d << shift | d >> (28 - shift)) & 0xFFFFFFF
        keys.append(_permute(c << 28 | d, 56, _PC2))
    return keys


def _round(half: int, key: int) -> int:
    mixed = _permute(half, 32, _E) ^ key
    result = 0
    for number, box in enumerate(_S):
        six = mixed >> (42 - 6 * number) & 0x3F
        row = six >> 4 & 2 | six & 1
        result = result << 4 | int(box[16 * row + (six >> 1 & 0xF)], 16)
    return _permute(result, 32, _P)


def encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks, each by itself (ECB).

    Args:
        key: 8 bytes; the lowest bit of each has no effect.
        data: a multiple of 8 bytes.
    """
    keys = _subkeys(key)
    result = bytearray()
    for start in range(0, len(data), BLOCK):
        block = _permute(int.from_bytes(data[start : start + BLOCK], "big"), 64, _IP)
        left, right = block >> 32, block & 0xFFFFFFFF
        for subkey in keys:
            left, right = right, left ^ _round(right, subkey)
        result += _permute(right << 32 | left, 64, _FP).to_bytes(BLOCK, "big")
    return bytes(result)


def vnc_response(password: str, challenge: bytes) -> bytes:
    """What a client that knows the password answers to a challenge of 16 bytes (RFC 6143, 7.2.2).

    The first eight bytes of the password are the key, the bits of each byte in reverse order.
    """
    secret = password.encode("utf-8")[:BLOCK].ljust(BLOCK, b"\0")
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in secret)
    return encrypt(key, challenge)
