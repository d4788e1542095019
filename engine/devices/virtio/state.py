"""What a saved state of a virtio device holds."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.pdm import DeviceState

Address = Annotated[int, msgspec.Meta(ge=0)]
Half = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class QueueState(msgspec.Struct, kw_only=True):
    """A split virtqueue (virtio 1.2, 2.7).

    Attributes:
        size: entries; a power of two.
        descriptors, available, used: addresses of its three parts.
        last_available: number of the next entry of the available ring to be taken.
        used_index: number of the next entry of the used ring to be filled.
        in_flight: first descriptors of what has been taken and not given back.
    """

    size: Half = 0
    enabled: bool = False
    descriptors: Address = 0
    available: Address = 0
    used: Address = 0
    last_available: Half = 0
    used_index: Half = 0
    in_flight: list[Half] = []


class VirtioState(DeviceState):
    """The transport.

    Attributes:
        driver_features: what the driver has accepted.
        device_feature_select, driver_feature_select: which half of the features is shown.
        generation: of the device configuration.
    """

    status: int = 0
    driver_features: Annotated[int, msgspec.Meta(ge=0)] = 0
    device_feature_select: Word = 0
    driver_feature_select: Word = 0
    generation: Annotated[int, msgspec.Meta(ge=0, le=0xFF)] = 0
    queue_select: Half = 0
    isr: int = 0
    queues: list[QueueState] = []
