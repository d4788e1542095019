"""Guest properties and metrics from the command line."""

from __future__ import annotations

import re
import threading

import pytest

from app.api import Client
from app.api.events import GuestPropertyChanged
from tests.app.cli.shell import Shell, first_error
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder, wait_until

IP = "/VirtualBox/GuestInfo/Net/0/V4/IP"


@pytest.fixture
def box(client: Client, make_machine: MakeMachine) -> str:
    return make_machine(client, "box").id


def test_get_set_enumerate_unset(shell: Shell, box: str) -> None:
    assert shell.ok("guestproperty", "get", "box", IP) == "No value set!\n"
    assert shell.ok("guestproperty", "enumerate", "box") == "No properties found.\n"
    shell.ok("guestproperty", "set", "box", IP, "10.0.2.15")
    shell.ok("guestproperty", "set", box, "/b", "x" * 40, "--flags", "rdonlyguest,transient")
    shell.ok("guestproperty", "set", box, "/a", "")
    assert shell.ok("guestproperty", "get", "box", IP) == "Value: 10.0.2.15\n"
    verbose = shell.ok("guestproperty", "get", "box", "/b", "--verbose").splitlines()
    assert re.fullmatch(r"Timestamp: \d{19} ns", verbose[1])
    assert verbose[2] == "Flags: TRANSIENT,RDONLYGUEST"
    printed = "".join(
        f"$ {' '.join(words)}\n" + shell.ok("guestproperty", *words)
        for words in (
            ["enumerate", "box"],
            ["enumerate", "box", "--no-timestamp", "/V*|/a"],
            ["enumerate", "box", "--no-timestamp", "--no-flags", "/b"],
        )
    )
    shell.check_golden("guestproperty-enumerate", printed)
    old = shell.ok("guestproperty", "enumerate", "box", "--old-format", "--patterns", "/?")
    assert re.fullmatch(
        r"Name: /a, value: , timestamp: \d+, flags: \n"
        r"Name: /b, value: x{40}, timestamp: \d+, flags: TRANSIENT,RDONLYGUEST\n",
        old,
    )
    relative = shell.ok("guestproperty", "enumerate", "box", "--relative", "/V*")
    assert re.search(r"@ PT\d+\.\d{3}S$", relative.strip())
    shell.ok("guestproperty", "unset", "box", "/a")
    shell.ok("guestproperty", "set", "box", "/b")
    assert shell.ok("guestproperty", "enumerate", "box").splitlines()[0].startswith(IP)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["set", "box", "/x", "1", "--flags", "SECRET"], 1, "'SECRET' is not a flag"),
        (["set", "box", "a" * 64, "1"], 1, "at most 63 bytes, not 64"),
        (["set", "box", "/x", "1" * 1024], 1, "at most 1023 bytes, not 1024"),
        (["set", "box", "/x*", "1"], 1, "cannot be the name"),
        (["set", "box", "/ro", "2"], 1, "The property '/ro' cannot be changed by the host"),
        (["unset", "box", "/ro"], 1, "The property '/ro' cannot be changed by the host"),
        (["get", "nobody", "/x"], 1, "Could not find a registered machine named 'nobody'"),
        (["get", "box"], 2, "Missing property name"),
        (["frobnicate", "box"], 2, "Unknown subcommand 'frobnicate'"),
    ],
)
def test_refused(shell: Shell, box: str, words: list[str], code: int, sentence: str) -> None:
    shell.ok("guestproperty", "set", box, "/ro", "1", "--flags", "RDONLYGUEST,RDONLYHOST")
    before = shell.ok("guestproperty", "enumerate", "box")
    assert before.endswith("READONLY\n")
    ran = shell.run("guestproperty", *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert shell.ok("guestproperty", "enumerate", "box") == before


@pytest.mark.usefixtures("vm_processes")
def test_transient_properties_end_with_the_machine(client: Client, box: str) -> None:
    properties = client.guest_properties(box)
    client.machine(box).launch()
    properties.set("/stays", "1")
    properties.set("/goes", "1", "TRANSIENT")
    stored = client.machine(box).get_settings().hardware.guest_properties
    assert [prop.name for prop in stored] == ["/stays"]
    assert [prop.name for prop in properties.enumerate()] == ["/goes", "/stays"]
    client.console(box).power_off()
    wait_until(lambda: not client.virtualbox.find_machine(box).session_pid)
    assert [prop.name for prop in properties.enumerate()] == ["/stays"]


def test_wait(shell: Shell, client: Client, box: str) -> None:
    properties = client.guest_properties(box)
    # Set again and again: nobody can know when the command has begun to listen.
    over = threading.Event()

    def keep_setting() -> None:
        while not over.wait(0.05):
            properties.set("/other", "1")
            properties.set("/ready", "yes", "TRANSIENT")

    thread = threading.Thread(target=keep_setting)
    thread.start()
    try:
        printed = shell.ok("guestproperty", "wait", "box", "/r*", "--timeout", "20000")
    finally:
        over.set()
        thread.join()
    assert printed == "Name: /ready, value: yes, flags: TRANSIENT\n"


def test_wait_in_vain(shell: Shell, box: str) -> None:
    ran = shell.run("guestproperty", "wait", box, "/x", "--timeout", "50")
    assert (ran.code, ran.out) == (0, "")
    assert first_error(ran) == "Time out or interruption while waiting for a notification."
    assert shell.run("guestproperty", "wait", box, "/x", "--timeout=50", "--fail-on-timeout").code == 2


def test_changes_are_told(client: Client, box: str) -> None:
    recorder = Recorder(client)
    client.guest_properties(box).set("/x", "1", "RDONLYGUEST")
    client.guest_properties(box).delete("/x")
    client.guest_properties(box).delete("/x")
    recorder.wait_for(
        GuestPropertyChanged(id=box, name="/x", value="1", flags="RDONLYGUEST"),
        GuestPropertyChanged(id=box, name="/x", was_deleted=True),
    )


# -- metrics -----------------------------------------------------------------------------------


def test_nothing_is_measured_unasked(shell: Shell) -> None:
    listed = shell.ok("metrics", "list", "host", "CPU/Load/*,CPU/MHz")
    shell.check_golden("metrics-list", listed)
    for line in shell.ok("metrics", "query", "host").splitlines()[2:]:
        assert len(line.split()) == 2, line


def test_metrics_are_measured(shell: Shell) -> None:
    changed = shell.ok("metrics", "setup", "--samples", "2", "--list", "host", "RAM/Usage/Free,CPU/MHz")
    assert changed == (
        "The following metrics were modified:\n\nObject     Metric\n"
        "---------- --------------------\nhost       CPU/MHz             \n"
        "host       RAM/Usage           \n\n"
    )
    pattern = r"host {12}RAM/Usage/Total {26}(\d+) kB(, \1 kB)?"
    wait_until(lambda: re.search(pattern, shell.ok("metrics", "query", "host", "RAM/Usage/Total")))
    queried = shell.ok("metrics", "query", "*", "RAM/Usage/Total:max")
    assert re.search(r"^host +RAM/Usage/Total:max +\d+ kB$", queried, re.MULTILINE)
    shell.ok("metrics", "disable", "host")
    shell.ok("metrics", "enable", "host", "RAM/*")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["query", "nobody"], 1, "Invalid machine name: "),
        (["setup", "--period", "0", "host"], 2, "Invalid value for 'period'"),
        (["setup", "--samples", "none", "host"], 2, "Invalid value for 'samples'"),
        (["collect", "--detach", "host", "Beer/Usage"], 1, "No metrics match the specified filter!"),
        (["query", "host", "*", "more"], 2, "Invalid parameter 'more'"),
    ],
)
def test_metrics_refuse(shell: Shell, words: list[str], code: int, sentence: str) -> None:
    ran = shell.run("metrics", *words)
    assert ran.code == code
    assert sentence in first_error(ran)


def test_collect_detached_warns(shell: Shell) -> None:
    ran = shell.run("metrics", "collect", "--detach", "host", "CPU/Load")
    assert ran.code == 0
    assert "VBoxManage: warning: in few seconds, discarding all collected data" in ran.err
