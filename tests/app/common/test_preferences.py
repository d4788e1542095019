from hypothesis import given
from hypothesis import strategies as st

from app.common.hostkeys import MOST_KEYS, ModifierKey
from app.common.preferences import (
    ColorTheme,
    GuestLimit,
    GuestScreenLimit,
    InterfacePreferences,
)
from app.common.shortcuts import format_shortcuts, parse_shortcuts
from app.settings.enums import ProxyMode
from app.settings.installation import HOST_KEY

NAMES = st.text("abcXYZ", min_size=1, max_size=8)
KEYS = st.sampled_from(["", "P", "Ctrl+N", "Ctrl+Shift+T", "F5", "Del", "Ctrl+,", ",", "=", "Ctrl+="])


@given(st.dictionaries(NAMES, KEYS))
def test_shortcuts_survive_their_text(shortcuts):
    assert parse_shortcuts(format_shortcuts(shortcuts)) == shortcuts


def test_shortcuts_as_virtualbox_writes_them():
    assert parse_shortcuts("FullscreenMode=F,Close=None,TakeScreenshot=E") == {
        "FullscreenMode": "F",
        "Close": "",
        "TakeScreenshot": "E",
    }
    assert parse_shortcuts("") == {}
    assert parse_shortcuts("nonsense,,=x,Pause=P") == {"Pause": "P"}


PREFERENCES = st.builds(
    InterfacePreferences,
    language=st.sampled_from(["", "C", "de", "pt_BR"]),
    theme=st.sampled_from(ColorTheme),
    scale_percent=st.integers(100, 300),
    font_percent=st.integers(100, 200),
    guest_scale_percent=st.integers(100, 300),
    guest_limit=st.sampled_from(
        [
            GuestScreenLimit(),
            GuestScreenLimit(GuestLimit.NONE),
            GuestScreenLimit(GuestLimit.SIZE, (1920, 1080)),
        ]
    ),
    raise_hovered=st.booleans(),
    no_screen_saver=st.booleans(),
    auto_capture=st.booleans(),
    host_keys=st.frozensets(st.sampled_from(ModifierKey), max_size=MOST_KEYS),
    manager_shortcuts=st.dictionaries(NAMES, KEYS),
    machine_shortcuts=st.dictionaries(NAMES, KEYS),
)


@given(PREFERENCES)
def test_preferences_survive_the_extra_data(preferences):
    assert InterfacePreferences.from_extra_data(preferences.to_extra_data()) == preferences


def test_defaults_leave_no_extra_data():
    assert set(InterfacePreferences().to_extra_data().values()) == {""}


@given(st.dictionaries(st.sampled_from(sorted(InterfacePreferences().to_extra_data())), st.text()))
def test_any_extra_data_are_understood_somehow(data):
    found = InterfacePreferences.from_extra_data(data)
    assert 100 <= found.scale_percent <= 300
    assert 100 <= found.font_percent <= 200
    assert len(found.host_keys) <= MOST_KEYS


def test_values_as_virtualbox_writes_them():
    found = InterfacePreferences.from_extra_data(
        {
            "GUI/ColorTheme": "Dark",
            "GUI/FontScaleFactor": "150",
            "GUI/ScaleFactor": "1.25,1",
            "GUI/MaxGuestResolution": "1280,1024",
            "GUI/Input/AutoCapture": "false",
            "GUI/LanguageID": "de",
        }
    )
    assert found.theme is ColorTheme.DARK
    assert found.font_percent == 150
    assert found.guest_scale_percent == 125
    assert found.guest_limit == GuestScreenLimit(GuestLimit.SIZE, (1280, 1024))
    assert not found.auto_capture
    assert found.language == "de"


def test_the_host_key_stands_where_the_settings_declare_it():
    assert HOST_KEY.key in InterfacePreferences().to_extra_data()
    assert [mode.value for mode in ProxyMode] == [0, 1, 2]
