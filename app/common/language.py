"""Languages of the user interface: which there are, and how one is put in use.

A language is a Qt Linguist file ``resources/translations/vitrine_CODE.ts``, compiled by ``make
translations``. English is what the source texts are written in and needs no file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

TRANSLATIONS: Final = Path(__file__).resolve().parents[2] / "resources" / "translations"
ENGLISH: Final = "C"
"""VirtualBox's code for the language that is built in."""

_logger = logging.getLogger(__name__)
_PREFIX: Final = "vitrine_"


def available_languages() -> Sequence[str]:
    """Return the codes of all languages, the built-in one first."""
    files = TRANSLATIONS.glob(f"{_PREFIX}*.qm")
    return (ENGLISH, *sorted(path.stem.removeprefix(_PREFIX) for path in files))


def language_name(code: str) -> str:
    """Return what speakers of CODE call it, such as ``Deutsch``."""
    if code == ENGLISH:
        return "English"
    name = QLocale(code).nativeLanguageName()
    return name[:1].upper() + name[1:] if name else code


def language_in_use(wanted: str) -> str:
    """Return the code of the language for the preference WANTED; English where there is none.

    Args:
        wanted: a code, or empty for the language of the session.
    """
    codes = [wanted] if wanted else [name.replace("-", "_") for name in QLocale().uiLanguages()]
    known = available_languages()
    for code in codes:
        for candidate in (code, code.split("_")[0]):
            if candidate in known:
                return candidate
            if candidate == "en":
                return ENGLISH
    return ENGLISH


class LanguageSwitch:
    """The translators in use; texts that are made afterwards are in their language.

    Args:
        application: gets the translators.
    """

    def __init__(self, application: QCoreApplication) -> None:
        self._application = application
        self._translators: list[QTranslator] = []
        self.code = ENGLISH

    def use(self, wanted: str) -> bool:
        """Use the language for the preference WANTED; tell whether another one is in use now."""
        code = language_in_use(wanted)
        if code == self.code:
            return False
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators.clear()
        self.code = code
        if code != ENGLISH:
            # What Qt's own dialogs say, first; ours stand above it.
            qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._load(str(Path(qt) / f"qtbase_{code}.qm"))
            self._load(str(TRANSLATIONS / f"{_PREFIX}{code}.qm"))
        return True

    def _load(self, path: str) -> None:
        translator = QTranslator(self._application)
        if translator.load(path):
            self._application.installTranslator(translator)
            self._translators.append(translator)
        else:
            _logger.warning("The translation %s cannot be used.", path)
