"""The firmware boots from the network: iPXE fetches a program by TFTP from the NAT's server."""

from __future__ import annotations

import pytest

from engine.firmware import find_boot_rom
from engine.pcboard import Nic, nic_device

pytestmark = [pytest.mark.guest, pytest.mark.timeout(300)]

TEXT = "PROGRAM-FROM-THE-NETWORK"
BOOT = 180  # seconds
# org 7C00h: writes a text that ends with 0 by INT 10h, and halts.
PROGRAM = bytes.fromhex("31c08ed8be177cac08c07408b40e31dbcd10ebf3f4ebfd") + TEXT.encode() + b"\0"


@pytest.mark.parametrize("model", ["82545EM", "Am79C973", "virtio"])
def test_a_program_from_the_network(machine, tmp_path, model):
    if find_boot_rom(nic_device(model)) is None:
        pytest.skip("no iPXE ROM for this adapter is installed (Debian: ipxe-qemu)")
    (tmp_path / "boot.pxe").write_bytes(PROGRAM)
    settings = {"Adapter": 0, "TFTPPrefix": str(tmp_path), "BootFile": "boot.pxe"}
    nic = Nic(model=model, mac="080027123456", driver="NAT", settings=settings)
    guest = machine(memory_mb=32, boot_order="n", nics=[nic])
    guest.wait_screen(TEXT, BOOT)
