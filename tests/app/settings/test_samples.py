"""Files that VirtualBox itself wrote, where they are at hand (they are not ours to publish)."""

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from app.settings.document import Document
from app.settings.global_file import GlobalFile
from app.settings.machine_file import MachineFile

SAMPLES = Path(__file__).parents[4] / "shared" / "facts" / "samples"
MACHINES = sorted(SAMPLES.glob("*.vbox"))

pytestmark = pytest.mark.skipif(
    not MACHINES, reason=f"no files written by VirtualBox in {SAMPLES}"
)


def contents(raw: bytes) -> Counter[tuple[str, str]]:
    """Count every element and attribute of a file."""
    root = etree.fromstring(raw)
    found: Counter[tuple[str, str]] = Counter()
    for element in root.iter():
        found[str(element.tag), ""] += 1
        for attribute in element.attrib.items():
            found[str(element.tag), str(attribute)] += 1
    return found


@pytest.mark.parametrize("sample", MACHINES, ids=lambda path: path.name)
def test_machine(sample: Path, tmp_path: Path) -> None:
    raw = sample.read_bytes()
    path = tmp_path / "box.vbox"
    path.write_bytes(raw)
    assert Document.parse("box.vbox", raw).serialize() == raw
    file = MachineFile.load(str(path))
    assert file.settings.hardware.memory_mb >= 32
    assert file.save() is False
    file.settings.description = "edited"
    file.settings.extra_data["Vitrine/x"] = "y"
    file.save()
    assert MachineFile.load(str(path)).settings == file.settings
    assert contents(raw) - contents(path.read_bytes()) == Counter()


@pytest.mark.parametrize("sample", MACHINES, ids=lambda path: path.name)
def test_machine_raised_to_the_newest_version(sample: Path, tmp_path: Path) -> None:
    path = tmp_path / "box.vbox"
    path.write_bytes(sample.read_bytes())
    file = MachineFile.load(str(path))
    before = file.version
    file.settings.execution_engine = "Interpreter"
    file.save()
    assert file.version.startswith("1.20-")
    assert MachineFile.load(str(path)).settings == file.settings
    assert (tmp_path / f"box-{before}.vbox").read_bytes() == sample.read_bytes()


def test_details_of_a_machine_with_a_snapshot() -> None:
    sample = SAMPLES / "mitchellh-foo-v1.9-macosx-snapshot.vbox"
    settings = MachineFile.load(str(sample)).settings
    assert (settings.name, settings.os_type_id) == ("foo", "Ubuntu")
    assert (settings.hardware.memory_mb, settings.hardware.display.vram_mb) == (360, 12)
    assert settings.current_snapshot == settings.snapshots[0].uuid
    drive = settings.snapshots[0].hardware.storage_controllers[0].attachment(0, 0)
    assert drive is not None
    assert drive.medium == "5f7ccd06-78ef-47e9-b2bc-515aedd2f288"


def test_global_file(tmp_path: Path) -> None:
    raw = (SAMPLES / "real-VirtualBox.xml").read_bytes()
    path = tmp_path / "VirtualBox.xml"
    path.write_bytes(raw)
    file = GlobalFile.load(str(path))
    assert len(file.settings.machines) == 1
    assert file.settings.dhcp_servers[0].enabled is True
    assert file.save() is False
    file.settings.extra_data["Vitrine/x"] = "y"
    file.save()
    assert GlobalFile.load(str(path)).settings == file.settings
    assert contents(raw) - contents(path.read_bytes()) == Counter()
