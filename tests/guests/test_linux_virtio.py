"""Linux and its own drivers on virtio devices: network through NAT, disk and disc behind SCSI."""

from __future__ import annotations

import hashlib
import random
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.pcboard import IdeUnit, Nic
from engine.storage.create import create_medium
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MIB = 1 << 20
MODULES = ("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


@pytest.fixture
def served(tmp_path):
    """Port of a server on the host's loopback with 4 MiB under /data, and their checksum."""
    folder = tmp_path / "served"
    folder.mkdir()
    content = random.Random(7).randbytes(4 * MIB)
    (folder / "data").write_bytes(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1], hashlib.md5(content).hexdigest()
    server.shutdown()
    server.server_close()


def _load(linux, *drivers):
    for name in (*MODULES, *drivers):
        linux.run(f"if [ -e /extra/{name}.ko ]; then insmod /extra/{name}.ko; fi")


def test_linux_on_virtio(machine, guests, tmp_path, served):
    port, checksum = served
    disk = tmp_path / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=64 * MIB)
    nat = Nic(
        model="virtio", mac="080027123456", driver="NAT", settings={"LocalhostReachable": True}
    )
    linux = machine(
        boot_order="dc", nics=[nat],
        hosts={"virtio-scsi": [
            IdeUnit("cdrom", str(guests(SUITE_LINUX))), IdeUnit("disk", str(disk))
        ]},
    )  # fmt: skip
    linux.expect("GUEST-READY", BOOT)  # SeaBIOS and ISOLINUX have read the disc through the host
    linux.expect(PROMPT, 30)
    _load(linux, "failover", "net_failover", "virtio_net", "virtio_scsi")
    linux.run("sleep 2; mdev -s; ip link set eth0 up")
    lease = linux.run("udhcpc -i eth0 -n -q -s /bin/true 2>&1")
    assert re.search(r"lease of 10\.0\.2\.15 obtained", lease)
    linux.run("ip addr add 10.0.2.15/24 dev eth0; ip route add default via 10.0.2.2")
    assert checksum in linux.run(f"wget -q -O - http://10.0.2.2:{port}/data | md5sum", 120)
    _use_disk(linux)
    assert "Call Trace" not in linux.run("dmesg")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)


def _use_disk(linux):
    """Write 8 MiB, and read them again from the disk."""
    linux.run("dd if=/dev/urandom of=/tmp/data bs=64k count=128 2>/dev/null")
    linux.run("dd if=/tmp/data of=/dev/sda bs=64k conv=fsync 2>/dev/null")
    written = re.findall(r"[0-9a-f]{32}", linux.run("md5sum </tmp/data"))
    linux.run("echo 3 >/proc/sys/vm/drop_caches")
    read = re.findall(r"[0-9a-f]{32}", linux.run("head -c 8388608 /dev/sda | md5sum"))
    assert written == read != []
