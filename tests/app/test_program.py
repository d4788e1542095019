"""The options of `vitrine`."""

import pytest

from app.__main__ import main


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    assert "--startvm" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("arguments", [["--bogus"], ["stray"], ["--startvm"]])
def test_wrong_options_give_a_sentence_and_2(capsys, arguments):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert "vitrine" in error
    assert arguments[0] in error


def test_startvm_hands_its_arguments_to_the_vm_window(monkeypatch):
    import sys
    import types

    seen = []
    stand_in = types.ModuleType("app.vmwindow.main")
    stand_in.main = lambda arguments: seen.append(arguments) or 7
    monkeypatch.setitem(sys.modules, "app.vmwindow.main", stand_in)
    assert main(["--startvm", "Debian 12", "--extra"]) == 7
    assert seen == [["--startvm", "Debian 12", "--extra"]]
