"""What ``showvminfo`` prints, for people and for scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.api import Client
from tests.app.cli.samples import MOMENT, furnished, machine_file, with_snapshots
from tests.app.cli.shell import Shell, first_error, values_of
from tests.app.service.fixtures import MakeMachine

SCRIPT_ORDER = """
name encryption groups platformArchitecture ostype UUID CfgFile SnapFldr LogFldr hardwareuuid
memory pagefusion vram cpuexecutioncap cpu-profile chipset firmware cpus hpet pae longmode
triplefaultreset apic x2apic nested-hw-virt hwvirtex nestedpaging largepages vtxvpid vtxux
virtvmsavevmload cpuid-portability-level bootmenu boot1 boot2 boot3 boot4 acpi ioapic biosapic
biossystemtimeoffset NvramFile rtcuseutc iommu paravirtprovider effparavirtprovider VMState
VMStateChangeTime graphicscontroller monitorcount accelerate3d accelerate2dvideo
teleporterenabled teleporterport teleporteraddress teleporterpassword tracing-enabled
tracing-allow-vm-access tracing-config autostart-enabled autostart-delay defaultfrontend
vmprocpriority
"""


@pytest.mark.parametrize("form", ["", "--machinereadable"])
def test_new_linux_machine(shell: Shell, tmp_path: Path, form: str) -> None:
    folder = str(tmp_path / "vms")
    shell.ok(
        "createvm", "--name=linux", "--ostype=Debian_64", "--default", "--register",
        f"--basefolder={folder}",
    )  # fmt: skip
    printed = shell.ok("showvminfo", "linux", *filter(None, [form]))
    shell.check_golden(f"showvminfo-linux{form}", printed)


def test_virtio_devices_are_told_of_where_there_are_some(shell: Shell, tmp_path: Path) -> None:
    folder = str(tmp_path / "vms")
    shell.ok("createvm", "--name=own", f"--basefolder={folder}", "--register")
    plain = shell.ok("showvminfo", "own", "--machinereadable")
    assert "Virtio" not in plain
    shell.ok("modifyvm", "own", "--virtio-rng=on", "--guest-memory-balloon=64")
    values = values_of(shell.ok("showvminfo", "own", "--machinereadable"))
    assert (values["GuestMemoryBalloon"], values["VirtioBalloon"]) == ("64", "on")
    assert values["VirtioRng"] == "on"
    printed = shell.ok("showvminfo", "own")
    assert re.search(r"^Virtio entropy device: +enabled$", printed, re.MULTILINE)
    assert re.search(r"^Virtio balloon: +enabled$", printed, re.MULTILINE)
    shell.ok("modifyvm", "own", "--virtio-rng=off", "--guest-memory-balloon=0")
    assert shell.ok("showvminfo", "own", "--machinereadable") == plain


@pytest.mark.parametrize("form", ["", "--machinereadable"])
def test_machine_with_one_of_everything(shell: Shell, tmp_path: Path, form: str) -> None:
    shell.ok("registervm", machine_file(tmp_path, furnished()))
    printed = shell.ok("showvminfo", "furnished", *filter(None, [form]))
    shell.check_golden(f"showvminfo-furnished{form}", printed)


@pytest.mark.parametrize("form", ["", "--machinereadable"])
def test_snapshots_are_a_tree(shell: Shell, tmp_path: Path, form: str) -> None:
    shell.ok("registervm", machine_file(tmp_path, with_snapshots()))
    printed = shell.ok("showvminfo", "snapshots", *filter(None, [form]))
    start = "SnapshotName=" if form else "* Snapshots:"
    shell.check_golden(f"showvminfo-snapshots{form}", printed[printed.index(start) :])


@pytest.mark.usefixtures("vm_processes")
@pytest.mark.parametrize("form", ["", "--machinereadable"])
def test_running_machine(
    shell: Shell, client: Client, make_machine: MakeMachine, form: str
) -> None:
    machine = make_machine(client, "runs")
    client.machine(machine.id).launch()
    printed = shell.ok("showvminfo", "runs", *filter(None, [form]))
    shell.check_golden(f"showvminfo-running{form}", printed)
    client.console(machine.id).power_off()


@pytest.mark.usefixtures("vm_processes")
def test_running_machine_tells_when_it_began_to_run(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    settings = with_snapshots("x")
    settings.last_state_change = MOMENT
    shell.ok("registervm", machine_file(tmp_path, settings))
    stopped = values_of(shell.ok("showvminfo", "x", "--machinereadable"))
    assert stopped["VMStateChangeTime"] == "2024-10-03T07:28:43.000000000"
    client.machine("x").launch()
    running = values_of(shell.ok("showvminfo", "x", "--machinereadable"))
    assert running["VMStateChangeTime"] > stopped["VMStateChangeTime"]
    client.console("x").power_off()


def test_keys_for_scripts_come_in_the_order_of_virtualbox(shell: Shell, tmp_path: Path) -> None:
    shell.ok("createvm", "--name=x", "--register", f"--basefolder={tmp_path}")
    printed = shell.ok("showvminfo", "x", "--machinereadable")
    keys = [line.partition("=")[0] for line in printed.splitlines()]
    expected = SCRIPT_ORDER.split()
    assert keys[: len(expected)] == expected


def test_unknown_machines_are_named_as_scripts_expect(shell: Shell) -> None:
    ran = shell.run("showvminfo", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(
        "VBoxManage: error: Could not find a registered machine named 'nobody'\n"
        "VBoxManage: error: Details: code VBOX_E_OBJECT_NOT_FOUND (0x80bb0001), component "
        "VirtualBoxWrap, interface IVirtualBox, callee nsISupports\n"
    )
    unknown = "8710d3db-d96a-46ed-9004-59fa891fda90"
    assert first_error(shell.run("showvminfo", unknown)) == (
        f"Could not find a registered machine with UUID {{{unknown}}}"
    )


def test_inaccessible_machine_is_told_apart(shell: Shell, tmp_path: Path, client: Client) -> None:
    path = Path(machine_file(tmp_path, with_snapshots("torn")))
    shell.ok("registervm", str(path))
    path.write_text("no XML")
    client.machine("torn").refresh()
    machine = client.virtualbox.list_machines()[0]
    printed = shell.ok("showvminfo", machine.id, "--machinereadable")
    assert printed.splitlines()[0] == 'name="<inaccessible>"'
    assert values_of(printed)["UUID"] == machine.id
    human = shell.ok("showvminfo", machine.id)
    assert "<inaccessible!>" in human
    assert "torn.vbox" in human


def test_what_vagrant_reads(shell: Shell, tmp_path: Path) -> None:
    """The driver goes through the lines; a rule belongs to the adapter that was named last."""
    shell.ok("registervm", machine_file(tmp_path, furnished()))
    printed = shell.ok("showvminfo", "furnished", "--machinereadable")
    adapter = 0
    rules = []
    adapters = {}
    folders = []
    for line in printed.split("\n"):
        if found := re.match(r'^nic(\d+)="(.+?)"$', line):
            adapter = int(found[1])
            adapters[adapter] = found[2]
        if found := re.match(r'^Forwarding.+?="(.+?),.+?,.*?,(.+?),.*?,(.+?)"$', line):
            rules.append((adapter, found[1], found[2], found[3]))
        if found := re.match(r'^SharedFolderNameMachineMapping\d+="(.+?)"$', line):
            folders.append(found[1])
    assert rules == [(1, "ssh", "2222", "22"), (1, "dns", "53", "53")]
    assert folders == ["vagrant", "read"]
    assert list(adapters.values()) == [
        "nat", "bridged", "intnet", "hostonly", "natnetwork", "generic", "null", "none"
    ]  # fmt: skip
    assert re.search(r'^VMState="(.+?)"$', printed, re.MULTILINE)[1] == "poweroff"
    assert re.search(r'^macaddress1="(.+?)"$', printed, re.MULTILINE)[1] == "080027000000"
    assert re.search(r'^bridgeadapter2="(.+?)"$', printed, re.MULTILINE)[1] == "eth0"
    assert re.search(r'^hostonlyadapter4="(.+?)"$', printed, re.MULTILINE)[1] == "vboxnet0"


def test_logs_are_printed_as_they_are(shell: Shell, tmp_path: Path) -> None:
    shell.ok("createvm", "--name=x", "--register", f"--basefolder={tmp_path}")
    assert first_error(shell.run("showvminfo", "x", "--log=0")) == (
        "There is no log file with the index 0"
    )
    logs = tmp_path / "x" / "Logs"
    logs.mkdir()
    (logs / "VBox.log").write_text("new\n" * 600_000)
    (logs / "VBox.log.1").write_text("old ü\n", encoding="utf-8")
    assert shell.ok("showvminfo", "x", "--log", "1") == "old ü\n"
    assert shell.ok("showvminfo", "x", "--log=0") == "new\n" * 600_000
    for wrong in ("-1", "last"):
        assert shell.run("showvminfo", "x", f"--log={wrong}").code == 2
    assert shell.run("showvminfo", "x", "--log=0", "--machinereadable").code == 2


def test_list_long_prints_the_same(shell: Shell, tmp_path: Path) -> None:
    for name in ("b", "a"):
        shell.ok("createvm", f"--name={name}", "--register", f"--basefolder={tmp_path}")
    each = [shell.ok("showvminfo", name) for name in ("b", "a")]
    assert shell.ok("list", "--long", "vms") == "".join(f"{text}\n" for text in each)
    assert shell.ok("list", "vms", "--long", "--sorted") == "".join(
        f"{text}\n" for text in reversed(each)
    )


def test_details_show_what_no_other_line_does(shell: Shell, tmp_path: Path) -> None:
    settings = furnished()
    settings.hardware.tpm.type = "v2_0"
    settings.debugging.guest_debug_port = 5037
    settings.hardware.cpu.spec_ctrl = True
    shell.ok("registervm", machine_file(tmp_path, settings))
    short, long = (shell.ok("showvminfo", "furnished", *form) for form in ([], ["--details"]))
    assert long.startswith(short)
    lines = long.removeprefix(short).splitlines()
    assert lines[0] == "* Settings by option:"
    assert {
        "tpm-type: v2_0", "guest-debug-port: 5037", "spec-ctrl: on", "nic-type2: virtio",
        "cable-connected3: off", "vrde-property: TCP/Address=127.0.0.1,TCP/Ports=5000-5010",
    } <= set(lines)  # fmt: skip
    script = shell.ok("showvminfo", "furnished", "--details", "--machinereadable")
    assert 'option[tpm-type]="v2_0"' in script.splitlines()
