import pytest

from app.common.hostkeys import (
    DEFAULT_HOST_KEYS,
    ModifierKey,
    format_host_keys,
    host_keys_text,
    modifier_of_code,
    parse_host_keys,
)
from app.console.pckeys import MODIFIER_KEYS, PcKey

K = ModifierKey


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", {K.RIGHT_CTRL}),
        ("65508", {K.RIGHT_CTRL}),
        ("65507,65513", {K.LEFT_CTRL, K.LEFT_ALT}),
        ("65507,65505,65515", {K.LEFT_CTRL, K.LEFT_SHIFT, K.LEFT_META}),
        ("65027", {K.RIGHT_ALT}),  # AltGr
        ("163", {K.RIGHT_CTRL}),  # of Windows
        ("55", {K.LEFT_META}),  # of macOS
        ("0", set()),
        ("97", {K.RIGHT_CTRL}),  # the key A is no modifier: the default
        ("65508,nonsense", {K.RIGHT_CTRL}),
        ("65505,65506,65507,65508", {K.RIGHT_CTRL}),  # four are too many
    ],
)
def test_stored_combinations(text, keys):
    assert parse_host_keys(text) == keys


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
@pytest.mark.parametrize(
    "keys",
    [set(), {K.LEFT_SHIFT}, {K.RIGHT_ALT, K.LEFT_META}, {K.LEFT_CTRL, K.RIGHT_CTRL, K.LEFT_ALT}],
)
def test_what_is_written_is_read_on_every_system(platform, keys):
    assert parse_host_keys(format_host_keys(keys, platform)) == keys


def test_the_default_is_not_written():
    assert format_host_keys(DEFAULT_HOST_KEYS) == ""
    assert parse_host_keys("") == DEFAULT_HOST_KEYS


def test_names():
    assert host_keys_text({K.RIGHT_CTRL}) == "Right Ctrl"
    assert host_keys_text({K.LEFT_ALT, K.LEFT_CTRL}) == "Left Ctrl + Left Alt"
    assert host_keys_text(set(), "Keine") == "Keine"


def test_other_keys_are_no_modifiers():
    assert modifier_of_code(0x61) is None
    assert modifier_of_code(0xFFE4) is K.RIGHT_CTRL


def test_every_modifier_is_a_key_of_the_machine():
    assert {PcKey[key.name] for key in ModifierKey} == MODIFIER_KEYS
