"""Why the host refuses KVM, each in words that say what to do."""

from __future__ import annotations

import errno
import grp
import os
import stat
from pathlib import Path
from typing import Final

CPUINFO: Final = Path("/proc/cpuinfo")
_MODULES: Final = {"vmx": ("kvm_intel", "VT-x"), "svm": ("kvm_amd", "AMD-V (SVM)")}
_GROUP_MAY: Final = stat.S_IRGRP | stat.S_IWGRP
_ELSE: Final = "Choose the execution engine Unicorn for this machine."


def cannot_open(device: str, error: OSError, cpuinfo: Path = CPUINFO) -> str:
    """Return why the device cannot be opened.

    Args:
        device: path of it.
        error: what opening it has led to.
        cpuinfo: what the kernel tells of the processor.
    """
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"You may not use {device}. {_permission(device)}"
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        # With static device nodes the file is there before, and without, the module.
        return f"This host has no {device}. {_without_module(cpuinfo)}"
    return f"{device} cannot be opened: {error.strerror}. {_ELSE}"


def cannot_create(error: OSError) -> str:
    """Return why the kernel makes no machine, or no CPU for it."""
    number = error.errno
    if number == errno.EBUSY:
        return (
            "Another hypervisor uses the processor's virtualization. Stop its machines first, or "
            "unload its kernel module."
        )
    if number in (errno.ENODEV, errno.EOPNOTSUPP):
        return (
            "The kernel's KVM is loaded but cannot switch the processor's virtualization on. "
            "Switch VT-x or AMD-V on in the firmware setup; inside a virtual machine, have the "
            "outer one allow nested virtualization."
        )
    if number == errno.ENOMEM:
        return "The host has too little free memory for KVM. End other programs or machines."
    if number in (errno.EMFILE, errno.ENFILE):
        return "Too many files are open for KVM. Raise the limit (ulimit -n), or end machines."
    return f"KVM cannot make a machine: {error.strerror}. {_ELSE}"


def cannot_run(error: int) -> str:
    """Return why the kernel does not run a CPU; ``error`` is the number of the error."""
    if error == errno.ENOMEM:
        return "KVM cannot run the CPU: the host has run out of memory. End other programs."
    if error == errno.EFAULT:
        return (
            "KVM cannot run the CPU: memory of the machine is not available to the host's kernel. "
            "Look for lack of memory or large pages on the host, and start the machine again."
        )
    return f"KVM cannot run the CPU: {os.strerror(error)}. {_ELSE}"


def _permission(device: str) -> str:
    try:
        found = os.stat(device)
        group = grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        found, group = None, "kvm"
    if found is None or found.st_mode & _GROUP_MAY == _GROUP_MAY:
        return (
            f"Add yourself to its group: sudo usermod -aG {group} $USER, then log in again."
        )
    return f"Its group may not either; give yourself access: sudo setfacl -m u:$USER:rw {device}."


def _without_module(cpuinfo: Path) -> str:
    try:
        text = cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        text = ""
    flags = next(
        (line.split() for line in text.splitlines() if line.startswith("flags")), []
    )
    for flag, (module, name) in _MODULES.items():
        if flag in flags:
            return (
                f"Load the kernel module {module}: sudo modprobe {module}; when it says that the "
                f"operation is not supported, switch {name} on in the firmware setup."
            )
    if "hypervisor" in flags:
        return (
            "It is a virtual machine itself: have the outer one allow nested virtualization, "
            "then load the kernel module kvm_intel or kvm_amd."
        )
    return (
        "Its processor shows no virtualization: switch VT-x or AMD-V on in the firmware setup, "
        "then load the kernel module kvm_intel or kvm_amd."
    )
