"""Every command and every list keyword explains itself."""

from __future__ import annotations

import re

import pytest

from app.cli.commands import ALIASES, MODULES, find_command
from app.cli.commands import listing as lists
from app.cli.help import PROGRAM, usage_of
from app.cli.program import main

# Words of usages that are not values: alternatives and numbers of options.
_OPTION_IN_USAGE = re.compile(r"(?<![\w<-])--?[a-z][\w-]*")


@pytest.fixture(params=sorted(MODULES))
def declared(request):
    found = find_command(request.param)
    assert found is not None
    return found


def test_summary_is_one_sentence(declared):
    assert declared.summary[0].isupper(), declared.summary
    assert declared.summary.endswith("."), declared.summary
    assert "\n" not in declared.summary


def test_usage_starts_with_the_command(declared):
    for line in declared.usage:
        assert line.split()[0] == declared.name, line
        assert line.count("[") == line.count("]"), line
        assert line.count("<") == line.count(">"), line


def test_usage_names_only_options_that_are_declared(declared):
    if declared.raw:
        pytest.skip("takes its words apart itself")
    known = {name for option in declared.options for name in option.names}
    for line in declared.usage:
        for option in _OPTION_IN_USAGE.findall(line):
            assert option in known or option.rstrip("0123456789N") in known, (option, line)


def test_options_are_documented_and_named_as_options(declared):
    for option in declared.options:
        assert all(name.startswith("-") for name in option.names), option.names
        assert option.hidden or option.help, f"{declared.name} {option.names[0]} has no help"
        if option.help:
            assert option.help[0].isupper() or not option.help[0].isalpha(), option.help
            assert option.help.endswith("."), option.help


def test_names_of_options_are_unique(declared):
    names = [name for option in declared.options for name in option.names]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


@pytest.mark.parametrize("form", ["help", "--help"])
def test_help_is_printed(declared, form, capsys):
    words = ["help", declared.name] if form == "help" else [declared.name, "--help"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert declared.summary in printed.out
    assert usage_of(declared).strip() in printed.out
    assert max(map(len, printed.out.splitlines())) <= 110


def test_general_usage_lists_every_command(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Vitrine Command Line Management Interface Version ")
    for name in MODULES:
        assert re.search(rf"^  {name} +[A-Z]", printed, re.MULTILINE), name
    assert f"  {PROGRAM} " in printed


def test_old_names_lead_to_commands():
    for old, new in ALIASES.items():
        assert old not in MODULES
        assert find_command(old) is find_command(new)


@pytest.mark.parametrize("keyword", sorted(lists.MODULES))
def test_list_keywords_are_in_the_usage(keyword):
    assert re.search(rf"\b{keyword}\b", usage_of(find_command("list")))


def test_a_wrong_command_is_named(capsys):
    assert main(["frobnicate"]) == 2
    assert "Invalid command 'frobnicate'" in capsys.readouterr().err
    assert main(["help", "frobnicate"]) == 2
    assert "Invalid command 'frobnicate'" in capsys.readouterr().err
