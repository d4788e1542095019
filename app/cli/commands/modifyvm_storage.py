"""Options of ``modifyvm`` for drives: what there was before ``storagectl`` and ``storageattach``.

VirtualBox 7 still takes them, and they mean controllers with certain names, which its release 2
gave to each machine.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from app.cli.commands.modifyvm_draft import Draft, bad_argument, modifies, number, switch
from app.cli.commands.storagectl import (
    add_controller,
    require_controller,
    set_port_count,
    set_type,
)
from app.cli.errors import CommandError
from app.cli.options import Arguments, Given
from app.cli.slots import Slot, attach, detach
from app.settings.media import remove_controller

_IDE: Final = "IDE Controller"
_SATA: Final = "SATA"
_FLOPPY: Final = "Floppy Controller"
_SCSI: Final = ("LsiLogic", "BusLogic")
"""Names of SCSI controllers, which are those of their models."""

_IDE_DISKS: Final = {"hda": (0, 0), "hdb": (0, 1), "hdd": (1, 1)}
"""Slots of the hard disks by option."""

_OPTICAL_SLOT: Final = (1, 0)
_MOST_SATA_PORT: Final = 30
_MOST_SCSI_PORT: Final = 16
_DISK: Final = "none | uuid | filename"
_SWITCH: Final = {"on": True, "enable": True, "off": False, "disable": False}


def _slot(draft: Draft, controller: str, port: int, device: int) -> Slot:
    if draft.context is None:
        raise CommandError("Drives of a running machine are changed with 'storageattach'")
    found = require_controller(draft.settings, controller)
    return Slot(draft.context, draft.settings, draft.folder, found, port, device)


def _put(slot: Slot, kind: str, medium: str) -> None:
    attach(slot, medium, Arguments([Given("type", kind, 0, (), "--type")], []))


def _put_disk(slot: Slot, medium: str) -> None:
    if medium.lower() != "none":
        _put(slot, "hdd", medium)
    elif slot.drive is not None:
        detach(slot)


def _ide_disk(port: int, device: int, draft: Draft, given: Given) -> None:
    _put_disk(_slot(draft, _IDE, port, device), given.value)


for _key, (_port, _device) in _IDE_DISKS.items():
    modifies(_key, value=_DISK, help=f"Hard disk {_port}:{_device} of '{_IDE}'.")(
        partial(_ide_disk, _port, _device)
    )


@modifies(
    "idecontroller", value="PIIX3 | PIIX4 | ICH6", old=("idec-ontroller",),
    help=f"Model of '{_IDE}'.",
)  # fmt: skip
def _ide_model(draft: Draft, given: Given) -> None:
    if given.value.lower() not in ("piix3", "piix4", "ich6"):
        raise bad_argument(given)
    set_type(require_controller(draft.settings, _IDE), given.value)


@modifies(
    "sata-port-count", value="number", old=("sataportcount",), help=f"Ports of '{_SATA}'."
)
def _sata_ports(draft: Draft, given: Given) -> None:
    set_port_count(require_controller(draft.settings, _SATA), str(number(given)))


@modifies(
    "sata-port", value=_DISK, old=("sataport",), indexed=_MOST_SATA_PORT,
    help=f"Hard disk at a port of '{_SATA}'.",
)  # fmt: skip
def _sata_disk(draft: Draft, given: Given) -> None:
    _put_disk(_slot(draft, _SATA, given.index, 0), given.value)


@modifies("sata", value="on | off", help=f"Add or remove the controller '{_SATA}'.")
def _sata(draft: Draft, given: Given) -> None:
    if _on(given):
        add_controller(draft.settings, _SATA, "sata")
    else:
        require_controller(draft.settings, _SATA)
        remove_controller(draft.settings, _SATA)


@modifies(
    "scsi-port", value=_DISK, old=("scsiport",), indexed=_MOST_SCSI_PORT,
    help="Hard disk at a port of the SCSI controller.",
)  # fmt: skip
def _scsi_disk(draft: Draft, given: Given) -> None:
    _put_disk(_slot(draft, _scsi_name(draft), given.index, 0), given.value)


@modifies(
    "scsi-type", value=" | ".join(_SCSI), old=("scsitype",), help="Another SCSI controller."
)
def _scsi_model(draft: Draft, given: Given) -> None:
    model = next((each for each in _SCSI if each.lower() == given.value.lower()), None)
    if model is None:
        raise bad_argument(given)
    remove_controller(draft.settings, _scsi_name(draft))
    add_controller(draft.settings, model, "scsi")
    set_type(require_controller(draft.settings, model), model)


@modifies("scsi", value="on | off", help="Add or remove the SCSI controller.")
def _scsi(draft: Draft, given: Given) -> None:
    if not _on(given):
        remove_controller(draft.settings, _scsi_name(draft))
        return
    add_controller(draft.settings, "BusLogic", "scsi")
    set_type(require_controller(draft.settings, "BusLogic"), "BusLogic")


def _scsi_name(draft: Draft) -> str:
    """The SCSI controller that there is."""
    for name in _SCSI:
        if draft.hardware.controller(name) is not None:
            return name
    return require_controller(draft.settings, _SCSI[0]).name


@modifies(
    "dvd-pass-through", value="on | off", old=("dvdpassthrough",),
    help=f"The optical drive of '{_IDE}' hands raw commands to the host's drive.",
)  # fmt: skip
def _passthrough(draft: Draft, given: Given) -> None:
    drive = require_controller(draft.settings, _IDE).attachment(*_OPTICAL_SLOT)
    if drive is None:
        raise CommandError(f"No drive attached to device slot 0 on port 1 of controller '{_IDE}'")
    drive.passthrough = switch(given)


@modifies(
    "dvd", value="none | uuid | filename | host:drive",
    help=f"What is in the optical drive of '{_IDE}'.",
)  # fmt: skip
def _dvd(draft: Draft, given: Given) -> None:
    medium = "emptydrive" if given.value.lower() == "none" else given.value
    _put(_slot(draft, _IDE, *_OPTICAL_SLOT), "dvddrive", medium)


@modifies(
    "floppy", value="disabled | none | uuid | filename | host:drive",
    help=f"The drive of '{_FLOPPY}', and what is in it.",
)  # fmt: skip
def _floppy(draft: Draft, given: Given) -> None:
    slot = _slot(draft, _FLOPPY, 0, 0)
    word = given.value.lower()
    if word == "disabled":
        _put_disk(slot, "none")
    else:
        _put(slot, "fdd", "emptydrive" if word in ("none", "empty") else given.value)


def _on(given: Given) -> bool:
    if given.value.lower() not in _SWITCH:
        raise bad_argument(given)
    return _SWITCH[given.value.lower()]
