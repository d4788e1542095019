"""Reading and writing machine files of all versions."""

import datetime as dt
import difflib
from pathlib import Path

import pytest

from app.settings.machine_file import MachineFile
from app.settings.model import (
    MediumAttachment,
    NetworkAdapter,
    RemovableImage,
    SerialPort,
    SharedFolder,
    StorageController,
    UsbController,
)
from tests.app.settings import examples


def load(tmp_path: Path, text: str) -> MachineFile:
    path = tmp_path / "box.vbox"
    path.write_text(text, encoding="utf-8")
    return MachineFile.load(str(path))


def edits(before: str, path: str) -> list[str]:
    after = Path(path).read_text(encoding="utf-8")
    diff = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in diff if line[:3] not in ("---", "+++", "@@ ")]


@pytest.mark.parametrize("text", examples.ALL.values(), ids=examples.ALL.keys())
def test_unchanged_file_is_not_written(tmp_path: Path, text: str) -> None:
    file = load(tmp_path, text)
    assert file.save() is False
    assert Path(file.path).read_text(encoding="utf-8") == text
    assert [entry.name for entry in tmp_path.iterdir()] == ["box.vbox"]


@pytest.mark.parametrize("text", examples.ALL.values(), ids=examples.ALL.keys())
def test_one_change_edits_one_line(tmp_path: Path, text: str) -> None:
    file = load(tmp_path, text)
    old = file.settings.hardware.memory_mb
    file.settings.hardware.memory_mb = 1234
    assert file.save() is True
    assert edits(text, file.path) == [
        f'-       <Memory RAMSize="{old}"/>',
        '+       <Memory RAMSize="1234"/>',
    ]
    assert MachineFile.load(file.path).settings == file.settings


def test_old_namespace_and_structures(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_7)
    hardware = file.settings.hardware
    assert [each.type for each in hardware.usb_controllers] == ["OHCI", "EHCI"]
    assert hardware.usb_filters[0].vendor_id == "1234"
    assert hardware.remote_display.properties == {
        "TCP/Ports": "3390", "TCP/Address": "127.0.0.1"
    }
    assert hardware.storage_controllers[0].attachments[0].medium == examples.DISK
    hardware.serial_ports.append(SerialPort(slot=0, enabled=True))
    file.save()
    text = Path(file.path).read_text()
    assert 'xmlns="http://www.innotek.de/VirtualBox-settings"' in text
    assert 'xmlns=""' not in text
    assert MachineFile.load(file.path).settings == file.settings


def test_typed_values_of_1_12(tmp_path: Path) -> None:
    settings = load(tmp_path, examples.V1_12).settings
    assert settings.name == "böx"
    assert settings.uuid == examples.UUID
    assert settings.description == "two\nlines"
    assert settings.last_state_change == dt.datetime(2019, 11, 6, 15, 22, 26, tzinfo=dt.UTC)
    assert [(disk.uuid, disk.parent) for disk in settings.media.hard_disks] == [
        (examples.DISK, ""), (examples.CHILD, examples.DISK)
    ]
    assert settings.extra_data == {"GUI/LastCloseAction": "PowerOff"}
    hardware = settings.hardware
    assert hardware.boot_order == ["HardDisk", "None", "None", "None"]
    assert (hardware.display.vram_mb, hardware.cpu.pae) == (5, False)
    adapter = hardware.network_adapters[0]
    assert (adapter.attachment, adapter.internal_network) == ("NAT", "intnet")
    assert (adapter.nat.forwardings[0].host_port, adapter.nat.forwardings[0].guest_port) == (
        2222, 22
    )
    port = hardware.serial_ports[0]
    assert (port.mode, port.path, port.server, port.io_base) == ("HostPipe", "/p", True, 0x3F8)


def test_typed_values_of_1_20(tmp_path: Path) -> None:
    hardware = load(tmp_path, examples.V1_20).settings.hardware
    assert (hardware.chipset, hardware.rtc_utc, hardware.cpu.count) == ("ICH9", True, 2)
    assert (hardware.cpu.pae, hardware.hpet) == (False, True)
    assert (hardware.firmware.type, hardware.firmware.ioapic) == ("EFI", True)
    assert hardware.serial_ports[0].io_base == 0x2F8


