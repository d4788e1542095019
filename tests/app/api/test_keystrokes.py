"""Text as the scan codes of a US keyboard."""

import string

import pytest

from app.api.keystrokes import UntypableError, scancodes_of
from engine.keys import parse_keys


def test_letters_digits_and_signs():
    assert scancodes_of("a") == [0x1E, 0x9E]
    assert scancodes_of("A!") == [0x2A, 0x1E, 0x9E, 0xAA, 0x2A, 0x02, 0x82, 0xAA]
    assert scancodes_of("\t ~\\") == [0x0F, 0x8F, 0x39, 0xB9, 0x2A, 0x29, 0xA9, 0xAA, 0x2B, 0xAB]


def test_every_printable_character_has_the_code_that_the_engine_knows():
    for character in set(string.printable) - set("{}\r\v\f"):
        (group,) = parse_keys(character)
        assert bytes(scancodes_of(character)) == b"".join(group), character


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_end_of_line_is_one_enter(end):
    assert scancodes_of(f"{end}{end}") == [0x1C, 0x9C] * 2


def test_a_character_without_key_is_named():
    with pytest.raises(UntypableError, match="'€'"):
        scancodes_of("10 €")
