"""What scripts do with VBoxManage: call it, look at the exit code, take texts apart.

Vagrant's driver takes standard output apart with regular expressions and treats the words
``VBoxManage: error:`` on standard error as a failure; Packer looks at the exit code.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.app.service.support import ROOT


class VBoxManageError(Exception):
    """A call failed; the text is its standard error."""


class VBoxManage:
    """``alias VBoxManage=vitrine-manage``."""

    def __init__(self) -> None:
        self.errors = ""

    def raw(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def __call__(self, *words: str) -> str:
        done = self.raw(*words)
        self.errors = done.stderr
        if done.returncode or re.search(r"VBoxManage([.a-z]+?)?: error:", done.stderr):
            raise VBoxManageError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def lines(self, *words: str) -> list[str]:
        return self(*words).split("\n")


class VagrantDriver:
    """The calls of Vagrant's driver for VirtualBox 7, and how it reads their answers."""

    def __init__(self, uuid: str = "") -> None:
        self.execute = VBoxManage()
        self.uuid = uuid

    def _info(self, uuid: str = "") -> list[str]:
        return self.execute.lines("showvminfo", uuid or self.uuid, "--machinereadable")

    # -- what there is -------------------------------------------------------------------------

    def read_version(self) -> str:
        return self.execute("--version").split("_")[0].split("r")[0]

    def read_vms(self) -> dict[str, str]:
        found = (re.search(r'^"(.+?)" \{(.+?)\}$', line) for line in self.execute.lines("list", "vms"))
        return {match[1]: match[2] for match in found if match}

    def machine_id(self, name: str) -> str | None:
        output = self.execute("list", "vms")
        match = re.search(rf'^"{re.escape(name)}" \{{(.+?)\}}$', output, re.MULTILINE)
        return match[1] if match else None

    def exists(self, uuid: str) -> bool:
        return self.execute.raw("showvminfo", uuid).returncode == 0

    def read_state(self) -> str | None:
        output = "\n".join(self._info())
        if re.search(r'^name="<inaccessible>"$', output, re.MULTILINE):
            return "inaccessible"
        match = re.search(r'^VMState="(.+?)"$', output, re.MULTILINE)
        return match[1] if match else None

    def read_machine_folder(self) -> str | None:
        for line in self.execute.lines("list", "systemproperties"):
            if match := re.search(r"^Default machine folder:\s+(.+?)$", line, re.IGNORECASE):
                return match[1]
        return None

    def _blocks(self, keyword: str, keys: dict[str, str]) -> list[dict[str, str]]:
        result = []
        for block in self.execute("list", keyword).split("\n\n"):
            info = {}
            for line in block.split("\n"):
                for name, key in keys.items():
                    if match := re.search(rf"^{name}:\s+(.+?)$", line):
                        info[key] = match[1]
            result.append(info)
        return result

    def read_bridged_interfaces(self) -> list[dict[str, str]]:
        return self._blocks("bridgedifs", {"Name": "name", "IPAddress": "ip",
                                           "NetworkMask": "netmask", "Status": "status"})  # fmt: skip

    def read_host_only_interfaces(self) -> list[dict[str, str]]:
        return self._blocks("hostonlyifs", {
            "Name": "name", "IPAddress": "ip", "NetworkMask": "netmask", "IPV6Address": "ipv6",
            "IPV6NetworkMaskPrefixLength": "ipv6_prefix", "Status": "status"})  # fmt: skip

    def read_dhcp_servers(self) -> list[dict[str, str]]:
        return self._blocks("dhcpservers", {
            "NetworkName": "network_name", "Dhcpd IP": "ip", "NetworkMask": "netmask",
            "LowerIPAddress": "lower", "UpperIPAddress": "upper"})  # fmt: skip

    # -- network -------------------------------------------------------------------------------

    def read_mac_addresses(self) -> dict[int, str]:
        found = (re.search(r'^macaddress(\d+)="(.+?)"$', line) for line in self._info())
        return {int(match[1]): match[2] for match in found if match}

    def read_network_interfaces(self) -> dict[int, dict[str, str]]:
        nics: dict[int, dict[str, str]] = {}
        for line in self._info():
            for pattern, key in ((r'^nic(\d+)="(.+?)"$', "type"),
                                 (r'^hostonlyadapter(\d+)="(.+?)"$', "hostonly"),
                                 (r'^bridgeadapter(\d+)="(.+?)"$', "bridge")):  # fmt: skip
                if match := re.search(pattern, line):
                    nics.setdefault(int(match[1]), {})[key] = match[2]
        return nics

    def read_forwarded_ports(self, uuid: str = "") -> list[tuple[int, str, int, int, str]]:
        nic, results = 0, []
        for line in self._info(uuid):
            if match := re.search(r'^nic(\d+)=".+?"$', line):
                nic = int(match[1])
            if match := re.search(r'^Forwarding.+?="(.+?),.+?,(.*?),(.+?),.*?,(.+?)"$', line):
                results.append((nic, match[1], int(match[3]), int(match[4]), match[2]))
        return results

    def clear_forwarded_ports(self) -> None:
        words = []
        for nic, name, *_ in self.read_forwarded_ports():
            words += [f"--natpf{nic}", "delete", name]
        if words:
            self.execute("modifyvm", self.uuid, *words)

    def forward_ports(self, *ports: tuple[str, int, int]) -> None:
        words = []
        for name, host, guest in ports:
            words += ["--natpf1", f"{name},tcp,127.0.0.1,{host},,{guest}"]
        self.execute("modifyvm", self.uuid, *words)

    # -- folders, properties, disks ------------------------------------------------------------

    def share_folder(self, name: str, path: Path, *flags: str) -> None:
        key = f"VBoxInternal2/SharedFoldersEnableSymlinksCreate/{name}"
        self.execute("setextradata", self.uuid, key, "1")
        self.execute("sharedfolder", "add", self.uuid, "--name", name, "--hostpath", str(path), *flags)

    def shared_folders(self) -> list[str]:
        pattern = r'^SharedFolderNameMachineMapping\d+="(.+?)"$'
        return [match[1] for line in self._info() if (match := re.search(pattern, line))]

    def read_guest_property(self, name: str) -> str | None:
        output = self.execute("guestproperty", "get", self.uuid, name)
        match = re.search(r"^Value: (.+?)$", output, re.MULTILINE)
        return match[1] if match else None

    def list_hdds(self) -> list[dict[str, str]]:
        disks, disk = [], {}
        for line in self.execute.lines("list", "hdds"):
            if not line:
                if disk:
                    disks.append(disk)
                disk = {}
                continue
            key, _, value = line.partition(":")
            disk[key.strip()] = value.strip()
        return disks

    def read_storage_controllers(self) -> list[dict[str, Any]]:
        info = dict(line.partition("=")[::2] for line in self._info() if "=" in line)
        info = {key.strip('"'): value.strip('"') for key, value in info.items()}
        controllers = []
        for key, name in info.items():
            if match := re.fullmatch(r"storagecontrollername(\d+)", key):
                images = {
                    place.removeprefix(f"{name}-ImageUUID-"): value
                    for place, value in info.items()
                    if re.fullmatch(rf"{re.escape(name)}-ImageUUID-\d+-\d+", place)
                }
                controllers.append({
                    "name": name, "type": info[f"storagecontrollertype{match[1]}"], "images": images,
                    "maxports": int(info[f"storagecontrollermaxportcount{match[1]}"])})  # fmt: skip
        return controllers

    # -- running -------------------------------------------------------------------------------

    def start(self, mode: str = "headless") -> bool:
        done = self.execute.raw("startvm", self.uuid, "--type", mode)
        told = re.search(r'VM ".+?" has been successfully started', done.stdout) is not None
        if done.returncode and not told:
            raise VBoxManageError(done.stderr)
        return told

    def halt(self) -> None:
        self.execute("controlvm", self.uuid, "poweroff")

    def delete(self) -> None:
        self.execute("unregistervm", self.uuid, "--delete")


def progress_percents(errors: str) -> list[int]:
    """The numbers of a progress line, as Vagrant looks for them."""
    return [int(number) for number in re.findall(r"(\d{1,3})%", errors)]


def retrying(call: Callable[[], bool], times: int = 200) -> bool:
    """Whether ``call`` became true within some seconds."""
    import time

    for _ in range(times):
        if call():
            return True
        time.sleep(0.05)
    return False
