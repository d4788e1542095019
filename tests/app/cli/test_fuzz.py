"""Any words on the command line, any response file: an exit code and a sentence, never a traceback."""

from __future__ import annotations

import io
import itertools
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli.commands import MODULES, find_command
from app.cli.commands import listing as lists
from app.cli.program import main

NOT_FUZZED = {
    "guestproperty": "wait blocks until something happens",
    "metrics": "collect goes on until it is interrupted",
}
_SETTINGS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

values = st.one_of(
    st.sampled_from([
        "guest", "other", "none", "on", "off", "default", "0", "1", "-1", "8", "9999999999", "0x3f8",
        "add", "remove", "list", "create", "delete", "take", "disk", "dvd", "IDE", "Floppy",
        "emptydrive", "medium.vdi", "/", "/nowhere/at all", "a,b,c", "a=b", "name,tcp,,1,,2",
        "08002700000A", "00000000-0000-0000-0000-000000000000", "", "-", "--", "@nothing", "\u00e4\u20ac",
    ]),
    st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip


@st.composite
def words_for(draw, name):
    """Words as somebody types them who knows the options but nothing of their values."""
    declared = find_command(name)
    spellings = [spelling for option in declared.options for spelling in option.names] or ["--help"]
    option = st.sampled_from(spellings)
    numbered = st.builds("{}{}".format, option, st.integers(0, 40))
    given_option = st.one_of(option, numbered)
    attached = st.builds("{}={}".format, given_option, values)
    word = st.one_of(values, given_option, attached)
    first = draw(st.sampled_from(["guest", "guest", "other", ""]))
    return [first, *draw(st.lists(word, max_size=6))]


@pytest.fixture
def machine(service, client, vm_processes, tmp_path, monkeypatch):
    """A machine named guest to do anything to, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    client.virtualbox.set_system_properties(default_machine_folder=str(tmp_path / "vms"))
    numbers = itertools.count()

    def make():
        if "guest" not in {found.name for found in client.virtualbox.list_machines()}:
            # Not where the one before was, whose files may be there still.
            client.virtualbox.create_machine("guest", "Other", str(tmp_path / str(next(numbers))))

    return make


def _check(words, capsys):
    code = main(words)
    printed = capsys.readouterr()
    assert code in (0, 1, 2), words
    assert "Traceback" not in printed.err + printed.out, words
    assert "program error" not in printed.err, (words, printed.err)
    if code:
        # Commands that answer a question with their exit code say nothing else.
        assert "VBoxManage: error: " in printed.err or printed.out, words
    return code


@pytest.mark.parametrize("name", sorted(MODULES.keys() - NOT_FUZZED.keys()))
def test_any_words_end_with_an_exit_code(name, machine, service, client, capsys):
    @_SETTINGS
    @given(words=words_for(name))
    def check(words):
        machine()
        _check([name, *words], capsys)

    check()
    assert client.virtualbox.get_version().pid == os.getpid()


@pytest.mark.parametrize("keyword", sorted(lists.MODULES))
@pytest.mark.parametrize("flags", [(), ("--long",), ("--sorted",), ("-l", "-s")], ids=" ".join)
def test_every_list_can_be_printed(keyword, flags, machine, capsys):
    machine()
    assert _check(["list", *flags, keyword], capsys) == 0


@_SETTINGS
@given(words=st.lists(st.one_of(values, st.sampled_from(["-q", "--nologo", "-V", "--settingspw", "-h"])),
                      max_size=6))  # fmt: skip
def test_any_global_words_end_with_an_exit_code(words, machine, capsys):
    if words and words[0] in NOT_FUZZED:
        return
    _check(list(words), capsys)


@settings(_SETTINGS, max_examples=60)
@given(content=st.one_of(
    st.binary(max_size=200),
    st.text(st.sampled_from("list vms\n'\"\\#@-= \0\u20ac"), max_size=60).map(lambda text: text.encode()),
))  # fmt: skip
def test_any_response_file_ends_with_an_exit_code(content, machine, tmp_path, capsys):
    path = tmp_path / "words"
    path.write_bytes(content)
    for words in ([f"@{path}"], ["list", f"@{path}"], ["-q", f"@{path}", "vms"]):
        _check(words, capsys)


def test_response_files_may_hold_all_words(machine, tmp_path, capsys):
    machine()
    path = tmp_path / "words"
    path.write_text("# a comment\nlist\n'vms'\n")
    assert main([f"@{path}"]) == 0
    assert capsys.readouterr().out.startswith('"guest" {')
    assert main([f"@{tmp_path}"]) == 2
    assert "cannot be used" in capsys.readouterr().err
