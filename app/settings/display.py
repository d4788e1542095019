"""Typed settings of the graphics adapter, of the remote display and of recording.

The XML places are relative to the element that owns the hardware: ``Machine`` or ``Snapshot``.
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, items, setting, special

MAX_SCREENS = 64


class DisplaySettings(msgspec.Struct, kw_only=True):
    """Graphics adapter."""

    controller: Annotated[
        str,
        setting(
            "Hardware/Display/@controller", choices=enums.GraphicsController, since=14,
            choices_since={"VMSVGA": 15, "VBoxSVGA": 17, "QemuRamFB": 20},
            cli="graphicscontroller", old_cli=("graphics-controller",),
            label="Graphics Controller", help="Model of the graphics adapter.",
        ),
    ] = enums.GraphicsController.VBOX_VGA.value
    vram_mb: Annotated[
        int,
        setting(
            "Hardware/Display/@VRAMSize", ge=0, le=256, unit="MB", cli="vram",
            label="Video Memory", help="Memory of the graphics adapter.",
        ),
    ] = 8
    monitor_count: Annotated[
        int,
        setting(
            (
                Place("Hardware/Display/@MonitorCount"),
                Place("Hardware/Display/@monitorCount", 7),
            ),
            ge=1, le=MAX_SCREENS, cli="monitor-count",
            old_cli=("monitorcount",), label="Monitor Count",
            help="Number of virtual monitors.",
        ),
    ] = 1
    accelerate_3d: Annotated[
        bool,
        setting(
            "Hardware/Display/@accelerate3D", cli="accelerate-3d", old_cli=("accelerate3d",),
            label="Enable 3D Acceleration", help="Use the host's graphics for 3D.",
        ),
    ] = False
    accelerate_2d_video: Annotated[
        bool,
        setting(
            "Hardware/Display/@accelerate2DVideo", since=8, cli="accelerate-2d-video",
            old_cli=("accelerate2dvideo",), label="Enable 2D Video Acceleration",
            help="Use the host's graphics for video.",
        ),
    ] = False


class RemoteDisplaySettings(msgspec.Struct, kw_only=True):
    """Remote display server."""

    enabled: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@enabled", absent_before={16: True}, cli="vrde",
            old_cli=("vrdp",), label="Enable Server",
            help="Serve the screen to remote display clients.", hot=True,
        ),
    ] = False
    auth_type: Annotated[
        str,
        setting(
            "Hardware/RemoteDisplay/@authType", choices=enums.VrdeAuthType,
            cli="vrde-auth-type", old_cli=("vrdeauthtype", "vrdp-auth-type", "vrdpauthtype"),
            label="Authentication Method", help="Who decides whether a client may connect.",
        ),
    ] = enums.VrdeAuthType.NULL.value
    auth_timeout_ms: Annotated[
        int,
        setting(
            "Hardware/RemoteDisplay/@authTimeout", ge=0, le=0xFFFFFFFF, unit="ms",
            label="Authentication Timeout", help="Time in which a client has to identify itself.",
        ),
    ] = 5000
    allow_multi_connection: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@allowMultiConnection", cli="vrde-multi-con",
            old_cli=("vrdemulticon", "vrdp-multi-con", "vrdpmulticon"),
            label="Allow Multiple Connections",
            help="Several clients may watch.",
        ),
    ] = False
    reuse_single_connection: Annotated[
        bool,
        setting(
            "Hardware/RemoteDisplay/@reuseSingleConnection", since=9, cli="vrde-reuse-con",
            old_cli=("vrdereusecon", "vrdp-reuse-con", "vrdpreusecon"), label="Reuse Connection",
            help="A new client takes over from the connected one.",
        ),
    ] = False
    auth_library: Annotated[
        str,
        setting(
            "Hardware/RemoteDisplay/@authLibrary", since=11, cli="vrde-auth-library",
            old_cli=("vrdeauthlibrary",), label="Authentication Library",
            help="Library that checks users; that of the installation when empty.",
        ),
    ] = ""
    extension_pack: Annotated[
        str,
        setting(
            "Hardware/RemoteDisplay/@VRDEExtPack", since=11, cli="vrde-extpack",
            old_cli=("vrdeextpack",), label="Extension Pack",
            help="Extension pack whose server is used; that of the installation when empty.",
        ),
    ] = ""
    properties: Annotated[
        dict[str, str],
        special(
            "vrde-properties", "Hardware/RemoteDisplay/VRDEProperties/Property", since=11,
            cli="vrde-property", old_cli=("vrdeproperty",), label="Properties", hot=True,
            help="Settings of the server, for example TCP/Ports and TCP/Address.",
        ),
    ] = msgspec.field(default_factory=dict)


class RecordingScreen(msgspec.Struct, kw_only=True):
    """Recording of one screen."""

    id: Annotated[
        int,
        setting(
            "@id", ge=0, le=MAX_SCREENS - 1, always=True, label="Screen",
            help="Number of the screen, from 0.",
        ),
    ]
    enabled: Annotated[
        bool,
        setting(
            "@enabled", always=True, label="Record Screen", help="This screen is recorded.",
            hot=True,
        ),
    ] = True
    features: Annotated[
        str,
        setting(
            "@featuresEnabled", label="Recording Mode",
            help="What is recorded: video, audio or both, separated by commas.", hot=True,
        ),
    ] = "video"
    max_time_s: Annotated[
        int,
        setting(
            "@maxTimeS", ge=0, le=0xFFFFFFFF, unit="s", cli="recording-max-time",
            old_cli=("recordingmaxtime", "videocapmaxtime"), label="Maximum Time",
            help="Time after which recording stops; 0 means no limit.", hot=True,
        ),
    ] = 0
    options: Annotated[
        str,
        setting(
            "@options", cli="recording-opts", old_cli=(
                "recordingopts", "recording-options", "recordingoptions", "videocapopts"
            ),
            label="Options",
            help="Options of the encoders as name=value, separated by commas.", hot=True,
        ),
    ] = ""
    destination: Annotated[
        str,
        setting("@dest", label="Destination", help="Where the recording goes: File.", hot=True),
    ] = "File"
    file: Annotated[
        str,
        setting(
            "@file", cli="recording-file", old_cli=("recordingfile", "videocapfile"),
            label="File Path",
            help="File of the recording; one beside the settings file when empty.", hot=True,
        ),
    ] = ""
    max_size_mb: Annotated[
        int,
        setting(
            "@maxSizeMB", ge=0, le=0xFFFFFFFF, unit="MB", cli="recording-max-size",
            old_cli=("recordingmaxsize", "videocapmaxsize"), label="Maximum Size",
            help="Size of the file at which recording stops; 0 means no limit.", hot=True,
        ),
    ] = 0
    video_codec: Annotated[
        str, setting("@videoCodec", label="Video Codec", help="Encoder of the pictures.", hot=True)
    ] = ""
    audio_codec: Annotated[
        str, setting("@audioCodec", label="Audio Codec", help="Encoder of the sound.", hot=True)
    ] = ""
    width: Annotated[
        int,
        setting(
            "@horzRes", ge=0, le=65535, unit="px", cli="recording-video-res",
            old_cli=(
                "recordingvideores", "recording-video-resolution", "recordingvideoresolution",
                "recording-res", "videocapres",
            ),
            label="Frame Width",
            help="Width of the recorded pictures.", hot=True,
        ),
    ] = 1024
    height: Annotated[
        int,
        setting(
            "@vertRes", ge=0, le=65535, unit="px", label="Frame Height",
            help="Height of the recorded pictures.", hot=True,
        ),
    ] = 768
    rate_kbps: Annotated[
        int,
        setting(
            "@rateKbps", ge=0, le=0xFFFFFFFF, unit="kbps", cli="recording-video-rate",
            old_cli=("recordingvideorate", "recording-rate", "videocaprate"), label="Video Quality",
            help="Bits per second of the recorded video.", hot=True,
        ),
    ] = 512
    fps: Annotated[
        int,
        setting(
            "@fps", ge=0, le=1000, cli="recording-video-fps",
            old_cli=("recordingvideofps", "recording-fps", "videocapfps"), label="Frame Rate",
            help="Recorded pictures per second.", hot=True,
        ),
    ] = 25


class RecordingSettings(msgspec.Struct, kw_only=True):
    """Recording of the screens to files; older files hold it as ``VideoCapture``."""

    enabled: Annotated[
        bool,
        setting(
            "@enabled", cli="recording", old_cli=("videocap",), label="Enable Recording",
            help="Record the screens to a file.", hot=True,
        ),
    ] = False
    screens: Annotated[
        list[RecordingScreen],
        items(
            "Screens/Screen", key=("id",), cli="recording-screens",
            old_cli=("recordingscreens", "videocapscreens"),
            label="Screens", help="Screens that are recorded.",
            hot=True,
        ),
    ] = msgspec.field(default_factory=list)
