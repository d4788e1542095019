"""Paravirtualization providers: the CPUID leaves from 4000_0000h, and what stands behind them.

The registers (MSRs) behind the leaves belong to the execution engine: only what it has is
announced. References: Linux, Documentation/virt/kvm/x86/cpuid.rst and msr.rst; Microsoft,
Hypervisor Top Level Functional Specification 6.0, chapters 2, 9, 10 and 12; VMware's
"Mechanisms to determine if software is running in a VMware virtual machine" (leaf 4000_0010h).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING, Final

from engine.cpum.table import words_of
from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from engine.cfgm import Node
    from engine.cpum.table import Leaf

FIRST: Final = 0x4000_0000
FREQUENCIES: Final = 0x4000_0010
KVM_SIGNATURE: Final = b"KVMKVMKVM"
HYPER_V_VENDOR: Final = b"Vitrine HyVM"
HYPER_V_INTERFACE: Final = 0x3123_7648  # "Hv#1"
HYPER_V_HIGHEST: Final = 0x4000_0006


class Provider(StrEnum):
    """What a configuration may ask for."""

    NONE = "None"
    MINIMAL = "Minimal"
    KVM = "KVM"
    HYPER_V = "HyperV"


class KvmFeature(IntFlag):
    """Leaf 4000_0001h of KVM, EAX."""

    CLOCKSOURCE = 1  # MSRs 11h and 12h
    CLOCKSOURCE2 = 1 << 3  # MSRs 4b564d00h and 4b564d01h
    PV_EOI = 1 << 6  # MSR 4b564d04h
    PV_UNHALT = 1 << 7  # the hypercall that kicks a CPU
    CLOCKSOURCE_STABLE = 1 << 24


class HyperVFeature(IntFlag):
    """Leaf 4000_0003h of Hyper-V, EAX: registers that the guest may use."""

    TIME_REFERENCE_COUNT = 1 << 1  # 4000_0020h
    APIC = 1 << 4  # 4000_0070h to 72h
    HYPERCALL = 1 << 5  # 4000_0000h, 4000_0001h: no guest uses the interface without
    VP_INDEX = 1 << 6  # 4000_0002h
    RESET = 1 << 7  # 4000_0003h
    REFERENCE_TSC = 1 << 9  # 4000_0021h
    FREQUENCIES = 1 << 11  # 4000_0022h, 4000_0023h


class HyperVMisc(IntFlag):
    """Leaf 4000_0003h of Hyper-V, EDX."""

    FREQUENCIES = 1 << 8
    CRASH = 1 << 10  # 4000_0100h to 105h


class HyperVHint(IntFlag):
    """Leaf 4000_0004h of Hyper-V, EAX."""

    APIC_REGISTERS = 1 << 3
    RESET_REGISTER = 1 << 4
    RELAXED_TIMING = 1 << 5


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an execution engine has for the guest.

    Attributes:
        tsc_khz: rate of the time-stamp counter in kHz.
        apic_khz: rate of the local APIC's timer in kHz.
        kvm: :class:`KvmFeature` bits. hyper_v: :class:`HyperVFeature` bits.
        hyper_v_misc: :class:`HyperVMisc` bits.
    """

    tsc_khz: int = 0
    apic_khz: int = 1_000_000
    kvm: int = 0
    hyper_v: int = 0
    hyper_v_misc: int = 0


def provider_named(name: str) -> Provider:
    """Return a provider.

    Raises:
        ConfigurationError: there is none of this name.
    """
    try:
        return Provider(name)
    except ValueError:
        raise ConfigurationError(
            f"There is no paravirtualization provider {name!r}; there are {', '.join(Provider)}."
        ) from None


def provider_of(tree: Node) -> Provider:
    """Return the provider that a machine's configuration asks for."""
    node = tree.find("GIM")
    return provider_named(node.string("Provider", Provider.NONE)) if node else Provider.NONE


def leaves(provider: Provider, abilities: Abilities) -> dict[int, Leaf]:
    """Return the leaves from 4000_0000h, by number.

    Without the register by which a guest names itself there is no Hyper-V for it: then it gets
    the leaves of ``Minimal``.
    """
    if provider is Provider.NONE:
        return {}
    if provider is Provider.KVM:
        signature = words_of(KVM_SIGNATURE, 3)
        return {
            FIRST: (FIRST + 1, signature[0], signature[1], signature[2]),
            FIRST + 1: (int(abilities.kvm), 0, 0, 0),
        }
    if provider is Provider.HYPER_V and abilities.hyper_v & HyperVFeature.HYPERCALL:
        return _hyper_v(abilities)
    return {
        FIRST: (FREQUENCIES, 0, 0, 0),
        FREQUENCIES: (abilities.tsc_khz, abilities.apic_khz, 0, 0),
    }


def _hyper_v(abilities: Abilities) -> dict[int, Leaf]:
    vendor = words_of(HYPER_V_VENDOR, 3)
    features = abilities.hyper_v
    hints = HyperVHint.RELAXED_TIMING
    if features & HyperVFeature.APIC:
        hints |= HyperVHint.APIC_REGISTERS
    if features & HyperVFeature.RESET:
        hints |= HyperVHint.RESET_REGISTER
    return {
        FIRST: (HYPER_V_HIGHEST, vendor[0], vendor[1], vendor[2]),
        FIRST + 1: (HYPER_V_INTERFACE, 0, 0, 0),
        FIRST + 2: (0, 0, 0, 0),  # no version: no guest depends on one
        FIRST + 3: (int(features), 0, 0, int(abilities.hyper_v_misc)),
        FIRST + 4: (int(hints), 0, 0, 0),
        FIRST + 5: (0, 0, 0, 0),
        FIRST + 6: (0, 0, 0, 0),
    }


def describe(provider: Provider, abilities: Abilities) -> str:
    """Return the line for the log: the provider, and what of it this engine does not have."""
    line = f"GIM: Using provider '{provider}' (Implementation version: 0)"
    if provider is Provider.KVM and not abilities.kvm & KvmFeature.CLOCKSOURCE2:
        return f"{line}; the execution engine has no clock registers"
    if provider is Provider.HYPER_V and not abilities.hyper_v & HyperVFeature.HYPERCALL:
        return f"{line}; the execution engine has none of its registers: the guest sees 'Minimal'"
    return line
