"""The console runner as a program: exit codes, what it watches and what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from engine.firmware import find_firmware
from tests.engine.em.cpubench import assemble
from tests.engine.test_screenshot import decode
from tests.engine.tinypc import IDLE, LOOP, START, bios, vga_bios

SERIAL = """
  mov dx, 0x3F8
  mov si, text
send:
  mov al, [cs:si]
  test al, al
  jz sent
  out dx, al
  inc si
  jmp send
sent:
"""
# Prints through the video BIOS and echoes keys in upper case.
BOOT_SECTOR = """
  mov si, text
  call print
again:
  xor ah, ah
  int 0x16
  cmp al, 13
  je enter
  and al, 0xDF
  mov ah, 0x0E
  int 0x10
  jmp again
enter:
  mov si, done
  call print
  cli
  hlt
print:
  mov al, [cs:si]
  inc si
  mov ah, 0x0E
  test al, al
  jz .end
  int 0x10
  jmp print
.end: ret
text: db "Tiny system> ", 0
done: db " typed", 0
times 510 - ($ - $$) db 0
dw 0xAA55
"""
# FreeDOS' way (APM 1.2, 4.6): is it there, connect, and set the power state of all devices to off.
APM_OFF = """
  mov ax, 0x5300
  xor bx, bx
  int 0x15
  jc failed
  cmp bx, 'MP'
  jne failed
  mov ax, 0x5301
  xor bx, bx
  int 0x15
  jc failed
  mov ax, 0x530E
  xor bx, bx
  mov cx, 0x102
  int 0x15
  mov ax, 0x5307
  mov bx, 1
  mov cx, 3
  int 0x15
failed:
  mov ax, 0x0E21
  int 0x10
  cli
  hlt
times 510 - ($ - $$) db 0
dw 0xAA55
"""


def run(*arguments, timeout=60):
    return subprocess.run(
        [sys.executable, "-m", "engine", "run", *arguments],
        capture_output=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def tiny(tmp_path):
    """Return a function that runs a machine whose BIOS is a few instructions."""
    (tmp_path / "vga.bin").write_bytes(vga_bios())

    def start(source, *arguments, **options):
        (tmp_path / "bios.bin").write_bytes(bios(START + source))
        return run(
            "--memory", "8", "--bios", str(tmp_path / "bios.bin"),
            "--vga-bios", str(tmp_path / "vga.bin"), *arguments, **options,
        )  # fmt: skip

    return start


def disk_with(folder, sector):
    find_firmware()
    path = folder / "boot.img"
    path.write_bytes(assemble(sector, 0x7C00, 16).ljust(1 << 20, b"\0"))
    return str(path)


@pytest.fixture
def boot_disk(tmp_path):
    return disk_with(tmp_path, BOOT_SECTOR)


# ------------------------------------------------------------------ exit codes


def test_a_text_on_the_serial_line_ends_with_0(tiny, tmp_path):
    log = tmp_path / "serial.log"
    done = tiny(SERIAL + LOOP + 'text: db "boot: ready!", 0', "--until", "ready",
                "--timeout", "20", "--serial", str(log))  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"ready" in log.read_bytes()


def test_serial_to_standard_output(tiny):
    done = tiny(SERIAL + LOOP + 'text: db "on stdout", 0', "--until", "on stdout",
                "--timeout", "20", "--serial", "-")  # fmt: skip
    assert done.returncode == 0
    assert b"on stdout" in done.stdout


def test_a_time_out_ends_with_3_and_says_what_was_missing(tiny):
    done = tiny(IDLE, "--until", "never", "--timeout", "0.5")
    assert done.returncode == 3
    assert done.stderr == b"Time-out: 'never' has not appeared.\n"
    assert tiny(IDLE, "--timeout", "0.3").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--cdrom", "/dev/null/disc.iso"], 1, "/dev/null/disc.iso"),
        (["--hda", "/dev/null/disk.vdi"], 1, "/dev/null/disk.vdi"),
        (["--serial", "/dev/null/serial.log"], 1, "/dev/null/serial.log"),
        (["--bios", "/dev/null/bios.bin"], 1, "/dev/null/bios.bin"),
        (["--memory", "1"], 1, "at least 4 MB"),
        (["--keys", "{NOSUCH}"], 2, "{NOSUCH}"),
        (["--memory", "much"], 2, "invalid int value"),
        (["--engine", "warp"], 2, "invalid choice"),
        (["--no-such-option"], 2, "unrecognized"),
    ],
)
def test_errors_are_one_sentence_with_the_fact_in_it(arguments, code, words, tmp_path):
    done = run(*arguments, "--timeout", "5")
    text = done.stderr.decode()
    assert done.returncode == code
    assert words in text
    assert "Traceback" not in text
    if code == 1:
        assert text.startswith("error: ")
        assert text.count("\n") == 1


def test_help_names_the_exit_codes(tmp_path):
    done = run("--help")
    assert done.returncode == 0
    assert b"3 time-out" in done.stdout


def test_the_guest_switching_off_is_success_unless_a_text_was_wanted(tiny):
    """PIIX4: PMBASE at 600h, PM I/O on; then S5 through PM1a control."""
    off = """
  mov eax, 0x80003840
  mov dx, 0xCF8
  out dx, eax
  mov eax, 0x601
  mov dx, 0xCFC
  out dx, eax
  mov eax, 0x80003880
  mov dx, 0xCF8
  out dx, eax
  mov al, 1
  mov dx, 0xCFC
  out dx, al
  mov ax, 0x2000
  mov dx, 0x604
  out dx, ax
