"""Media of machines older than 1.11, which VirtualBox's own file describes."""

from pathlib import Path

from app.settings.machine_file import MachineFile
from app.settings.oldmedia import (
    missing_media,
    missing_sentence,
    registries_for,
    with_old_media,
)
from tests.app.settings import examples

MEDIA = f"""\
<HardDisks>
  <HardDisk uuid="{{{examples.DISK}}}" location="HardDisks/box.vdi" format="VDI" type="Normal">
    <Description>old</Description>
    <HardDisk uuid="{{{examples.CHILD}}}" location="Machines/box/Snapshots/c.vdi" format="VDI"/>
  </HardDisk>
</HardDisks>
<DVDImages><Image uuid="{{{examples.ISO}}}" location="C:\\images\\boot.iso"/></DVDImages>
"""


def registry(folder: Path, media: str = MEDIA) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "VirtualBox.xml"
    file.write_text(
        '<VirtualBox xmlns="http://www.innotek.de/VirtualBox-settings" version="1.9-linux">'
        f"<Global><MediaRegistry>{media}</MediaRegistry></Global></VirtualBox>"
    )
    return file


def machine(folder: Path, *media: str) -> MachineFile:
    """A machine of VirtualBox 3 with these hard disks and an optical disk in its drives."""
    drives = "".join(
        f'<AttachedDevice type="HardDisk" port="{port}" device="0"><Image uuid="{{{uuid}}}"/>'
        "</AttachedDevice>"
        for port, uuid in enumerate(media)
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{folder.name}.xml"
    file.write_text(
        examples.machine(
            "1.9-linux",
            rest='    <StorageControllers><StorageController name="SATA" type="AHCI" PortCount="4">'
            f'{drives}<AttachedDevice type="DVD" port="3" device="0">'
            f'<Image uuid="{{{examples.ISO}}}"/></AttachedDevice></StorageController>'
            "</StorageControllers>\n",
        )
    )
    return MachineFile.load(str(file))


def test_chains_and_images_are_copied_and_nothing_else_is_written(tmp_path: Path) -> None:
    file = machine(tmp_path / "vb" / "Machines" / "box", examples.CHILD)
    source = registry(tmp_path / "vb")
    before = source.read_bytes()
    found = list(registries_for(file.path, {"VBOX_USER_HOME": str(tmp_path / "none")}))
    assert found == [str(source)]
    file.settings, problems = with_old_media(file.settings, file.folder, found)
    assert problems == []
    base, child = file.settings.media.hard_disks
    assert (base.location, base.description) == (str(tmp_path / "vb/HardDisks/box.vdi"), "old")
    assert (child.location, child.parent) == ("Snapshots/c.vdi", examples.DISK)
    assert file.settings.media.dvd_images[0].location == "C:\\images\\boot.iso"
    assert missing_sentence(file.settings) == ""
    assert file.save() is True
    assert MachineFile.load(file.path).settings == file.settings
    assert sorted(path.name for path in Path(file.folder).iterdir()) == [
        "box-1.9-linux.xml", "box.xml", "box.xml-prev"
    ]
    assert source.read_bytes() == before


def test_what_nobody_knows_is_told(tmp_path: Path) -> None:
    file = machine(tmp_path / "box", examples.DISK)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "VirtualBox.xml").write_text("<VirtualBox")
    orphan = f'<HardDisks><HardDisk uuid="{{{examples.CHILD}}}" location="/x.vdi"/></HardDisks>'
    other = registry(tmp_path / "other", orphan)
    paths = [str(damaged / "VirtualBox.xml"), str(other)]
    settings, problems = with_old_media(file.settings, file.folder, paths)
    assert settings.media == file.settings.media
    assert "not well-formed" in problems[0]
    assert missing_media(settings) == [examples.DISK, examples.ISO]
    assert f"{{{examples.DISK}}}, {{{examples.ISO}}}" in missing_sentence(settings)


def test_the_folders_of_virtualbox_are_looked_through(tmp_path: Path) -> None:
    file = machine(tmp_path / "a" / "b" / "c" / "box")
    source = registry(tmp_path / "vb")
    environ = {"VBOX_USER_HOME": str(tmp_path / "vb")}
    assert list(registries_for(file.path, environ)) == [str(source)]
