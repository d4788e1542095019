"""Guest operating systems: their ids in settings files and what suits them."""

from __future__ import annotations

import functools
import importlib.resources
import re

import msgspec


class OsType(msgspec.Struct, frozen=True, kw_only=True):
    """A guest operating system.

    Attributes:
        id: identifier in settings files.
        description: name shown to people.
        family_id: family: Windows, Linux, Solaris, BSD, OS2, MacOS or Other.
        family_description: name of the family shown to people.
        subtype: distribution or edition within the family, empty when the family has none.
        architecture: ``x86`` or ``ARM``.
        is_64bit: the system needs a 64-bit processor.
        recommended_cpus: number of processors.
        recommended_memory_mb: memory in MB.
        recommended_vram_mb: video memory in MB.
        recommended_disk_bytes: size of the system's disk.
        recommended_graphics: model of the graphics adapter.
        recommended_storage: model of the controller for the hard disk.
        recommended_dvd_storage: model of the controller for the optical drive.
        recommended_network: model of the network adapter.
        recommended_audio: model of the audio adapter.
        recommended_firmware: ``BIOS`` or ``EFI``.
        recommended_chipset: chipset of the board.
        recommended_usb: USB controller, empty for none.
        usb_tablet: a USB tablet suits better than a PS/2 mouse.
        rtc_utc: the system keeps the hardware clock in UTC.
        ioapic: the system wants an I/O APIC.
        floppy: the system is one that people install from floppy disks.
        tpm: the system wants a TPM 2.0.
        secure_boot: the system wants secure boot.
    """

    id: str
    description: str
    family_id: str
    family_description: str
    subtype: str = ""
    architecture: str = "x86"
    is_64bit: bool = False
    recommended_cpus: int = 1
    recommended_memory_mb: int = 64
    recommended_vram_mb: int = 4
    recommended_disk_bytes: int = 2 << 30
    recommended_graphics: str = "VBoxVGA"
    recommended_storage: str = "PIIX4"
    recommended_dvd_storage: str = "PIIX4"
    recommended_network: str = "Am79C973"
    recommended_audio: str = "AC97"
    recommended_firmware: str = "BIOS"
    recommended_chipset: str = "PIIX3"
    recommended_usb: str = "OHCI"
    usb_tablet: bool = False
    rtc_utc: bool = False
    ioapic: bool = False
    floppy: bool = False
    tpm: bool = False
    secure_boot: bool = False


