"""No letter of the Alt key means two things in a menu of the window, in English and in German."""

import re
from collections import Counter

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QMenu

from app.common.language import TRANSLATIONS
from tools.qm import compile_messages, read_ts


@pytest.fixture(params=["", "de"])
def language(request, qapp, tmp_path):
    translator = QTranslator()
    if request.param:
        compiled = tmp_path / "language.qm"
        compiled.write_bytes(compile_messages(*read_ts(TRANSLATIONS / "vitrine_de.ts")))
        assert translator.load(str(compiled))
        qapp.installTranslator(translator)
    yield request.param
    qapp.removeTranslator(translator)


def letters(actions):
    texts = (action.text().partition("\t")[0].replace("&&", "") for action in actions)
    return Counter(m[1].lower() for text in texts if (m := re.search("&(.)", text)))


def test_every_letter_means_one_thing(language, window):
    for menu in window.findChildren(QMenu):
        menu.aboutToShow.emit()
    menus = [window.menuBar(), *window.findChildren(QMenu)]
    assert bool(language) == ("Geräte" in [a.text().replace("&", "") for a in menus[0].actions()])
    doubled = {
        menu.title() if isinstance(menu, QMenu) else "menu bar": [
            letter for letter, count in letters(menu.actions()).items() if count > 1
        ]
        for menu in menus
    }
    assert not {title: found for title, found in doubled.items() if found}
