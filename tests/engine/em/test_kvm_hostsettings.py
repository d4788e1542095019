"""What the host's KVM has in force, read from files of a made-up host."""

from pathlib import Path

import pytest

from engine.em.kvm.hostsettings import HUGE_PAGES, in_force, report
from engine.pdm.memory import HostMemory


def host(folder, module, huge="always [madvise] never", **parameters):
    place = folder / "module" / module / "parameters"
    place.mkdir(parents=True)
    for name, value in parameters.items():
        (place / name).write_text(f"{value}\n")
    (folder / "huge").write_text(f"{huge}\n")
    return in_force(folder / "module", folder / "huge")


def test_an_intel_host_tells_all(tmp_path):
    found = host(tmp_path, "kvm_intel", ept="Y", vpid="N", unrestricted_guest="1")
    assert found == {
        "EnableNestedPaging": True, "EnableVPID": False, "EnableUX": True,
        "EnableLargePages": True,
    }  # fmt: skip


def test_an_amd_host_has_no_vpid(tmp_path):
    found = host(tmp_path, "kvm_amd", "always madvise [never]", npt="0")
    assert found == {
        "EnableNestedPaging": False, "EnableVPID": None, "EnableUX": None,
        "EnableLargePages": False,
    }  # fmt: skip


def test_a_host_without_these_modules_does_not_tell(tmp_path):
    found = in_force(tmp_path / "nothing", tmp_path / "nothing")
    assert set(found.values()) == {None}
    rows = report({"EnableNestedPaging": True}, found)
    assert rows[0] == "HM: nested paging: this host does not tell"


def test_differences_from_the_settings_are_told(tmp_path):
    found = host(tmp_path, "kvm_intel", ept="Y", vpid="N", unrestricted_guest="Y")
    rows = report({"EnableNestedPaging": True, "EnableVPID": True, "EnableUX": True}, found)
    assert rows[0] == "HM: nested paging: on"
    assert rows[1].startswith("HM: VPID: off (the settings say on; the host's kernel decides")
    assert rows[3] == "HM: large pages: off"


def test_large_pages_are_for_machines_that_ask_for_them(tmp_path):
    possible = host(tmp_path / "a", "kvm_intel")
    never = host(tmp_path / "b", "kvm_intel", "always madvise [never]")
    assert report({"EnableLargePages": True}, possible)[3] == "HM: large pages: on"
    assert report({"EnableLargePages": False}, possible)[3] == "HM: large pages: off"
    assert "off (the settings say on" in report({"EnableLargePages": True}, never)[3]


@pytest.mark.skipif(not HUGE_PAGES.exists(), reason="the kernel has no transparent large pages")
def test_the_kernel_takes_the_wish():
    memory = HostMemory(4 << 20)
    for wanted, mark in ((True, "hg"), (False, "nh")):
        assert memory.advise_large_pages(wanted)
        assert mark in flags_at(memory.address)


def flags_at(address):
    """Return the flags of the mapping that holds an address (proc(5), smaps)."""
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            first, last = (int(word, 16) for word in words[0].split("-"))
            inside = first <= address < last
        elif inside and words[0] == "VmFlags:":
            return words[1:]
    return []
