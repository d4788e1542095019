from __future__ import annotations

import pytest

from engine.keys import KeySyntaxError, break_, make, parse_keys


def flat(text):
    return b"".join(code for group in parse_keys(text) for code in group).hex()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ""), ("a", "1e9e"), ("A", "2a1e9eaa"), ("1!", "02822a0282aa"),
        ("{ENTER}", "1c9c"), ("{enter}", "1c9c"), ("\n", "1c9c"), ("{F1}{F12}", "3bbb58d8"),
        ("{UP}", "e048e0c8"), ("{CTRL+ALT+DEL}", "1d38e053e0d3b89d"), ("{CTRL+C}", "1d2eae9d"),
        ("{LBRACE}{RBRACE}", "2a1a9aaa2a1b9baa"), ("{", "2a1a9aaa"), ("\\", "2bab"),
        ("{ALTGR}", "e038e0b8"), (" \t", "39b90f8f"), ("{ }", "2a1a9aaa39b92a1b9baa"),
    ],
)  # fmt: skip
def test_scan_codes(text, codes):
    assert flat(text) == codes


def test_every_printable_character_of_the_us_keyboard_has_a_key():
    for code in range(0x20, 0x7F):
        assert flat(chr(code))


def test_the_typist_pauses_after_enter():
    assert [len(group) for group in parse_keys("ab{ENTER}c{ENTER}")] == [6, 4]
    assert parse_keys("{ENTER}{ENTER}") == [[b"\x1c", b"\x9c"], [b"\x1c", b"\x9c"]]


@pytest.mark.parametrize("text", ["é", "{NOSUCH}", "{CTRL+NOSUCH}", "{CTRL+}", "{+}"])
def test_what_cannot_be_typed_is_named(text):
    with pytest.raises(KeySyntaxError, match="There is no key"):
        parse_keys(text)


def test_make_and_break():
    assert (make(0x1E), break_(0x1E)) == (b"\x1e", b"\x9e")
    assert (make(0xE048), break_(0xE048)) == (b"\xe0\x48", b"\xe0\xc8")
