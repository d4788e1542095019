"""Audio: the adapter and where its sound goes."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section
from app.manager.settings_dialog.fields.vocabulary import words_of
from app.manager.words import word
from app.settings.enums import AudioController, AudioDriver


@details_section(
    "audio",
    title=str(QT_TRANSLATE_NOOP("Details", "Audio")),
    icon_name="audio",
    page="audio",
    order=50,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return driver and controller of an adapter that is switched on."""
    audio = subject.settings.hardware.audio
    if not audio.enabled:
        return [Row(tr("Adapter"), tr("Disabled"))]
    return [
        Row(tr("Host Driver"), word(words_of(AudioDriver) or {}, audio.driver)),
        Row(tr("Controller"), word(words_of(AudioController) or {}, audio.controller)),
    ]
