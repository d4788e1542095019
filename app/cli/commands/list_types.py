"""``list ostypes``, ``list ossubtypes`` and ``list groups``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.commands.listing import ListOptions, listing

if TYPE_CHECKING:
    from app.api.structs import OsType
    from app.cli.context import Context


def _types(context: Context, options: ListOptions) -> list[OsType]:
    """The types of the architecture that was asked for; all there are are for x86."""
    if options.architecture not in ("", "x86"):
        return []
    return context.client.virtualbox.list_os_types()


@listing("ostypes")
def _ostypes(context: Context, options: ListOptions) -> None:
    known = _types(context, options)
    if options.sort:
        known = sorted(known, key=lambda each: each.description.casefold())
    for os_type in known:
        print(f"ID:           {os_type.id}")
        print(f"Description:  {os_type.description}")
        print(f"Family ID:    {os_type.family_id}")
        print(f"Family Desc:  {os_type.family_description}")
        if os_type.subtype:
            print(f"OS Subtype:   {os_type.subtype}")
        print("Architecture: x86")
        print(f"64 bit:       {str(os_type.is_64bit).lower()}")
        print()


@listing("ossubtypes")
def _ossubtypes(context: Context, options: ListOptions) -> None:
    families: dict[str, dict[str, list[OsType]]] = {}
    for os_type in _types(context, options):
        subtypes = families.setdefault(os_type.family_id, {})
        subtypes.setdefault(os_type.subtype, []).append(os_type)
    for family in sorted(families) if options.sort else families:
        print(family)
        subtypes = families[family]
        for subtype in sorted(subtypes) if options.sort else subtypes:
            if subtype:
                print(f"  {subtype}")
            indent = "    " if subtype else "  "
            for os_type in subtypes[subtype]:
                print(f"{indent}{os_type.description}")
        print()


@listing("groups")
def _groups(context: Context, options: ListOptions) -> None:
    found: dict[str, None] = {"/": None}
    for machine in context.client.virtualbox.list_machines():
        if machine.accessible:
            for group in machine.groups:
                # The groups around a group exist as well.
                parts = group.strip("/").split("/")
                for depth in range(1, len(parts) + 1):
                    found["/" + "/".join(parts[:depth])] = None
    for group in sorted(found) if options.sort else found:
        print(f'"{group}"')
