"""PDM drivers for sound cards."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from engine.audio.connector import AudioConnector
from engine.audio.errors import AudioDriverError
from engine.audio.hostsound import HostMicrophone, HostSpeaker
from engine.audio.wavfile import WavReader, WavWriter
from engine.pdm.driver import driver

if TYPE_CHECKING:
    from engine.audio.connector import SoundSource, SoundTarget
    from engine.cfgm import Node

log = logging.getLogger("engine.audio")


@driver("AUDIO")
def open_audio(node: Node) -> AudioConnector:
    """Make the connector of a sound card.

    ``Config``: HostDriver names the host's sound system (``engine.audio.hostsound``; empty: none),
    OutputFile and InputFile are WAV files, OutputEnabled and InputEnabled tell whether the guest is
    heard and may record. A host without sound is told in the log and by ``trouble``.

    Raises:
        AudioDriverError: a file cannot be opened, or is no WAV file that can be recorded from.
    """
    config = node.child("Config")
    host, trouble = config.string("HostDriver", ""), ""
    source_file, target_file = config.string("InputFile", ""), config.string("OutputFile", "")
    # The source first: a mistake in its name shall not empty the file of the sound.
    source: SoundSource | None = WavReader(source_file) if source_file else None
    targets: list[SoundTarget] = [WavWriter(target_file)] if target_file else []
    if host:
        try:
            targets.append(HostSpeaker(host))
        except AudioDriverError as error:
            trouble = str(error)
            log.warning("The guest is not heard on the host: %s", trouble)
        else:
            source = source or HostMicrophone(host)
    return AudioConnector(
        targets,
        source,
        output_enabled=config.boolean("OutputEnabled", default=True),
        input_enabled=config.boolean("InputEnabled", default=True),
        trouble=trouble,
    )
