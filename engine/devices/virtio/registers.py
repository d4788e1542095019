"""Names of the virtio transport over PCI (virtio 1.2, 4.1 and 2.1; OASIS)."""

from __future__ import annotations

from typing import Final

VENDOR: Final = 0x1AF4
TRANSITIONAL_NETWORK, TRANSITIONAL_BLOCK = 0x1000, 0x1001
TRANSITIONAL_BALLOON, TRANSITIONAL_ENTROPY = 0x1002, 0x1005
MODERN: Final = 0x1040  # plus the number of the device's type (4.1.2)
NETWORK, BLOCK, ENTROPY, BALLOON, SCSI_HOST = 1, 2, 4, 5, 8  # types of devices (5)

# Device status (2.1).
ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET, FAILED = 1, 2, 4, 8, 0x40, 0x80

# Feature bits of every device (6).
F_ANY_LAYOUT: Final = 1 << 27
F_INDIRECT_DESC: Final = 1 << 28
F_EVENT_IDX: Final = 1 << 29
F_VERSION_1: Final = 1 << 32

# ISR status (4.1.4.5).
ISR_QUEUE, ISR_CONFIG = 1, 2

# Structures in the memory BAR, and the capabilities that tell of them (4.1.4).
BAR: Final = 2
COMMON, ISR, DEVICE, NOTIFY = 0x000, 0x100, 0x200, 0x400
REGISTER_SPACE: Final = 0x1000
NOTIFY_MULTIPLIER: Final = 4
COMMON_SIZE, ISR_SIZE, DEVICE_SIZE = 56, 1, 0x100
CAP_COMMON, CAP_NOTIFY, CAP_ISR, CAP_DEVICE, CAP_PCI = 1, 2, 3, 4, 5
CAP_VENDOR_SPECIFIC: Final = 0x09

# Common configuration (4.1.4.3).
DEVICE_FEATURE_SELECT, DEVICE_FEATURE = 0x00, 0x04
DRIVER_FEATURE_SELECT, DRIVER_FEATURE = 0x08, 0x0C
CONFIG_MSIX_VECTOR, NUM_QUEUES, DEVICE_STATUS, CONFIG_GENERATION = 0x10, 0x12, 0x14, 0x15
QUEUE_SELECT, QUEUE_SIZE, QUEUE_MSIX_VECTOR, QUEUE_ENABLE = 0x16, 0x18, 0x1A, 0x1C
QUEUE_NOTIFY_OFF, QUEUE_DESC, QUEUE_DRIVER, QUEUE_DEVICE = 0x1E, 0x20, 0x28, 0x30
NO_VECTOR: Final = 0xFFFF

# Legacy interface in the port BAR (4.1.4.8).
OLD_DEVICE_FEATURES, OLD_DRIVER_FEATURES, OLD_QUEUE_ADDRESS = 0, 4, 8
OLD_QUEUE_SIZE, OLD_QUEUE_SELECT, OLD_QUEUE_NOTIFY = 12, 14, 16
OLD_STATUS, OLD_ISR, OLD_DEVICE = 18, 19, 20
OLD_PORTS: Final = 64
OLD_PAGE: Final = 4096
"""Unit of the address of a legacy queue, and alignment of its used ring (2.7.2)."""