"""
    assert tiny(off + IDLE, "--timeout", "10").returncode == 0
    done = tiny(off + IDLE, "--timeout", "10", "--until", "login:")
    assert done.returncode == 1
    assert done.stderr == b"The guest has switched off before 'login:' appeared.\n"


# ------------------------------------------------------------------ a real BIOS and a boot sector


def test_keys_screen_text_screenshot_and_counters(boot_disk, tmp_path):
    picture, screen, stats = (str(tmp_path / name) for name in ("a.png", "a.txt", "a.json"))
    done = run("--memory", "16", "--hda", boot_disk, "--keys", "hello{ENTER}",
               "--until", "HELLO typed", "--timeout", "40", "--screenshot", picture,
               "--screen-text", screen, "--stats", stats)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    with open(screen, encoding="utf-8") as file:
        assert "Tiny system> HELLO typed" in file.read()
    with open(picture, "rb") as file:
        width, height, pixels = decode(file.read())
    assert (width, height) == (720, 400) or (width, height) == (640, 400)
    assert pixels.any()
    with open(stats, encoding="utf-8") as file:
        figures = json.load(file)
    assert set(figures) == {"wall_seconds", "host_cpu_seconds", "max_rss_kib", "runs", "counters"}
    assert figures["runs"] > 0
    assert figures["counters"]["/EM/Interrupts"] > 0
    assert 0 < figures["wall_seconds"] < 40


def test_the_debug_console_has_the_firmware_s_messages(boot_disk, tmp_path):
    log = tmp_path / "debug.log"
    done = run("--memory", "16", "--hda", boot_disk, "--until", "Tiny system>", "--timeout", "30",
               "--debugcon", str(log))  # fmt: skip
    assert done.returncode == 0
    assert "SeaBIOS" in log.read_text(errors="replace")


@pytest.mark.parametrize("engine", ["unicorn", "kvm"])
def test_a_dos_guest_switches_off_by_apm(tmp_path, engine):
    if engine == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
        pytest.skip("/dev/kvm cannot be used here")
    disk = disk_with(tmp_path, APM_OFF)
    done = run("--memory", "16", "--hda", disk, "--engine", engine, "--timeout", "40")
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_image_is_free_again_after_a_run(boot_disk, tmp_path):
    for _ in range(2):
        done = run("--memory", "16", "--hda", boot_disk, "--until", "Tiny system>", "--timeout",
                   "30")  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
