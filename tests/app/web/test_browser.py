"""A browser logs on, starts a guest of ours, types in its console, and the guest answers."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys

import pytest

from app.api import connect
from tests.app.service.support import ROOT, wait_until
from tests.app.web.browser import SECONDS, find_browser, open_page
from tests.app.web.conftest import PASSWORD, USER
from tests.e2e.guest import GREETING, write_guest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(find_browser() is None, reason="there is no Chromium"),
]


def _manage(*arguments):
    command = [sys.executable, "-m", "app.cli", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=SECONDS)


def _free_ports():
    """A port that is free now, and some more in case that it is taken meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        first = min(free.getsockname()[1], 65000)
    return f"{first}-{first + 20}"


@pytest.fixture
def guest(home, tmp_path, monkeypatch):
    """A machine with our guest in its drive, and a remote display that lets TLS in only."""
    monkeypatch.delenv("VITRINE_SVC_VM_COMMAND")
    iso = write_guest(tmp_path / "guest.iso")
    _manage("createvm", "--name", "Guest", "--ostype", "Other", "--register", "--basefolder", str(tmp_path / "vms"))
    _manage("modifyvm", "Guest", "--memory", "32", "--vrde", "on", "--vrdeproperty", f"TCP/Ports={_free_ports()}",
            "--vrdeproperty", "Security/Method=TLS")
    _manage("storagectl", "Guest", "--name", "IDE", "--add", "ide")
    _manage("storageattach", "Guest", "--storagectl", "IDE", "--port", "0", "--device", "0", "--type", "dvddrive", "--medium", str(iso))
    with connect(client_name="test") as client:
        yield client, client.virtualbox.find_machine("Guest").id


@pytest.fixture
def address(users, guest, tmp_path):
    """Where the web service is, in a process of its own."""
    command = [sys.executable, "-m", "app.web", "--port", "0", "--users", str(users.path),
               "--logfile", str(tmp_path / "web.log")]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield re.search(r"http://\S+", process.stderr.readline())[0]
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)


def _open_console(page, client, machine):
    """Log on, start the guest, open its console; by the keyboard alone where there is a form."""
    page.size(1200, 800)
    page.wait("document.activeElement?.name == 'user'")
    page.type(f"{USER}\t{PASSWORD}\n")
    page.wait("document.querySelector('li.card button.main')")
    page.run("document.querySelector('li.card button.main').click()")
    page.wait("document.querySelector('a[href^=\"#/console\"]')")
    wait_until(lambda: GREETING in client.console(machine).screen_text(), SECONDS)
    page.run("document.querySelector('a[href^=\"#/console\"]').click()")


def _type_in_console(page, client, machine):
    # The canvas gets the focus when the handshake with the machine is over.
    page.wait("document.activeElement?.tagName == 'CANVAS'")
    page.type("hello guest 42")
    wait_until(lambda: ">hello guest 42" in client.console(machine).screen_text(), SECONDS)
    lit = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 720, 400).data].filter((v) => v > 100).length"
    page.wait(f"{lit} > 5000")


def test_a_guest_is_used_in_the_browser(guest, address, tmp_path):
    client, machine = guest
    with open_page(tmp_path / "profile", address) as page:
        _open_console(page, client, machine)
        _type_in_console(page, client, machine)
        assert page.complaints == []
    client.console(machine).power_off()


def test_the_page_asks_for_the_user_of_a_display(guest, address, tmp_path):
    client, machine = guest
    _manage("modifyvm", "Guest", "--vrde-auth-type", "external")
    _manage("setextradata", "Guest", "VBoxAuthSimple/users/ada", hashlib.sha256(b"tea").hexdigest())
    with open_page(tmp_path / "profile", address) as page:
        _open_console(page, client, machine)
        page.wait("document.activeElement?.name == 'display-user'")
        page.type("ada\tcoffee\n")
        page.wait("document.querySelector('[role=status]').textContent.includes('password is wrong')")
        page.wait("document.activeElement?.name == 'display-password'")
        page.type("tea\n")
        _type_in_console(page, client, machine)
        assert page.complaints == []
    client.console(machine).power_off()
