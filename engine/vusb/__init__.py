"""VUSB: what all USB host controllers share.

Devices answer transactions (:mod:`engine.vusb.device`), described by data
(:mod:`engine.vusb.descriptors`), and sit at the ports of a root hub (:mod:`engine.vusb.roothub`).
Controllers (``engine.devices.usb``) read the guest's schedules and move the data.
Reference: Universal Serial Bus Specification 2.0.
"""
