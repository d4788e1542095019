"""The sound card from the settings: what is built, what is told, what follows a running machine."""

from types import SimpleNamespace

import pytest

from app.console import audio
from app.settings.model import AudioSettings, MachineSettings
from engine.audio.connector import AudioConnector

INFO = SimpleNamespace(machine_folder="/machines/Box", log_folder="/machines/Box/Logs")


def machine(extra_data=None, **changes):
    settings = MachineSettings(uuid="0c0ffee0-0000-4000-8000-000000000001", name="Box")
    settings.hardware.audio = AudioSettings(**{"enabled": True, **changes})
    settings.extra_data = extra_data or {}
    return settings


def card(*args, **changes):
    (found,) = audio.sound_cards(machine(*args, **changes), INFO)
    return found


def vm_with(connector):
    return SimpleNamespace(
        devices=SimpleNamespace(devices={"ac97/0": None}), attached=lambda *_place: connector
    )


def test_driver_and_switches_of_the_settings():
    assert card(driver="Null", enabled_out=True).settings == {
        "HostDriver": "", "OutputEnabled": True, "InputEnabled": False,
        "OutputFile": "", "InputFile": "",
    }  # fmt: skip
    assert card(driver="Pulse").settings["HostDriver"] == "Pulse"
    assert card(driver="Null", use_default_driver=True).settings["HostDriver"] == "Default"
    assert audio.sound_cards(machine(enabled=False), INFO) == []


def test_a_controller_that_is_not_there_is_told():
    settings = machine(controller="VirtioSound")
    assert audio.sound_cards(settings, INFO) == []
    (sentence,) = audio.audio_omissions(settings.hardware.audio)
    assert "no VirtioSound" in sentence
    (sentence,) = audio.audio_omissions(machine(codec="AD1980").hardware.audio)
    assert "STAC9700 in the place of the AD1980" in sentence
    assert not list(audio.audio_omissions(machine().hardware.audio))


def test_files_of_properties_and_extra_data():
    debug = {"VBoxInternal2/Audio/Debug/Enabled": "1"}
    assert card(debug).settings["OutputFile"] == "/machines/Box/Logs/Box-out.wav"
    placed = {**debug, "VBoxInternal2/Audio/Debug/PathOut": "/tmp"}
    assert card(placed).settings["OutputFile"] == "/tmp/Box-out.wav"
    named = card(placed, properties={"OutputFile": "a.wav", "InputFile": "/b.wav"}).settings
    assert (named["OutputFile"], named["InputFile"]) == ("/machines/Box/a.wav", "/b.wav")
    assert not card({"VBoxInternal2/Audio/Debug/Enabled": "0"}).settings["OutputFile"]


def test_switches_follow_while_the_machine_runs():
    connector = AudioConnector()
    audio.change_audio(vm_with(connector), AudioSettings(enabled_in=True, enabled_out=False))
    assert connector.input_enabled
    assert not connector.output_enabled
    connector.play(bytes(40), 48_000, (1.0, 1.0))
    assert audio.audio_activity(vm_with(connector)) == (0, 10)
    audio.change_audio(vm_with(None), AudioSettings())
    assert audio.audio_activity(vm_with(None)) == (0, 0)


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"driver": "Pulse"}, 1), ({"driver": "Default"}, 0), ({"use_default_driver": True}, 0)],
)
def test_a_silent_host_is_told_to_who_has_chosen_its_driver(settings, told):
    reports = []
    connector = AudioConnector(trouble="There is no loudspeaker.")
    audio.tell_audio_trouble(
        vm_with(connector), AudioSettings(**settings), lambda *report: reports.append(report)
    )
    assert len(reports) == told
    assert all("no loudspeaker" in sentence for _, sentence in reports)
