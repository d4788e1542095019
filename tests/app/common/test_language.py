"""Languages: chosen, compiled like Qt does it, complete, and in step with the source."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from app.common.language import (
    ENGLISH,
    TRANSLATIONS,
    LanguageSwitch,
    available_languages,
    language_in_use,
    language_name,
)
from tools import translations
from tools.qm import compile_file, read_ts

FILES = sorted(TRANSLATIONS.glob("*.ts"))
_FIELD = re.compile(r"\{[^}]*\}")


@pytest.fixture(scope="module", autouse=True)
def compiled():
    for path in FILES:
        compile_file(path)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """The language files as they would be after `make translations`."""
    folder = tmp_path_factory.mktemp("translations")
    for path in FILES:
        shutil.copy(path, folder)
    translations.update(folder)
    return folder


def test_english_and_one_more_language():
    assert available_languages() == (ENGLISH, "de")
    assert language_name("de") == "Deutsch"
    assert language_name(ENGLISH) == "English"


@pytest.mark.parametrize(
    ("wanted", "used"),
    [("de", "de"), ("de_AT", "de"), ("C", ENGLISH), ("en_GB", ENGLISH), ("tlh", ENGLISH)],
)
def test_language_in_use(wanted, used):
    assert language_in_use(wanted) == used


def test_texts_are_translated_and_back(qapp):
    switch = LanguageSwitch(qapp)
    assert switch.use("de")
    assert QCoreApplication.translate("ManagerAction", "&Quit") == "B&eenden"
    assert QCoreApplication.translate("", "Cancel") == "Abbrechen"
    assert not switch.use("de_DE")
    assert switch.use(ENGLISH)
    assert QCoreApplication.translate("", "Cancel") == "Cancel"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_in_step_with_the_source(path, refreshed):
    """`make translations` brings them into step."""
    of_file = {(m.context, m.source, m.comment) for m in read_ts(path)[1]}
    of_source = {(m.context, m.source, m.comment) for m in read_ts(refreshed / path.name)[1]}
    assert of_file - of_source == set(), "no longer in the source"
    assert of_source - of_file == set(), "new in the source"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_left_to_translate(path):
    language, messages = read_ts(path)
    assert language == path.stem.removeprefix("vitrine_")
    assert [(m.context, m.source) for m in messages if not m.finished] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_translations_keep_what_is_filled_in_and_what_surrounds_them(path):
    for message in read_ts(path)[1]:
        for form in message.forms:
            assert set(_FIELD.findall(form)) == set(_FIELD.findall(message.source)), message
            assert form.startswith(" ") == message.source.startswith(" "), message
            assert form.endswith("…") == message.source.endswith("…"), message
            assert form.count("&") <= max(1, message.source.count("&")), message


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_compiled_as_qt_compiles_it(path, tmp_path, qapp):
    theirs_file = tmp_path / "theirs.qm"
    lrelease = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([lrelease, "-silent", "-nounfinished", path, "-qm", theirs_file], check=True)
    ours, theirs = QTranslator(), QTranslator()
    assert ours.load(str(compile_file(path)))
    assert theirs.load(str(theirs_file))
    for message in read_ts(path)[1]:
        key = (message.context, message.source, message.comment)
        assert ours.translate(*key) == theirs.translate(*key), key
        if len(message.forms) > 1:
            for number in (0, 1, 2):
                assert ours.translate(*key, number) == theirs.translate(*key, number)


def test_texts_are_literals_that_translators_get_to_see():
    """lupdate takes only literal texts, and only a literal context tells it where they belong."""
    hidden = []
    for path in translations.source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            literal = [isinstance(each, ast.Constant) for each in node.args]
            if name == "translate" and len(node.args) > 1 and literal[1] and not literal[0]:
                hidden.append(f"{path.name}:{node.lineno}")
            if name in ("tr", "translate") and isinstance(node.args[-1], ast.JoinedStr):
                hidden.append(f"{path.name}:{node.lineno}")
    assert hidden == []
