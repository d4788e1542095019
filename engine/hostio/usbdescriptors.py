"""What a device of the host tells of itself, as far as those who pass it on must know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.vusb.hostlink import Pipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KIND: Final = 3


class Descriptors:
    """The endpoints of each configuration, interface and setting, and which of them are chosen.

    Args:
        device: of libusb1.
    """

    def __init__(self, device: Any) -> None:
        self._configurations: dict[int, dict[int, dict[int, dict[int, Pipe]]]] = {}
        self._chosen: dict[int, int] = {}
        self._configuration = 0
        for configuration in device.iterConfigurations():
            interfaces = self._configurations.setdefault(configuration.getConfigurationValue(), {})
            for interface in configuration:
                for setting in interface:
                    settings = interfaces.setdefault(setting.getNumber(), {})
                    settings[setting.getAlternateSetting()] = _pipes(setting)

    def interfaces(self, configuration: int) -> Sequence[int]:
        """Return the numbers of a configuration's interfaces."""
        return list(self._configurations.get(configuration, {}))

    def configure(self, configuration: int) -> None:
        """Note that a configuration has been chosen, with the first setting of each interface."""
        self._configuration = configuration
        self._chosen.clear()

    def select(self, interface: int, setting: int) -> None:
        """Note that a setting has been chosen."""
        self._chosen[interface] = setting

    def chosen(self) -> Mapping[int, int]:
        """Return the settings that have been chosen, by interface."""
        return dict(self._chosen)

    def pipes(self) -> Mapping[int, Pipe]:
        """Return the endpoints of what is chosen, by address."""
        found: dict[int, Pipe] = {}
        for number, settings in self._configurations.get(self._configuration, {}).items():
            found |= settings.get(self._chosen.get(number, 0), {})
        return found


def _pipes(setting: Any) -> dict[int, Pipe]:
    pipes = {}
    for endpoint in setting:
        # The two bits above the size are the packets that are added in a microframe (9.6.6).
        size = endpoint.getMaxPacketSize()
        pipes[endpoint.getAddress()] = Pipe(
            kind=endpoint.getAttributes() & _KIND,
            max_packet=size & 0x7FF or 8,
            burst=1 + min(size >> 11 & 3, 2),
            interval=endpoint.getInterval(),
        )
    return pipes
