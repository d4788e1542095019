"""``IHost``: the computer on which the service runs."""

from __future__ import annotations

from typing import Protocol

from app.api.hoststructs import (
    HostCpuIdLeaf,
    HostInfo,
    HostInterfaceType,
    HostNetworkInterface,
    HostUsbDevice,
    HostVideoInput,
)
from app.api.schema import interface
from app.settings.installation import HostUsbDeviceFilter


@interface("host")
class Host(Protocol):
    """Methods of the host."""

    def get_info(self) -> HostInfo:
        """Processors, memory and system."""

    def list_cpuid_leaves(self) -> list[HostCpuIdLeaf]:
        """Standard, extended and Centaur leaves of CPUID of the processor that answers.

        Raises:
            ApiError: ``VBOX_E_PLATFORM_ARCH_NOT_SUPPORTED``: no x86 processor;
                ``VBOX_E_HOST_ERROR``: the host does not let programs ask.
        """

    def list_network_interfaces(self, type: HostInterfaceType) -> list[HostNetworkInterface]:  # noqa: A002
        """Interfaces of the host to bridge to, the default route's first, or host-only ones."""

    def create_host_only_interface(self) -> HostNetworkInterface:
        """Add ``vboxnetN`` with a network of its own (192.168.56.1/24 the first) to the settings.

        It is not brought up: machines cannot use it yet.
        """

    def configure_host_only_interface(
        self,
        name: str,
        *,
        dhcp: bool = False,
        ip_address: str = "",
        network_mask: str = "",
        ipv6_address: str = "",
        ipv6_prefix_length: int = 0,
    ) -> None:
        """Store the addresses of a host-only interface.

        With ``dhcp`` the IPv4 address is left to the DHCP client of the host; else ``ip_address``
        or ``ipv6_address`` is required and the other family stays as it is. A mask that is empty
        follows from the class of the address, a prefix length of 0 means 64.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``, ``E_INVALIDARG`` (what is no address).
        """

    def remove_host_only_interface(self, name: str) -> None:
        """Remove a host-only interface, with the DHCP server of its network.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """

    def list_usb_devices(self) -> list[HostUsbDevice]:
        """USB devices that are plugged in, hubs excluded."""

    def list_video_inputs(self) -> list[HostVideoInput]:
        """Cameras."""

    def list_usb_device_filters(self) -> list[HostUsbDeviceFilter]:
        """Filters that decide for all machines, in the order in which they are tried."""

    def insert_usb_device_filter(self, position: int, filter: HostUsbDeviceFilter) -> None:  # noqa: A002
        """Insert a filter before ``position`` (from 0); behind the last one when it is larger."""

    def replace_usb_device_filter(self, position: int, filter: HostUsbDeviceFilter) -> None:  # noqa: A002
        """Replace the filter at ``position``.

        Raises:
            ApiError: ``E_INVALIDARG``: there are not so many.
        """

    def remove_usb_device_filter(self, position: int) -> None:
        """Remove the filter at ``position``.

        Raises:
            ApiError: ``E_INVALIDARG``: there are not so many.
        """
