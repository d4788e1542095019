"""``list vms`` and ``list runningvms``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.commands.listing import ListOptions, listing

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.cli.context import Context


@listing("vms")
def _vms(context: Context, options: ListOptions) -> None:
    _print(context, context.client.virtualbox.list_machines(), options)


@listing("runningvms")
def _runningvms(context: Context, options: ListOptions) -> None:
    machines = context.client.virtualbox.list_machines()
    _print(context, [machine for machine in machines if machine.state.is_online], options)


def _print(context: Context, machines: list[MachineInfo], options: ListOptions) -> None:
    if options.sort:
        machines = sorted(machines, key=lambda machine: machine.name.casefold())
    if options.long:
        _print_long(context, machines)
        return
    for machine in machines:
        name = machine.name if machine.accessible else "<inaccessible>"
        print(f'"{name}" {{{machine.id}}}')


def _print_long(context: Context, machines: list[MachineInfo]) -> None:
    # Imported here, because the short list is what scripts ask for all the time.
    from app.cli.commands.showvminfo import print_machine
    from app.cli.vminfo.writer import InfoWriter

    for machine in machines:
        print_machine(context, machine, InfoWriter(machine_readable=False))
        print()
