"""The audio connector: WAV files, rates, volume, failures."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from engine.audio.connector import AudioConnector
from engine.audio.errors import AudioDriverError
from engine.audio.pcm import Resampler, to_bytes
from engine.audio.wavfile import WavReader, WavWriter


def sine(frequency, rate, count, loudness=10_000):
    wave_ = np.sin(2 * np.pi * frequency * np.arange(count) / rate) * loudness
    return np.stack([wave_, wave_], axis=1)


def loudest_frequency(path):
    with wave.open(str(path)) as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    left = np.frombuffer(data, "<i2")[::2].astype(float)
    return np.argmax(np.abs(np.fft.rfft(left * np.hanning(len(left))))) * rate / len(left)


def test_sound_of_another_rate_keeps_its_frequency_and_length(tmp_path):
    path = tmp_path / "sound.wav"
    connector = AudioConnector([WavWriter(str(path))])
    data = to_bytes(sine(440, 22_050, 22_050))
    for start in range(0, len(data), 1000):
        connector.play(data[start : start + 1000], 22_050, (1.0, 0.5))
    connector.close()
    assert loudest_frequency(path) == pytest.approx(440, abs=1)
    with wave.open(str(path)) as file:
        assert abs(file.getnframes() - 48_000) <= 3
        samples = np.frombuffer(file.readframes(48_000), "<i2")
    assert samples[::2].max() == pytest.approx(10_000, rel=0.01)
    assert samples[1::2].max() == pytest.approx(5_000, rel=0.01)


def test_blocks_make_no_seam():
    frames = sine(100, 11_025, 1000)
    whole = Resampler(11_025, 48_000).convert(frames)
    cut = Resampler(11_025, 48_000)
    pieces = [cut.convert(frames[n : n + 37]) for n in range(0, 1000, 37)]
    assert np.allclose(np.concatenate(pieces), whole)


def test_switched_off_sound_is_silence_of_the_same_length(tmp_path):
    path = tmp_path / "sound.wav"
    connector = AudioConnector([WavWriter(str(path))], output_enabled=False)
    connector.play(to_bytes(sine(440, 48_000, 480)), 48_000, (1.0, 1.0))
    with wave.open(str(path)) as file:  # the file can be read while it grows
        assert file.readframes(1000) == bytes(480 * 4)
    connector.close()
    connector.play(bytes(400), 48_000, (1.0, 1.0))
    assert connector.frames_played == 580


def test_two_sources_are_mixed_and_none_has_a_gap(tmp_path):
    path = tmp_path / "sound.wav"
    connector = AudioConnector([WavWriter(str(path))])
    unity = (1.0, 1.0)

    def play(count):
        connector.play(to_bytes(np.full((count, 2), 100.0)), 48_000, unity)

    def accompany(count, *, last=False):
        connector.accompany(to_bytes(np.full((count, 2), 3.0)), 48_000, unity, last=last)

    play(10)
    accompany(0)
    play(499)  # one less than the other, which waits for it
    accompany(500)
    play(502)
    accompany(500)
    accompany(1000)  # the first one plays no more
    play(30)
    accompany(20, last=True)
    play(5)
    connector.close()
    with wave.open(str(path)) as file:
        left = np.frombuffer(file.readframes(10_000), "<i2")[::2]
    assert left.tolist() == [100] * 10 + [103] * 1001 + [3] * 999 + [103] * 20 + [100] * 15
    assert connector.frames_played == 10 + 499 + 502 + 30 + 5 + 2020


def test_a_file_is_a_microphone(tmp_path):
    path = tmp_path / "voice.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.arange(10, dtype="<i2").tobytes())
    connector = AudioConnector((), WavReader(str(path)))
    samples = np.frombuffer(connector.record(12, 48_000, (1.0, 2.0)), "<i2").reshape(-1, 2)
    assert samples[:, 0].tolist() == [*range(10), 0, 1]
    assert samples[:, 1].tolist() == [*range(0, 20, 2), 0, 2]
    assert len(connector.record(7, 8_000, (1.0, 1.0))) == 28
    connector.input_enabled = False
    assert connector.record(3, 48_000, (1.0, 1.0)) == bytes(12)


def test_files_that_cannot_be_used_are_told(tmp_path):
    with pytest.raises(AudioDriverError, match="cannot be written"):
        WavWriter(str(tmp_path / "none" / "x.wav"))
    with pytest.raises(AudioDriverError, match="is not a file"):
        WavWriter(str(tmp_path))
    (tmp_path / "text").write_text("no sound")
    with pytest.raises(AudioDriverError, match="cannot be read"):
        WavReader(str(tmp_path / "text"))
