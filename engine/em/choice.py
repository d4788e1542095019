"""Which execution engine runs a machine, and why."""

from __future__ import annotations

import logging
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from engine.cpum import CpuProfile
from engine.em.unicorn import UnicornEngine
from engine.errors import ConfigurationError, ExecutionEngineError
from engine.gim import Provider

if TYPE_CHECKING:
    from engine.cfgm import Node
    from engine.em.backend import ExecutionEngine

log = logging.getLogger("engine.em")

NOT_LINUX = "KVM is a part of Linux; this host runs something else."


class EngineName(StrEnum):
    """What a configuration may ask for."""

    DEFAULT = "Default"
    UNICORN = "Unicorn"
    KVM = "KVM"


class Choice(NamedTuple):
    """An engine and the sentence that tells why it was taken."""

    engine: ExecutionEngine
    reason: str


def choose_engine(
    wanted: str,
    profile: CpuProfile,
    provider: Provider = Provider.NONE,
    *,
    cpus: int = 1,
    kernel_chips: bool | None = None,
    large_pages: bool = False,
) -> Choice:
    """Make the engine that a configuration asks for.

    ``Default`` takes KVM where the host has it and executes guests with the processor itself, else
    Unicorn.

    Args:
        wanted: name of an engine.
        profile: what CPUID answers.
        provider: the paravirtualization interface.
        cpus: processors of the machine; Unicorn has one all the same.
        kernel_chips: use interrupt controllers and timer of the host's kernel; None: where its
            KVM lets the processor execute guests (an interpreter looks for interrupts too rarely
            for firmware that lets them in for an instruction only), or several CPUs need them.
        large_pages: KVM shall have the guest's memory in large pages of the host.

    Raises:
        ConfigurationError: there is no engine of this name.
        ExecutionEngineError: the engine that was asked for by name cannot be used; says why.
    """
    try:
        name = EngineName(wanted)
    except ValueError:
        known = ", ".join(EngineName)
        raise ConfigurationError(
            f"There is no execution engine {wanted!r}; there are {known}."
        ) from None
    if name is EngineName.UNICORN:
        return Choice(UnicornEngine(profile, provider), "The settings ask for Unicorn.")
    if not _on_linux():
        if name is EngineName.KVM:
            raise ExecutionEngineError(NOT_LINUX)
        return Choice(UnicornEngine(profile, provider), NOT_LINUX)
    # Not before now: on other systems there is nothing to import it for.
    from engine.em.kvm import KvmEngine
    from engine.em.kvm.probe import unsuitable

    def make_kvm() -> KvmEngine:
        chips = cpus > 1 or not unsuitable() if kernel_chips is None else kernel_chips
        return KvmEngine(
            profile, provider, cpus=cpus, kernel_chips=chips, large_pages=large_pages
        )

    if name is EngineName.KVM:
        return Choice(make_kvm(), "The settings ask for KVM.")
    reason = unsuitable()
    if reason:
        return Choice(UnicornEngine(profile, provider), reason)
    return Choice(make_kvm(), "The host's processor executes guests by itself.")


def engine_of(tree: Node, provider: Provider) -> Choice:
    """Make the engine that a machine's configuration asks for; raises as :func:`choose_engine`."""
    execution, hm = tree.find("EM"), tree.find("HM")
    wanted = execution.string("ExecutionEngine", "") if execution else ""
    choice = choose_engine(
        wanted or EngineName.DEFAULT,
        CpuProfile.from_cfgm(tree.find("CPUM")),
        provider,
        cpus=tree.integer("NumCPUs", 1),
        kernel_chips=hm.boolean("KernelChips") if hm and "KernelChips" in hm.values else None,
        large_pages=hm.boolean("EnableLargePages", default=False) if hm else False,
    )
    log.info("EM: execution engine %s. %s", choice.engine.name, choice.reason)
    if choice.engine.name == EngineName.KVM:
        _report_host(hm)
    return choice


def _report_host(hm: Node | None) -> None:
    """Write to the log what of the settings the host's KVM does."""
    from engine.em.kvm.hostsettings import in_force, report

    switches = hm.values if hm is not None else {}
    wanted = {name: value for name, value in switches.items() if isinstance(value, bool)}
    for row in report(wanted, in_force()):
        log.info("%s", row)


def _on_linux() -> bool:
    return sys.platform == "linux"