def test_unknown_things_and_comments_stay_in_place(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    settings = file.settings
    settings.hardware.cpu.count = 2
    settings.hardware.boot_order = ["DVD", "HardDisk", "None", "None"]
    settings.extra_data["GUI/Fullscreen"] = "on"
    settings.description = "one line"
    settings.hardware.network_adapters[0].attachment = "Internal"
    file.save()
    assert edits(examples.V1_12, file.path) == [
        "-     <Description>two",
        "- lines</Description>",
        "+     <Description>one line</Description>",
        '+       <ExtraDataItem name="GUI/Fullscreen" value="on"/>',
        "-       <CPU>",
        '+       <CPU count="2">',
        '-         <Order position="1" device="HardDisk"/>',
        '-         <Order position="2" device="None"/>',
        '+         <Order position="1" device="DVD"/>',
        '+         <Order position="2" device="HardDisk"/>',
        '-             <InternalNetwork name="intnet"/>',
        "+             <NAT>",
        '+               <Forwarding name="ssh" proto="1" hostport="2222" guestport="22"/>',
        "+             </NAT>",
        "-           <NAT>",
        '-             <Forwarding name="ssh" proto="1" hostport="2222" guestport="22"/>',
        "-           </NAT>",
        '+           <InternalNetwork name="intnet"/>',
    ]
    assert MachineFile.load(file.path).settings == settings


def test_removing_things(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    settings = file.settings
    settings.description = ""
    settings.media.dvd_images.clear()
    settings.hardware.serial_ports.clear()
    settings.extra_data.clear()
    file.save()
    text = Path(file.path).read_text(encoding="utf-8")
    assert "Description" not in text
    assert "DVDImages" not in text
    assert "UART" not in text
    assert "the window" in text  # the comment of a person is not ours to remove
    assert MachineFile.load(file.path).settings == settings


def test_differencing_images_move_with_their_parents(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    disks = file.settings.media.hard_disks
    disks[1].parent = ""
    disks[0].parent = disks[1].uuid
    disks.reverse()
    file.save()
    text = Path(file.path).read_text(encoding="utf-8")
    assert text.index(examples.CHILD) < text.index(examples.DISK)
    assert MachineFile.load(file.path).settings.media == file.settings.media


def test_snapshots(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_16_SNAPSHOTS)
    one, two = file.settings.snapshots
    assert (one.name, one.description, one.hardware.memory_mb) == ("one", "first", 48)
    assert (two.parent, two.state_file, two.hardware.memory_mb) == (
        one.uuid, "Snapshots/x.sav", 56
    )
    two.name = "renamed"
    file.settings.snapshots.append(
        type(one)(
            uuid="bbbbbbbb-0000-0000-0000-000000000003",
            name="three",
            time_stamp=one.time_stamp,
            parent=two.uuid,
            hardware=file.settings.hardware,
        )
    )
    file.save()
    assert MachineFile.load(file.path).settings == file.settings
    file.settings.snapshots = file.settings.snapshots[:1]
    file.settings.current_snapshot = ""
    file.save()
    assert MachineFile.load(file.path).settings == file.settings
    assert "currentSnapshot" not in Path(file.path).read_text()


def test_lists_keep_the_order_of_the_settings(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_17)
    hardware = file.settings.hardware
    hardware.storage_controllers.insert(0, StorageController(name="IDE", type="PIIX4"))
    hardware.shared_folders = [SharedFolder(name=name, host_path="/") for name in "cab"]
    file.save()
    hardware.shared_folders.sort(key=lambda folder: folder.name)
    file.save()
    again = MachineFile.load(file.path).settings
    assert [each.name for each in again.hardware.shared_folders] == ["a", "b", "c"]
    assert [each.name for each in again.hardware.storage_controllers] == ["IDE", "SATA"]
    assert again == file.settings


def test_all_attachment_modes(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_19)
    adapters = file.settings.hardware.network_adapters
    modes = (
        "Null", "NAT", "Bridged", "Internal", "HostOnly", "Generic", "NATNetwork", "Cloud",
        "HostOnlyNetwork",
    )
    for slot, mode in enumerate(modes):
        adapters.append(
            NetworkAdapter(
                slot=slot, enabled=True, attachment=mode, bridged_interface="eth0",
                internal_network="in", host_only_interface="vboxnet0", generic_driver="UDP",
                generic_properties={"port": "7"}, nat_network="nn", cloud_network="c",
                host_only_network="hn",
            )
        )
    file.save()
    assert MachineFile.load(file.path).settings == file.settings
    for adapter in adapters:
        adapter.attachment = modes[(adapter.slot + 1) % len(modes)]
    file.save()
    again = MachineFile.load(file.path).settings
    assert again == file.settings
    assert all(adapter.bridged_interface == "eth0" for adapter in again.hardware.network_adapters)


def test_attaching_a_medium(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    drive = file.settings.hardware.storage_controllers[0].attachment(1, 0)
    assert drive is not None
    drive.medium = examples.ISO
    file.save()
    assert edits(examples.V1_12, file.path) == [
        '-         <AttachedDevice passthrough="false" type="DVD" port="1" device="0"/>',
        '+         <AttachedDevice passthrough="false" type="DVD" port="1" device="0">',
        f'+           <Image uuid="{{{examples.ISO}}}"/>',
        "+         </AttachedDevice>",
    ]
    drive.medium = ""
    drive.host_drive = "/dev/sr0"
    file.save()
    again = MachineFile.load(file.path)
    assert again.settings == file.settings
    drive.host_drive = ""
    file.save()
    assert Path(file.path).read_text(encoding="utf-8") == examples.V1_12


def test_raising_the_version(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    settings = file.settings
    settings.hardware.usb_controllers = [UsbController(name="xHCI", type="XHCI")]
    settings.hardware.shared_folders = [
        SharedFolder(name="s", host_path="/s", auto_mount_point="/mnt")
    ]
    file.save()
    assert file.version.startswith("1.17-")
    kept = tmp_path / "box-1.12-windows.vbox"
    assert kept.read_text(encoding="utf-8") == examples.V1_12
    again = MachineFile.load(file.path)
    assert again.settings == settings
    text = Path(file.path).read_text(encoding="utf-8")
    # What absence meant in 1.12 has to be said in 1.17.
    assert '<Paravirt provider="Legacy"/>' in text
    assert text.index("<StorageControllers>") < text.index("</Hardware>")
    for kept_text in ("FutureThing", "<FutureCpuThing", 'futureAttribute="kept"', "not much"):
        assert kept_text in text


def test_raising_to_1_20_moves_the_platform(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_17)
    file.settings.hardware.cpu.count = 2
    file.settings.hardware.serial_ports = [SerialPort(slot=0, enabled=True)]
    file.save()
    file.settings.execution_engine = "Interpreter"
    file.save()
    assert file.version.startswith("1.20-")
    text = Path(file.path).read_text(encoding="utf-8")
    assert "<BIOS>" not in text
    assert "VideoCapture" not in text
    assert 'IOAddress="0x3f8"' in text
    assert "IOBase" not in text
    assert text.index('<Platform architecture="x86">') > text.index("</Hardware>")
    assert MachineFile.load(file.path).settings == file.settings


def test_tcp_serial_port_needs_1_15(tmp_path: Path) -> None:
    file = load(tmp_path, examples.V1_12)
    file.settings.hardware.serial_ports[0].mode = "TCP"
    file.save()
    assert file.version.startswith("1.15-")
    assert MachineFile.load(file.path).settings == file.settings


def test_other_line_ends_and_encodings_survive_an_edit(tmp_path: Path) -> None:
    path = tmp_path / "box.vbox"
    text = examples.V1_12.replace("&#xF6;", "ö").replace("not much", "nicht größer")
    path.write_bytes(text.replace("\n", "\r\n").encode())
    file = MachineFile.load(str(path))
    file.settings.hardware.memory_mb = 33
    file.save()
    expected = text.replace('RAMSize="32"', 'RAMSize="33"').replace("\n", "\r\n")
    assert path.read_bytes().decode() == expected


def test_order_of_elements_does_not_matter(tmp_path: Path) -> None:
    lines = examples.V1_12.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if "<MediaRegistry>" in line)
    end = next(i for i, line in enumerate(lines) if "</MediaRegistry>" in line) + 1
    close = next(i for i, line in enumerate(lines) if "</Machine>" in line)
    moved = lines[:start] + lines[end:close] + lines[start:end] + lines[close:]
    assert (
        load(tmp_path, "".join(moved)).settings == load(tmp_path, examples.V1_12).settings
    )


def test_new_media_are_written_like_virtualbox_does(tmp_path: Path) -> None:
    file = load(tmp_path, examples.machine("1.12-linux"))
    file.settings.media.dvd_images.append(RemovableImage(uuid=examples.ISO, location="b.iso"))
    file.settings.hardware.storage_controllers.append(
        StorageController(
            name="IDE", attachments=[MediumAttachment(type="DVD", port=1, medium=examples.ISO)]
        )
    )
    file.save()
    text = Path(file.path).read_text()
    assert f"""\
    <MediaRegistry>
      <DVDImages>
        <Image uuid="{{{examples.ISO}}}" location="b.iso"/>
      </DVDImages>
    </MediaRegistry>
    <Hardware>
""" in text
    assert f"""\
    </Hardware>
    <StorageControllers>
      <StorageController name="IDE" type="PIIX4" PortCount="2" useHostIOCache="true" \
Bootable="true">
        <AttachedDevice type="DVD" port="1" device="0">
          <Image uuid="{{{examples.ISO}}}"/>
        </AttachedDevice>
      </StorageController>
    </StorageControllers>
  </Machine>
""" in text


OLD_DRIVES = examples.machine(
    "1.8-linux",
    hardware="""\
      <DVDDrive passthrough="false">
        <Image uuid="{aaaaaaaa-0000-0000-0000-000000000003}"/>
      </DVDDrive>
      <FloppyDrive enabled="true"/>
""",
    rest="""\
    <StorageControllers>
      <StorageController name="IDE" type="PIIX4" PortCount="2"/>
    </StorageControllers>
""",
)


def test_drives_of_files_before_1_9_stay_until_they_change(tmp_path: Path) -> None:
    file = load(tmp_path, OLD_DRIVES)
    assert file.save() is False
    file.settings.hardware.memory_mb = 65
    file.save()
    assert file.version == "1.8-linux"
    assert "<DVDDrive" in Path(file.path).read_text()
    ide, floppy = file.settings.hardware.storage_controllers
    ide.attachments[0].medium = ""
    floppy.attachments[0].host_drive = "/dev/fd0"
    file.save()
    assert file.version.startswith("1.9-")
    text = Path(file.path).read_text()
    assert "<DVDDrive" not in text
    assert "<FloppyDrive" not in text
    assert MachineFile.load(file.path).settings == file.settings


def test_drives_of_files_before_1_9_move_when_the_version_is_raised(tmp_path: Path) -> None:
    file = load(tmp_path, OLD_DRIVES)
    file.settings.hardware.cpu.execution_cap = 50
    file.save()
    assert file.version.startswith("1.11-")
    text = Path(file.path).read_text()
    assert "<DVDDrive" not in text
    assert text.index("<StorageController") < text.index(f'<Image uuid="{{{examples.ISO}}}"/>')
    assert MachineFile.load(file.path).settings == file.settings
    assert (tmp_path / "box-1.8-linux.vbox").read_text() == OLD_DRIVES


def test_a_floppy_drive_can_be_removed_from_an_old_file(tmp_path: Path) -> None:
    file = load(tmp_path, OLD_DRIVES)
    file.settings.hardware.storage_controllers.pop()
    file.save()
    assert MachineFile.load(file.path).settings == file.settings
