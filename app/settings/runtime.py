"""Typed settings of how a machine is run: debugging, start with the host, teleporting."""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import setting


class Debugging(msgspec.Struct, kw_only=True):
    """Tracing and the guest debugger."""

    tracing_enabled: Annotated[
        bool,
        setting(
            "Debugging/Tracing/@enabled", since=13, cli="tracing-enabled", label="Tracing",
            help="The machine can be traced.",
        ),
    ] = False
    tracing_vm_access: Annotated[
        bool,
        setting(
            "Debugging/Tracing/@allowTracingToAccessVM", since=13, cli="tracing-allow-vm-access",
            label="Tracing May Access the VM",
            help="Tracing may read the memory and the registers of the guest.",
        ),
    ] = False
    tracing_config: Annotated[
        str,
        setting(
            "Debugging/Tracing/@config", since=13, cli="tracing-config",
            label="Tracing Configuration", help="Trace points, as words separated by spaces.",
        ),
    ] = ""
    guest_debug_provider: Annotated[
        str,
        setting(
            "Debugging/GuestDebug/@provider", choices=enums.GuestDebugProvider, since=19,
            cli="guest-debug-provider", label="Guest Debug Provider",
            help="Protocol with which a debugger can connect to the guest.",
        ),
    ] = enums.GuestDebugProvider.NONE.value
    guest_debug_io: Annotated[
        str,
        setting(
            "Debugging/GuestDebug/@io", choices=enums.GuestDebugIo, since=19,
            cli="guest-debug-io-provider", label="Guest Debug Connection",
            help="Transport over which a debugger connects.",
        ),
    ] = enums.GuestDebugIo.NONE.value
    guest_debug_address: Annotated[
        str,
        setting(
            "Debugging/GuestDebug/@address", since=19, cli="guest-debug-address",
            label="Guest Debug Address", help="Address on which a debugger is awaited.",
        ),
    ] = ""
    guest_debug_port: Annotated[
        int,
        setting(
            "Debugging/GuestDebug/@port", ge=0, le=65535, since=19, cli="guest-debug-port",
            label="Guest Debug Port", help="Port on which a debugger is awaited.",
        ),
    ] = 0


class Autostart(msgspec.Struct, kw_only=True):
    """Start and stop with the host."""

    enabled: Annotated[
        bool,
        setting(
            "Autostart/@enabled", since=13, cli="autostart-enabled", label="Autostart",
            help="Start the machine with the host.", hot=True,
        ),
    ] = False
    delay_s: Annotated[
        int,
        setting(
            "Autostart/@delay", ge=0, le=0xFFFFFFFF, unit="s", since=13, cli="autostart-delay",
            label="Autostart Delay", hot=True,
            help="Time between the start of the host and that of the machine.",
        ),
    ] = 0
    autostop: Annotated[
        str,
        setting(
            "Autostart/@autostop", choices=enums.AutostopType, since=13, cli="autostop-type",
            label="Autostop", help="What happens to the machine when the host shuts down.",
            hot=True,
        ),
    ] = enums.AutostopType.DISABLED.value


class Teleporter(msgspec.Struct, kw_only=True):
    """Readiness to take over a running machine from another host."""

    enabled: Annotated[
        bool,
        setting(
            "Teleporter/@enabled", since=9, cli="teleporter",
            old_cli=("teleporter-enabled", "teleporterenabled"),
            label="Teleporter", help="At its start the machine waits for one to be teleported.",
        ),
    ] = False
    port: Annotated[
        int,
        setting(
            "Teleporter/@port", ge=0, le=65535, since=9, cli="teleporter-port",
            old_cli=("teleporterport",), label="Teleporter Port",
            help="Port on which a teleported machine is awaited.",
        ),
    ] = 0
    address: Annotated[
        str,
        setting(
            "Teleporter/@address", since=9, cli="teleporter-address",
            old_cli=("teleporteraddress",), label="Teleporter Address",
            help="Address on which a teleported machine is awaited; all when empty.",
        ),
    ] = ""
    password: Annotated[
        str,
        setting(
            "Teleporter/@password", since=9, cli="teleporter-password",
            old_cli=("teleporterpassword",), label="Teleporter Password",
            help="Password that the sender has to know.",
        ),
    ] = ""
