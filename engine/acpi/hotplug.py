r"""AML for PCI hot plug: devices for the slots, and what guests do when something changes there.

References: QEMU, docs/specs/acpi_pci_hotplug.rst, for the registers
(:mod:`engine.devices.pcihotplug`); ACPI Specification 2.0, 5.6.2.2 (_E01), 5.6.3 (notifications)
and 6.3.3 (_EJ0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.acpi import aml
from engine.devices import pcihotplug as registers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEVICE_CHECK, EJECT_REQUEST = 1, 3
_DOUBLE_WORD: Final = 32  # bits
_CHANGED: Final = "PCNT"  # the method that asks what has changed


def slot_devices(slots: Sequence[int]) -> Iterable[bytes]:
    """Return the terms that belong into the device of the root bridge."""
    base = registers.BASE
    yield aml.operation_region("PCST", aml.SYSTEM_IO, base, registers.COUNT)
    yield aml.field(
        "PCST", aml.DWORD_ACCESS,
        ("PCIU", _DOUBLE_WORD), ("PCID", _DOUBLE_WORD), ("B0EJ", _DOUBLE_WORD),
    )  # fmt: skip
    for slot in slots:
        yield aml.device(
            _name(slot),
            aml.name("_SUN", aml.integer(slot)),
            aml.name("_ADR", aml.integer(slot << 16)),
            aml.method("_EJ0", 1, aml.store(_bit(slot), aml.name_string("B0EJ"))),
        )
    come, gone = aml.local(0), aml.local(1)
    yield aml.method(
        _CHANGED,
        0,
        # Each is read once: that of what has come is cleared by it.
        aml.store(aml.name_string("PCIU"), come),
        aml.store(aml.name_string("PCID"), gone),
        *(_tell(slot, come, DEVICE_CHECK) for slot in slots),
        *(_tell(slot, gone, EJECT_REQUEST) for slot in slots),
        serialized=True,
    )


def event_handler(bridge: str) -> bytes:
    """Return the scope with the handler of the general-purpose event; ``bridge``: its path."""
    handler = aml.method(f"_E{registers.EVENT:02X}", 0, aml.name_string(f"{bridge}.{_CHANGED}"))
    return aml.scope(r"\_GPE", handler)


def _name(slot: int) -> str:
    return f"S{slot:02X}"


def _bit(slot: int) -> bytes:
    return aml.integer(1 << slot)


def _tell(slot: int, slots: bytes, notification: int) -> bytes:
    return aml.if_(aml.and_(slots, _bit(slot)), aml.notify(_name(slot), notification))
