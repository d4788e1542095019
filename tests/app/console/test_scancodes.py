"""What the keys of a PC keyboard send."""

import pytest

from app.console.pckeys import PcKey
from app.console.scancodes import KeyboardEncoder, stroke


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        (PcKey.A, b"\x1e\x9e"),
        (PcKey.RIGHT_CTRL, b"\xe0\x1d\xe0\x9d"),
        (PcKey.DELETE, b"\xe0\x53\xe0\xd3"),
        (PcKey.F12, b"\x58\xd8"),
        (PcKey.PAUSE, b"\xe1\x1d\x45\xe1\x9d\xc5"),
        (PcKey.PRINT_SCREEN, b"\xe0\x2a\xe0\x37\xe0\xb7\xe0\xaa"),
        (PcKey.VOLUME_UP, b"\xe0\x30\xe0\xb0"),
        (PcKey.HANGUL, b"\xf2"),
    ],
)
def test_codes_of_single_keys(key, codes):
    assert stroke(key) == codes


def test_codes_that_depend_on_modifiers():
    assert stroke(PcKey.LEFT_ALT, PcKey.PRINT_SCREEN) == b"\x38\x54\xd4\xb8"
    assert stroke(PcKey.LEFT_CTRL, PcKey.PAUSE) == b"\x1d\xe0\x46\xe0\xc6\x9d"
    assert stroke(PcKey.LEFT_SHIFT, PcKey.PRINT_SCREEN) == b"\x2a\xe0\x37\xe0\xb7\xaa"


def test_all_make_codes_are_distinct():
    codes = [KeyboardEncoder().press(key) for key in PcKey]
    assert len(set(codes)) == len(PcKey)


def test_encoder_never_leaves_a_key_down():
    encoder = KeyboardEncoder()
    for key in PcKey:
        encoder.press(key)
    codes = encoder.release_all()
    assert encoder.down == frozenset()
    assert codes.startswith(KeyboardEncoder().press(PcKey.MEDIA_SELECT)[:1])
    assert encoder.release(PcKey.A) == b""


def test_print_screen_breaks_as_it_was_made():
    encoder = KeyboardEncoder()
    encoder.press(PcKey.LEFT_ALT)
    encoder.press(PcKey.PRINT_SCREEN)
    encoder.release(PcKey.LEFT_ALT)
    assert encoder.release(PcKey.PRINT_SCREEN) == b"\xd4"


def test_repeats():
    encoder = KeyboardEncoder()
    assert encoder.press(PcKey.A, repeat=True) == b""
    encoder.press(PcKey.A)
    assert encoder.press(PcKey.A, repeat=True) == b"\x1e"
    assert encoder.press(PcKey.PAUSE, repeat=True) == b""
