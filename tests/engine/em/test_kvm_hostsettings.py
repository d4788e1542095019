"""What the host's KVM has in force, read from files of a made-up host."""

from engine.em.kvm.hostsettings import in_force, report


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
    assert rows[3] == "HM: large pages: on"
