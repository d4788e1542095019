"""What the service reads of the host: sysfs and /proc, as Linux shows them."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.api import Client
from app.service.host.cpu import cpuid_leaves, features, processors
from app.service.host.networks import host_only_interfaces, interface_id
from app.service.host.usb import usb_devices, video_inputs
from app.service.metrics import meters
from app.service.metrics.base import machine_metrics
from app.service.metrics.vmcounters import Reading, VmCounters
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads files of Linux")


def write(folder: Path, **attributes: str) -> None:
    folder.mkdir(parents=True)
    for name, value in attributes.items():
        (folder / name).write_text(value + "\n")


def test_usb_devices(tmp_path: Path) -> None:
    stick = {
        "idVendor": "0781", "idProduct": "5530", "bcdDevice": "0127", "bDeviceClass": "00",
        "version": " 2.00", "speed": "480", "busnum": "1", "devnum": "4", "product": "Cruzer",
        "serial": "4242",
    }  # fmt: skip
    write(tmp_path / "1-1.3", **stick)
    write(tmp_path / "1-1.3" / "1-1.3:1.0" / "driver")
    write(tmp_path / "1-1", **(stick | {"bDeviceClass": "09"}))
    write(tmp_path / "1-1.3:1.0")
    write(tmp_path / "usb1", **stick)
    write(tmp_path / "2-1", **(stick | {"speed": "5000", "version": " 3.10"}))
    write(tmp_path / "2-2")  # pulled out while we look
    first, second = usb_devices(tmp_path)
    assert (first.vendor_id, first.product_id, first.revision) == (0x0781, 0x5530, 0x0127)
    assert (first.port, first.usb_version, first.speed, first.state) == (2, 2, "High", "Busy")
    assert first.address == "/dev/bus/usb/001/004"
    assert (second.port, second.usb_version, second.speed) == (0, 3, "Super")
    assert second.state == "Available"
    assert first.id == usb_devices(tmp_path)[0].id != second.id
    assert usb_devices(tmp_path / "none") == []


def test_cameras_without_their_metadata_nodes(tmp_path: Path) -> None:
    for number, index in enumerate(("0", "1", "0")):
        write(tmp_path / f"video{number}", index=index, name=f"Camera {number}")
    found = [(each.alias, each.name, each.path) for each in video_inputs(tmp_path)]
    assert found == [(".1", "Camera 0", "/dev/video0"), (".2", "Camera 2", "/dev/video2")]
    assert video_inputs(tmp_path / "none") == []


def test_uuids_of_interfaces_are_those_of_virtualbox() -> None:
    assert interface_id("vboxnet0", "0a:00:27:00:00:00") == "786f6276-656e-4074-8000-0a0027000000"
    assert interface_id("eth0", "d4:3d:7e:da:7e:6e") == "30687465-0000-4000-8000-d43d7eda7e6e"


def test_host_only_interfaces_of_virtualbox_are_known() -> None:
    (interface,) = host_only_interfaces(
        {
            "HostOnly/vboxnet1/IPAddress": "192.168.99.1",
            "HostOnly/vboxnet1/IPNetMask": "255.255.255.0",
            "HostOnly/vboxnet1/IPV6NetMask": "not a number",
            "GUI/Something": "else",
        }
    )
    assert (interface.name, interface.ip_address) == ("vboxnet1", "192.168.99.1")
    assert interface.hardware_address == "0a:00:27:00:00:01"
    assert (interface.up, interface.ipv6_prefix_length) == (False, 0)


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="CPUID is an x86 instruction")
def test_cpuid_agrees_with_the_kernel() -> None:
    leaves = {each.leaf: each for each in cpuid_leaves()}
    names = [leaves[0].ebx, leaves[0].edx, leaves[0].ecx]
    vendor = b"".join(word.to_bytes(4, "little") for word in names).decode()
    assert f"vendor_id\t: {vendor}" in Path("/proc/cpuinfo").read_text()
    assert bool(leaves[0x80000001].edx >> 29 & 1) == ("LongMode" in features())
    assert len(processors()) == os.cpu_count()


def test_load_of_a_process() -> None:
    load = meters.ProcessLoad(os.getpid)
    assert load() == (None, None)
    deadline = time.process_time() + 0.1
    while time.process_time() < deadline:
        sum(range(1000))
    user, kernel = load()
    assert user is not None
    assert kernel is not None
    assert 0 < user + kernel <= 100 * meters.PERCENT


def test_loads_of_the_host_have_no_first_value() -> None:
    for meter, count in ((meters.CpuLoad(), 3), (meters.DiskLoad("none"), 1), (meters.NetLoad("x"), 2)):
        assert meter() == (None,) * count
    assert meters.process_memory([os.getpid()])[0] > 1024
    assert meters.process_memory([1 << 30]) == (None,)
    assert meters.process_memory([]) == (0,)


def test_disk_usage_counts_what_files_take(tmp_path: Path) -> None:
    sparse, full = tmp_path / "sparse", tmp_path / "full"
    with sparse.open("wb") as file:
        file.truncate(64 << 20)
    full.write_bytes(os.urandom(2 << 20))
    counters = VmCounters(SimpleNamespace(lock=threading.Lock(), session=None))
    found = machine_metrics(os.getpid, lambda: [sparse, full], counters)
    bases = {base.name: base for base in found}
    assert bases["Disk/Rate"].meter() == (None, None)
    assert bases["Disk/Usage"].meter() == (2,)
    assert bases["Guest/RAM/Usage"].meter() == (None,) * 5


def test_memory_of_a_guest_with_a_balloon() -> None:
    told = {"Total": 200 << 20, "Free": 50 << 20, "Balloon": 3 << 20, "Available": 1, "Cache": 2048}
    counters = SimpleNamespace(
        latest=lambda: Reading(1.0, {f"/Public/Guest/RAM/{name}": size for name, size in told.items()})
    )
    bases = {base.name: base for base in machine_metrics(os.getpid, list, counters)}
    usage = bases["Guest/RAM/Usage"]
    assert [metric.name for metric in usage.metrics] == ["Total", "Free", "Balloon", "Shared", "Cache"]
    assert usage.meter() == (200 << 10, 50 << 10, 3 << 10, None, 2)


@pytest.mark.usefixtures("vm_processes")
def test_metrics_of_a_machine_exist_while_it_runs(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "box")
    collector = client.performance
    assert collector.get_metrics("*", "box") == []
    client.machine(machine.id).launch()
    affected = collector.setup_metrics("RAM/Usage", "box", 1, 5)
    assert [(each.object, each.name, each.count) for each in affected] == [("box", "RAM/Usage", 5)]

    def used() -> list[int]:
        (data,) = collector.query_metrics_data("RAM/Usage/Used", "box")
        return data.values

    wait_until(used)
    assert used()[0] > 1024, "a Python process takes more than a MiB"
    client.console(machine.id).power_off()
    wait_until(lambda: not client.virtualbox.find_machine(machine.id).session_pid)
    assert collector.query_metrics_data("*", "box") == []
