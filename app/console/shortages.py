"""What a machine has less of than its settings say, told to whoever starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.console.audio import tell_audio_trouble
from app.console.networks import boot_omissions
from app.settings.enums import BootDevice

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings.model import HardwareSettings
    from engine.vm import VM


def tell_shortages(
    vm: VM, hardware: HardwareSettings, report: Callable[[str, str], None]
) -> None:
    """Report what the host does not have for a machine.

    Args:
        vm: the machine.
        hardware: its settings.
        report: ``(error ID, sentence)``.
    """
    if vm.shortage:
        report("OneProcessor", vm.shortage)
    tell_audio_trouble(vm, hardware.audio, report)
    # Who has the network behind other devices does not count on it; the log says it.
    if hardware.boot_order[:1] == [BootDevice.NETWORK]:
        for sentence in boot_omissions(hardware):
            report("NoNetworkBoot", sentence)
