"""The sound card: from the settings to the engine's, also while the machine runs.

A WAV file takes what the guest plays when the extra data ``VBoxInternal2/Audio/Debug/Enabled`` is
1: ``<machine>-out.wav`` in the folder ``VBoxInternal2/Audio/Debug/PathOut``, or in that of the
logs. The audio properties ``OutputFile`` and ``InputFile`` name files of their own; that of
``MidiFile`` takes what the guest sends to the MIDI port of a Sound Blaster 16.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.settings import available
from app.settings.enums import AudioCodec, AudioController, AudioDriver
from engine.audio.connector import AudioConnector
from engine.pcboard import SOUND_CARDS, SoundCard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.api.structs import VmStartInfo
    from app.settings.model import AudioSettings, MachineSettings
    from engine.vm import VM

_MODELS: Final[dict[str, str]] = {
    AudioController.AC97: "ac97",
    AudioController.HDA: "hda",
    AudioController.SB16: "sb16",
}
"""Engine's sound card by controller in the settings."""
OUTPUT_FILE: Final = "OutputFile"
"""Property of the settings: WAV file that the sound is written to."""
INPUT_FILE: Final = "InputFile"
"""Property of the settings: WAV file that is recorded from, again and again."""
MIDI_FILE: Final = "MidiFile"
"""Property of the settings: file that gets the bytes of the MIDI port."""
_DEBUG: Final = "VBoxInternal2/Audio/Debug/Enabled"
_DEBUG_FOLDER: Final = "VBoxInternal2/Audio/Debug/PathOut"
_ON: Final = frozenset({"1", "true", "yes"})


def sound_cards(settings: MachineSettings, info: VmStartInfo) -> list[SoundCard]:
    """Return the sound card that the board gets, if any."""
    audio = settings.hardware.audio
    if not audio.enabled or audio.controller not in available.AUDIO_CONTROLLERS:
        return []
    host = "Default" if audio.use_default_driver else audio.driver
    folder = Path(info.machine_folder)
    files = {
        key: str(folder / name) if (name := audio.properties.get(key, "")) else ""
        for key in (OUTPUT_FILE, INPUT_FILE, MIDI_FILE)
    }
    midi_file = files.pop(MIDI_FILE)
    if not files[OUTPUT_FILE] and settings.extra_data.get(_DEBUG, "").lower() in _ON:
        place = settings.extra_data.get(_DEBUG_FOLDER, "") or info.log_folder
        files[OUTPUT_FILE] = str(folder / place / f"{settings.name}-out.wav")
    return [
        SoundCard(
            _MODELS[audio.controller],
            {
                "HostDriver": "" if host == AudioDriver.NULL else host,
                "OutputEnabled": audio.enabled_out,
                "InputEnabled": audio.enabled_in,
                **files,
            },
            midi_file=midi_file if audio.controller == AudioController.SB16 else "",
        )
    ]


def audio_omissions(audio: AudioSettings) -> Iterator[str]:
    """Yield a sentence when the guest will not find the sound card, or another codec."""
    if not audio.enabled:
        return
    if audio.codec == AudioCodec.AD1980:
        yield "The guest finds the audio codec STAC9700 in the place of the AD1980."
    if audio.controller not in available.AUDIO_CONTROLLERS:
        yield (
            f"The audio adapter is left out: this version of Vitrine has no {audio.controller}. "
            "Choose ICH AC97 in the settings under Audio."
        )


def audio_connector(vm: VM) -> AudioConnector | None:
    """Return what the machine's sound card is connected to; None: it has none."""
    for card in (f"{model}/0" for model in SOUND_CARDS):
        if card in vm.devices.devices:
            connector = vm.attached(card, 0)
            return connector if isinstance(connector, AudioConnector) else None
    return None


def change_audio(vm: VM, after: AudioSettings) -> None:
    """Follow whether the guest is heard and may record.

    Args:
        vm: the running machine.
        after: settings as they shall be.
    """
    connector = audio_connector(vm)
    if connector is not None:
        connector.output_enabled = after.enabled_out
        connector.input_enabled = after.enabled_in


def tell_audio_trouble(vm: VM, audio: AudioSettings, report: Callable[[str, str], None]) -> None:
    """Report a host without sound to people who have chosen its driver.

    Machines whose driver is the default one are silent there; their log says so.

    Args:
        vm: the machine.
        audio: its settings.
        report: ``(error ID, sentence)``.
    """
    connector = audio_connector(vm)
    if connector is None or not connector.trouble or audio.use_default_driver:
        return
    if audio.driver != AudioDriver.DEFAULT:
        report("HostAudioNotResponding", f"The guest is not heard. {connector.trouble}")


def audio_activity(vm: VM) -> tuple[int, int]:
    """Return the frames that the guest has recorded and played. Any thread may ask."""
    connector = audio_connector(vm)
    return (connector.frames_recorded, connector.frames_played) if connector else (0, 0)
