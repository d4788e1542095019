"""``host``: the computer that the service runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import NetworkConfigurationChanged
from app.api.hoststructs import (
    HostCpuIdLeaf,
    HostInfo,
    HostInterfaceType,
    HostNetworkInterface,
    HostUsbDevice,
    HostVideoInput,
)
from app.service.dispatch import CallContext, Style, handler
from app.service.host import networks
from app.service.host.cpu import cpuid_leaves
from app.service.host.info import host_info
from app.service.host.usb import usb_devices, video_inputs
from app.settings.installation import GlobalSettings, HostUsbDeviceFilter

T = TypeVar("T")


@handler("host.get_info", Style.WORKER)
def _get_info(_context: CallContext) -> HostInfo:
    return host_info()


@handler("host.list_cpuid_leaves", Style.WORKER)
def _list_cpuid_leaves(_context: CallContext) -> list[HostCpuIdLeaf]:
    return cpuid_leaves()


@handler("host.list_usb_devices", Style.WORKER)
def _list_usb_devices(_context: CallContext) -> list[HostUsbDevice]:
    return usb_devices()


@handler("host.list_video_inputs", Style.WORKER)
def _list_video_inputs(_context: CallContext) -> list[HostVideoInput]:
    return video_inputs()


# -- network interfaces ----------------------------------------------------------------------------


@handler("host.list_network_interfaces", Style.WORKER)
def _list_network_interfaces(
    context: CallContext, type: HostInterfaceType  # noqa: A002 - name on the wire
) -> list[HostNetworkInterface]:
    if type is HostInterfaceType.BRIDGED:
        return networks.bridgeable_interfaces(context.service.registry.all_extra_data())
    return networks.host_only_interfaces(context.service.registry.all_extra_data())


@handler("host.create_host_only_interface", Style.WORKER)
def _create_host_only_interface(context: CallContext) -> HostNetworkInterface:
    name = _change_extra_data(context, networks.new_host_only_interface)
    context.service.networks.show_interface(name)
    _changed(context, name)
    return networks.require_host_only(context.service.registry.all_extra_data(), name)


@handler("host.configure_host_only_interface", Style.WORKER)
def _configure_host_only_interface(
    context: CallContext,
    name: str,
    dhcp: bool,
    ip_address: str,
    network_mask: str,
    ipv6_address: str,
    ipv6_prefix_length: int,
) -> None:
    def configure(extra_data: dict[str, str]) -> None:
        networks.configure_host_only_interface(
            extra_data,
            name,
            dhcp=dhcp,
            ip_address=ip_address,
            network_mask=network_mask,
            ipv6_address=ipv6_address,
            ipv6_prefix_length=ipv6_prefix_length,
        )

    _change_extra_data(context, configure)
    context.service.networks.show_interface(name)
    _changed(context, name)


@handler("host.remove_host_only_interface", Style.WORKER)
def _remove_host_only_interface(context: CallContext, name: str) -> None:
    network = networks.NETWORK_PREFIX + name

    def remove(settings: GlobalSettings) -> GlobalSettings:
        extra_data = dict(settings.extra_data)
        networks.remove_host_only_interface(extra_data, name)
        servers = [server for server in settings.dhcp_servers if server.network_name != network]
        return msgspec.structs.replace(settings, extra_data=extra_data, dhcp_servers=servers)

    context.service.registry.change_settings(remove)
    context.service.networks.remove_interface(name)
    _changed(context, name)


def _change_extra_data(context: CallContext, change: Callable[[dict[str, str]], T]) -> T:
    """Apply a change to the extra data of the installation; returns its result."""
    results: list[T] = []

    def changed(settings: GlobalSettings) -> GlobalSettings:
        extra_data = dict(settings.extra_data)
        results.append(change(extra_data))
        return msgspec.structs.replace(settings, extra_data=extra_data)

    context.service.registry.change_settings(changed)
    return results[-1]


def _changed(context: CallContext, name: str) -> None:
    network = networks.NETWORK_PREFIX + name
    context.service.hub.fire(NetworkConfigurationChanged(name=network))


# -- USB device filters ----------------------------------------------------------------------------


@handler("host.list_usb_device_filters")
def _list_usb_device_filters(context: CallContext) -> list[HostUsbDeviceFilter]:
    return context.service.registry.settings.usb_filters


@handler("host.insert_usb_device_filter", Style.WORKER)
def _insert_usb_device_filter(
    context: CallContext, position: int, filter: HostUsbDeviceFilter  # noqa: A002
) -> None:
    def insert(filters: list[HostUsbDeviceFilter]) -> None:
        filters.insert(min(_position(position), len(filters)), filter)

    _change_filters(context, insert)


@handler("host.replace_usb_device_filter", Style.WORKER)
def _replace_usb_device_filter(
    context: CallContext, position: int, filter: HostUsbDeviceFilter  # noqa: A002
) -> None:
    def replace(filters: list[HostUsbDeviceFilter]) -> None:
        filters[_position(position, len(filters))] = filter

    _change_filters(context, replace)


@handler("host.remove_usb_device_filter", Style.WORKER)
def _remove_usb_device_filter(context: CallContext, position: int) -> None:
    def remove(filters: list[HostUsbDeviceFilter]) -> None:
        del filters[_position(position, len(filters))]

    _change_filters(context, remove)


def _change_filters(
    context: CallContext, change: Callable[[list[HostUsbDeviceFilter]], None]
) -> None:
    def changed(settings: GlobalSettings) -> GlobalSettings:
        filters = list(settings.usb_filters)
        change(filters)
        return msgspec.structs.replace(settings, usb_filters=filters)

    context.service.registry.change_settings(changed)


def _position(position: int, count: int | None = None) -> int:
    if position < 0 or (count is not None and position >= count):
        there_are = "" if count is None else f": there are {count}"
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"The USB device filter position {position} is out of range{there_are}.",
            "host",
        )
    return position