# Names that people give machines, most telling first; a 64-bit id is preferred where the system
# exists for both, unless the name says otherwise.
_WIN = r"win(?:dows)?[ -]?(?:server[ -]?)?"
_GUESSES: tuple[tuple[str, str, str], ...] = (
    (r"darwin", "MacOS_64", "MacOS"),
    (_WIN + r"2025", "Windows2025_64", ""),
    (_WIN + r"2022", "Windows2022_64", ""),
    (_WIN + r"2019", "Windows2019_64", ""),
    (_WIN + r"2016", "Windows2016_64", ""),
    (_WIN + r"2012", "Windows2012_64", ""),
    (_WIN + r"2008", "Windows2008_64", "Windows2008"),
    (_WIN + r"2003|w2k3", "Windows2003_64", "Windows2003"),
    (_WIN + r"2000|win2k|w2k", "Windows2000", ""),
    (_WIN + r"11", "Windows11_64", ""),
    (_WIN + r"10", "Windows10_64", "Windows10"),
    (_WIN + r"8\.?1", "Windows81_64", "Windows81"),
    (_WIN + r"8", "Windows8_64", "Windows8"),
    (_WIN + r"7", "Windows7_64", "Windows7"),
    (r"vista", "WindowsVista_64", "WindowsVista"),
    (_WIN + r"xp|\bxp\b", "WindowsXP", ""),
    (_WIN + r"nt[ -]?4|\bnt[ -]?4", "WindowsNT4", ""),
    (_WIN + r"nt[ -]?3|\bnt[ -]?3", "WindowsNT3x", ""),
    (_WIN + r"me\b", "WindowsMe", ""),
    (_WIN + r"98", "Windows98", ""),
    (_WIN + r"95", "Windows95", ""),
    (_WIN + r"3\.?1", "Windows31", ""),
    (r"(?<![a-z])win(dows)?(?![a-z])", "Windows11_64", "Windows10"),
    (r"lubuntu", "Lubuntu_64", "Lubuntu"),
    (r"xubuntu", "Xubuntu_64", "Xubuntu"),
    (r"ubuntu\D*24|noble", "Ubuntu24_LTS_64", ""),
    (r"ubuntu\D*22|jammy", "Ubuntu22_LTS_64", ""),
    (r"ubuntu\D*20|focal", "Ubuntu20_LTS_64", ""),
    (r"ubuntu\D*18|bionic", "Ubuntu18_LTS_64", "Ubuntu18_LTS"),
    (r"ubuntu\D*16|xenial", "Ubuntu16_LTS_64", "Ubuntu16_LTS"),
    (r"ubuntu\D*14|trusty", "Ubuntu14_LTS_64", "Ubuntu14_LTS"),
    (r"ubuntu|\bmint\b|linuxmint|elementary|pop.?os", "Ubuntu_64", "Ubuntu"),
    (r"debian\D*12|bookworm", "Debian12_64", "Debian12"),
    (r"debian\D*11|bullseye", "Debian11_64", "Debian11"),
    (r"debian\D*10|buster", "Debian10_64", "Debian10"),
    (r"debian\D*9|stretch", "Debian9_64", "Debian9"),
    (r"debian\D*8|jessie", "Debian8_64", "Debian8"),
    (r"debian|devuan|knoppix|kali|\bmx\b|antix", "Debian_64", "Debian"),
    (r"fedora", "Fedora_64", "Fedora"),
    (r"rhel|red[ -]?hat|centos|rocky|alma", "RedHat_64", "RedHat"),
    (r"oracle", "Oracle_64", "Oracle"),
    (r"tumbleweed", "OpenSUSE_Tumbleweed_64", "OpenSUSE_Tumbleweed"),
    (r"leap", "OpenSUSE_Leap_64", ""),
    (r"open[ -]?suse", "OpenSUSE_64", "OpenSUSE"),
    (r"sles|sled|suse", "SUSE_LE_64", "SUSE_LE"),
    (r"mageia", "Mageia_64", "Mageia"),
    (r"openmandriva", "OpenMandriva_Lx_64", "OpenMandriva_Lx"),
    (r"mandr", "Mandriva_64", "Mandriva"),
    (r"pclinuxos", "PCLinuxOS_64", "PCLinuxOS"),
    (r"turbo", "Turbolinux_64", "Turbolinux"),
    (r"gentoo|funtoo", "Gentoo_64", "Gentoo"),
    (r"\barch|manjaro|endeavour", "ArchLinux_64", "ArchLinux"),
    (r"xandros", "Xandros_64", "Xandros"),
    (r"alpine|slackware|void|nixos|puppy|tiny ?core|busybox", "Linux26_64", "Linux26"),
    (r"linux", "Linux_64", "Linux"),
    (r"freebsd|ghostbsd|dragonfly|pfsense|opnsense", "FreeBSD_64", "FreeBSD"),
    (r"openbsd", "OpenBSD_64", "OpenBSD"),
    (r"netbsd", "NetBSD_64", "NetBSD"),
    (r"opensolaris|openindiana|illumos|omnios|smartos", "OpenSolaris_64", "OpenSolaris"),
    (r"solaris[ -]?11", "Solaris11_64", ""),
    (r"solaris", "Solaris_64", "Solaris"),
    (r"\barca ?os|\barca noae", "OS2ArcaOS", ""),
    (r"ecomstation|\becs\b", "OS2eCS", ""),
    (r"warp[ -]?4\.5", "OS2Warp45", ""),
    (r"warp[ -]?4", "OS2Warp4", ""),
    (r"warp[ -]?3", "OS2Warp3", ""),
    (r"\bos[/ -]?2", "OS2", ""),
    (r"\bmac(?!h)|\bos ?x\b|hackintosh", "MacOS_64", "MacOS"),
    (r"netware", "Netware", ""),
    (r"\bqnx", "QNX", ""),
    (r"\bl4\b", "L4", ""),
    (r"dos\b", "DOS", ""),
)

_SAYS_32BIT = re.compile(r"32[ -]?bit|\bi[3-6]86\b|\bx86(?![ _-]?64)|(?<![0-9])32\b", re.IGNORECASE)


@functools.cache
def os_types() -> tuple[OsType, ...]:
    """Return all known guest operating systems, families together."""
    table = importlib.resources.files("resources.guestos").joinpath("guestos.json")
    return tuple(msgspec.json.decode(table.read_bytes(), type=list[OsType]))


@functools.cache
def _by_id() -> dict[str, OsType]:
    return {os_type.id.lower(): os_type for os_type in os_types()}


def find_os_type(os_type_id: str) -> OsType | None:
    """Return the system with an id, whatever its case; ``None`` for ids of newer formats."""
    return _by_id().get(os_type_id.lower())


def os_type(os_type_id: str) -> OsType:
    """Return the system with an id, or the recommendations of ``Other`` under an unknown id."""
    found = find_os_type(os_type_id)
    if found is not None:
        return found
    other = _by_id()["other"]
    return msgspec.structs.replace(other, id=os_type_id, description=os_type_id)


def guess_os_type(name: str) -> str | None:
    """Return the id of the system that the name of a machine or an image hints at."""
    folded = name.lower().replace("_", " ")
    for pattern, id64, id32 in _GUESSES:
        if re.search(pattern, folded):
            return id32 if id32 and _SAYS_32BIT.search(folded) else id64
    return None
