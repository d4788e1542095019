"""The recipe of the test suite's own Linux guest, without building it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.guest_images import SUITE_LINUX, GuestImages, GuestUnavailableError
from tests.guests.build_linux import BuildError, cpio, initial_file_system, load_order


def _module(folder, name, depends):
    (folder / f"{name}.ko").write_bytes(b"\x7fELF\0license=GPL\0depends=" + depends + b"\0name=x\0")


def test_modules_come_after_those_that_they_need(tmp_path):
    _module(tmp_path, "sd_mod", b"scsi_mod,t10-pi")
    _module(tmp_path, "t10-pi", b"crc-t10dif")
    _module(tmp_path, "crc-t10dif", b"")
    _module(tmp_path, "scsi_mod", b"")
    names = [file.stem for file in load_order(tmp_path, ["sd_mod", "scsi_mod"])]
    assert names == ["scsi_mod", "crc-t10dif", "t10-pi", "sd_mod"]


def test_a_module_that_the_kernel_does_not_have_is_named(tmp_path):
    _module(tmp_path, "sd_mod", b"scsi_mod")
    with pytest.raises(BuildError, match="no module scsi_mod"):
        load_order(tmp_path, ["sd_mod"])


@pytest.mark.skipif(not shutil.which("cpio"), reason="cpio is not installed")
def test_the_first_file_system_unpacks(tmp_path):
    busybox = tmp_path / "busybox"
    busybox.write_bytes(b"odd")
    archive = b"".join(cpio(initial_file_system(busybox, [], [])))
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["cpio", "-id", "--quiet"], input=archive, cwd=out, check=True)
    assert (out / "bin" / "busybox").read_bytes() == b"odd"
    assert (out / "init").stat().st_mode & 0o777 == 0o755
    assert (out / "etc" / "acpi" / "PWRF" / "00000080").read_text().startswith("#!/bin/sh")


def test_the_image_is_skipped_with_the_reason_where_it_cannot_be_built(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GuestUnavailableError, match=f"building '{SUITE_LINUX}' failed"):
        GuestImages(tmp_path / "guests", tmp_path / "nowhere").path(SUITE_LINUX)
