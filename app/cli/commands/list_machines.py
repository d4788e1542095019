"""``list vms`` and ``list runningvms``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.commands.listing import ListOptions, listing

if TYPE_CHECKING:
    from app.api.structs import MachineInfo
    from app.cli.context import Context


@listing("vms")
def _vms(context: Context, options: ListOptions) -> None:
    _print(context.client.virtualbox.list_machines(), options)


@listing("runningvms")
def _runningvms(context: Context, options: ListOptions) -> None:
    machines = context.client.virtualbox.list_machines()
    _print([machine for machine in machines if machine.state.is_online], options)


def _print(machines: list[MachineInfo], options: ListOptions) -> None:
    if options.sort:
        machines = sorted(machines, key=lambda machine: machine.name.casefold())
    for machine in machines:
        name = machine.name if machine.accessible else "<inaccessible>"
        print(f'"{name}" {{{machine.id}}}')
