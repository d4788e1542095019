"""What Vagrant and Packer do with VBoxManage: from nothing to a running machine and back.

Only processes of the command line are used; the guest is a boot sector on the real engine.
"""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import time

import pytest

from tests.app.service.fixtures import home  # noqa: F401 - fixture
from tests.app.service.support import ROOT
from tests.engine.em.cpubench import assemble

# Says READY, then shows each key that is typed, in brackets.
ECHO = """
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, 0x7c00
  mov si, ready
next:
  lodsb
  test al, al
  jz keys
  call show
  jmp next
keys:
  xor ah, ah
  int 0x16
  push ax
  mov al, '['
  call show
  pop ax
  call show
  mov al, ']'
  call show
  jmp keys
show:
  mov ah, 0x0e
  mov bx, 7
  int 0x10
  ret
ready: db 'READY ', 0
"""


class Manage:
    """Calls of ``vitrine-manage``, each a process."""

    def run(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def __call__(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def fails(self, *words, code=1):
        done = self.run(*words)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stderr

    def machine_state(self, name):
        shown = self("showvminfo", name, "--machinereadable")
        return re.search(r'^VMState="(.*)"$', shown, re.MULTILINE).group(1)

    def wait_for_screen(self, name, text):
        end = time.monotonic() + 60
        while text not in (shown := self("debugvm", name, "info", "vgatext")):
            assert time.monotonic() < end, shown
            time.sleep(0.1)


@pytest.fixture
def manage(home, monkeypatch):  # noqa: F811
    # The real VM process, not the stand-in of the service's tests.
    monkeypatch.delenv("VITRINE_SVC_VM_COMMAND")
    runner = Manage()
    yield runner
    for line in runner.run("list", "runningvms").stdout.splitlines():
        runner.run("controlvm", line.rpartition("{")[2].rstrip("}"), "poweroff")


@pytest.fixture
def boot_floppy(tmp_path):
    code = assemble(ECHO, 0x7C00, 16)
    path = tmp_path / "boot.img"
    path.write_bytes((code.ljust(510, b"\0") + b"\x55\xaa").ljust(1_474_560, b"\0"))
    return path


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_life_of_a_machine(manage, boot_floppy, tmp_path):
    folder = tmp_path / "vms"
    created = manage("createvm", "--name", "box", "--ostype", "Other", "--register",
                     "--basefolder", str(folder))  # fmt: skip
    uuid = re.search(r"^UUID: (.*)$", created, re.MULTILINE).group(1)
    manage("modifyvm", "box", "--memory", "32", "--boot1", "floppy", "--uart1", "0x3f8", "4")
    manage("storagectl", "box", "--name", "Floppy", "--add", "floppy")
    manage("storageattach", "box", "--storagectl", "Floppy", "--port", "0", "--device", "0",
           "--type", "fdd", "--medium", str(boot_floppy))  # fmt: skip
    assert "Machine 'box' is not currently running" in manage.fails("controlvm", "box", "pause")

    started = manage("startvm", "box", "--type", "headless", "--putenv", "VITRINE_TEST=1")
    assert started == (
        'Waiting for VM "box" to power on...\nVM "box" has been successfully started.\n'
    )
    assert f'"box" {{{uuid}}}' in manage("list", "runningvms")
    assert "already locked by a session" in manage.fails("startvm", "box", "--type", "headless")
    manage.wait_for_screen("box", "READY")

    manage("controlvm", "box", "keyboardputscancode", "1e", "9e")
    manage.wait_for_screen("box", "[a]")
    manage("controlvm", "box", "keyboardputstring", "Hi, 5 > 3!")
    manage.wait_for_screen("box", "[H][i][,][ ][5][ ][>][ ][3][!]")
    typed = tmp_path / "typed.txt"
    typed.write_text("x" * 300 + "Z")
    manage("controlvm", "box", "keyboardputfile", str(typed))
    manage.wait_for_screen("box", "[x][Z]")

    picture = tmp_path / "screen.png"
    manage("controlvm", "box", "screenshotpng", str(picture))
    assert struct.unpack(">II", picture.read_bytes()[16:24]) == (720, 400)

    manage("controlvm", "box", "pause")
    assert manage.machine_state("box") == "paused"
    manage("controlvm", "box", "resume")
    assert manage.machine_state("box") == "running"
    manage("controlvm", "box", "changeuartmode1", "file", str(tmp_path / "com1.txt"))
    assert (tmp_path / "com1.txt").exists()
    assert "uartmode1" in manage("showvminfo", "box", "--machinereadable")
    assert "No such file" in manage.fails("controlvm", "box", "changeuartmode1", "client", "/no/pipe")
    assert re.search(r"^rip += 0x[0-9a-f]{16}$", manage("debugvm", "box", "getregisters", "all"),
                     re.MULTILINE)  # fmt: skip

    powered_off = manage.run("controlvm", "box", "poweroff")
    assert powered_off.returncode == 0
    assert powered_off.stderr == "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n"
    assert manage.machine_state("box") == "poweroff"
    manage("unregistervm", "box", "--delete")
    assert not (folder / "box").exists()
    assert manage("list", "vms") == ""


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_a_failed_start_says_why(manage, tmp_path):
    manage("createvm", "--name", "broken", "--ostype", "Other", "--register",
           "--basefolder", str(tmp_path / "vms"))  # fmt: skip
    manage("modifyvm", "broken", "--firmware", "efi")
    said = manage.fails("startvm", "broken", "--type", "headless")
    assert "VBoxManage: error: " in said
    assert "BIOS only" in said
    assert manage.machine_state("broken") == "poweroff"
    said = manage.fails("startvm", "nobody", "broken", "--type", "headless")
    assert "Could not find a registered machine named 'nobody'" in said
    assert "BIOS only" in said
    assert "front end" in manage.fails("startvm", "broken", "--type", "hologram")
