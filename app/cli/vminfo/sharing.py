"""Shared folders, recording, description, guest and snapshots."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from app.api.structs import VrdeServerInfo
from app.settings.model import RecordingScreen, SharedFolder, Snapshot
from app.settings.virtiodevices import has_balloon, has_entropy_device

if TYPE_CHECKING:
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter
    from app.settings.model import MachineSettings


def print_shared_folders(out: InfoWriter, subject: Subject) -> None:
    """Folders of the host that the guest may use."""
    folders = subject.settings.hardware.shared_folders
    if not folders:
        out.caption("Shared folders", "<none>")
        return
    out.human("Shared folders:")
    out.human()
    for number, folder in enumerate(folders, 1):
        out.script(f"SharedFolderNameMachineMapping{number}", folder.name)
        out.script(f"SharedFolderPathMachineMapping{number}", folder.host_path)
        out.human(_folder_for_people(folder))
    out.human()


def _folder_for_people(folder: SharedFolder) -> str:
    facts = [
        f"Name: '{folder.name}'",
        f"Host path: '{folder.host_path}' (machine mapping)",
        "writable" if folder.writable else "readonly",
    ]
    if folder.auto_mount:
        facts.append("auto-mount")
    if folder.auto_mount_point:
        facts.append(f"mount-point: '{folder.auto_mount_point}'")
    return ", ".join(facts)


def print_recording(out: InfoWriter, subject: Subject) -> None:
    """Recording of the screens."""
    recording = subject.settings.recording
    if subject.info.state.is_online:
        _print_remote_clients(out, subject.vrde or VrdeServerInfo())
    started = recording.enabled and subject.info.state.is_online
    out.switch("recording_started", "Recording status", started, ("started", "stopped"))
    out.switch("recording_enabled", "Recording enabled", recording.enabled, ("yes", "no"))
    screens = recording.screens or [RecordingScreen(id=0)]
    out.number("recording_screens", "Recording screens", len(screens))
    for screen in screens:
        out.human(f" Screen {screen.id}:")
        _print_recorded_screen(out, subject, screen)


def _print_remote_clients(out: InfoWriter, vrde: VrdeServerInfo) -> None:
    out.switch(
        "VRDEActiveConnection", "VRDE Connection", vrde.active, ("active", "not active")
    )
    out.number("VRDEClients", "Clients so far", vrde.number_of_clients)
    if not vrde.number_of_clients:
        return
    out.text("VRDEStartTime", "Last started", _moment(vrde.begin_time))
    if not vrde.active:
        out.text("VRDEStopTime", "Last ended", _moment(vrde.end_time))
    out.number("VRDEBytesSentTotal", "Sent total", vrde.bytes_sent, " Bytes")
    out.number("VRDEBytesReceivedTotal", "Received total", vrde.bytes_received, " Bytes")
    if vrde.active:
        out.text("VRDEUserName", "User name", vrde.user)
        out.text("VRDEClientIP", "Client IP", ", ".join(vrde.clients))
        out.text("VRDEEncryption", "Encryption", vrde.encryption or "none")


def _moment(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y/%m/%d %H:%M:%S UTC")


def _print_recorded_screen(out: InfoWriter, subject: Subject, screen: RecordingScreen) -> None:
    yes_no = ("yes", "no")
    features = screen.features.split(",")
    file = subject.place(screen.file) if screen.file else os.path.join(
        subject.folder, f"{subject.info.name}-screen{screen.id}.webm"
    )  # fmt: skip
    out.switch("rec_screen_enabled", "    Enabled", screen.enabled, yes_no)
    out.number("rec_screen_id", "    ID", screen.id)
    out.switch("rec_screen_video_enabled", "    Record video", "video" in features, yes_no)
    out.switch("rec_screen_audio_enabled", "    Record audio", "audio" in features, yes_no)
    out.text("rec_screen_dest", "    Destination", screen.destination)
    out.text("rec_screen_dest_filename", "    File", file)
    if screen.options:
        out.text("rec_screen_opts", "    Options", screen.options)
    out.text("rec_screen_video_res_xy", "    Video dimensions", f"{screen.width}x{screen.height}")
    out.number("rec_screen_video_rate_kbps", "    Video rate", screen.rate_kbps, "kbps")
    out.number("rec_screen_video_fps", "    Video FPS", screen.fps, "fps")


def print_guest(out: InfoWriter, subject: Subject) -> None:
    """Description and what is known of the guest."""
    settings = subject.settings
    if settings.description:
        out.script("description", settings.description)
        out.human("Description:")
        out.human(settings.description)
    out.human("* Guest:")
    balloon = settings.hardware.memory_balloon_mb
    out.number("GuestMemoryBalloon", "Configured memory balloon", balloon, "MB")
    # VirtualBox's machines have no such devices, and its output no such lines.
    if has_balloon(settings):
        out.switch("VirtioBalloon", "Virtio balloon", True)
    if has_entropy_device(settings):
        out.switch("VirtioRng", "Virtio entropy device", True)
    if not subject.info.state.is_online:
        return
    out.text("GuestOSType", "OS type", settings.os_type_id)
    # Level 0: no Guest Additions have reported.
    out.number("GuestAdditionsRunLevel", "Additions run level", 0)
    out.caption("Guest Facilities", "No active facilities.")


def print_snapshots(out: InfoWriter, subject: Subject) -> None:
    """The tree of snapshots, if there is one."""
    if not subject.settings.snapshots:
        return
    out.human("* Snapshots:")
    print_snapshot_tree(out, subject.settings)


def print_snapshot_tree(out: InfoWriter, settings: MachineSettings) -> None:
    """The snapshots, each before those that were taken after it."""
    roots = [each for each in settings.snapshots if not each.parent]
    for number, snapshot in enumerate(roots):
        # A machine has one first snapshot; more of them come from a damaged file.
        _print_snapshot(out, settings, snapshot, f"-{number + 1}" if number else "", depth=0)


def _print_snapshot(
    out: InfoWriter, settings: MachineSettings, snapshot: Snapshot, suffix: str, *, depth: int
) -> None:
    current = snapshot.uuid == settings.current_snapshot
    out.script(f"SnapshotName{suffix}", snapshot.name)
    out.script(f"SnapshotUUID{suffix}", snapshot.uuid)
    if snapshot.description:
        out.script(f"SnapshotDescription{suffix}", snapshot.description)
    if current:
        out.script("CurrentSnapshotName", snapshot.name)
        out.script("CurrentSnapshotUUID", snapshot.uuid)
        out.script("CurrentSnapshotNode", f"SnapshotName{suffix}")
    indent = "   " * (depth + 1)
    mark = " *" if current else ""
    out.human(f"{indent}Name: {snapshot.name} (UUID: {snapshot.uuid}){mark}")
    if "\n" in snapshot.description:
        out.human(f"{indent}Description:\n{snapshot.description}")
    elif snapshot.description:
        out.human(f"{indent}Description: {snapshot.description}")
    children = [each for each in settings.snapshots if each.parent == snapshot.uuid]
    for number, child in enumerate(children, 1):
        _print_snapshot(out, settings, child, f"{suffix}-{number}", depth=depth + 1)
