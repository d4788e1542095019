"""Guesses the guest OS type from what a person calls the machine, or from an image's file name."""

import re
from collections.abc import Container

# The first pattern found in the name decides, so releases stand before their family. Each id has
# a 64-bit twin with "_64" at its end where VirtualBox knows one.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"win\w*[ ._-]?11\b|windows[ ._-]?11", "Windows11"),
    (r"win\w*[ ._-]?10\b|windows[ ._-]?10", "Windows10"),
    (r"win\w*[ ._-]?8[.]1|win\w*[ ._-]?81\b", "Windows81"),
    (r"(win\w*[ ._-]?)?(server[ ._-]?)?2025\b", "Windows2025"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2022\b|server[ ._-]?2022", "Windows2022"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2019\b|server[ ._-]?2019", "Windows2019"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2016\b|server[ ._-]?2016", "Windows2016"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2012\b|server[ ._-]?2012", "Windows2012"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2008\b|server[ ._-]?2008", "Windows2008"),
    (r"(win\w*[ ._-]?)(server[ ._-]?)?2003\b|server[ ._-]?2003", "Windows2003"),
    (r"win\w*[ ._-]?8\b", "Windows8"),
    (r"win\w*[ ._-]?7\b", "Windows7"),
    (r"vista", "WindowsVista"),
    (r"win\w*[ ._-]?xp\b|\bxp\b", "WindowsXP"),
    (r"win\w*[ ._-]?2000\b|win\w*[ ._-]?2k\b", "Windows2000"),
    (r"win\w*[ ._-]?nt[ ._-]?4", "WindowsNT4"),
    (r"win\w*[ ._-]?nt[ ._-]?3", "WindowsNT3x"),
    (r"win\w*[ ._-]?me\b", "WindowsMe"),
    (r"win\w*[ ._-]?98", "Windows98"),
    (r"win\w*[ ._-]?95", "Windows95"),
    (r"win\w*[ ._-]?3[.]?1", "Windows31"),
    (r"\bwin(dows)?\b", "Windows11"),
    (r"xubuntu", "Xubuntu"),
    (r"lubuntu", "Lubuntu"),
    (r"ubuntu[ ._-]?(?P<release>\d\d)[.]?04", "Ubuntu{release}_LTS"),
    (r"ubuntu", "Ubuntu"),
    (r"\bmint\b|elementary|pop[ ._-]?os|zorin|neon", "Ubuntu"),
    (r"debian[ ._-]?(?P<release>\d+)", "Debian{release}"),
    (r"debian|\bkali\b|\btails\b|devuan|raspbian", "Debian"),
    (r"fedora", "Fedora"),
    (r"open[ ._-]?suse.*tumble|tumbleweed", "OpenSUSE_Tumbleweed"),
    (r"open[ ._-]?suse.*leap|\bleap\b", "OpenSUSE_Leap"),
    (r"\bsles\b|\bsled\b|suse.*enterprise", "SUSE_LE"),
    (r"suse", "OpenSUSE"),
    (r"oracle[ ._-]?(linux)?[ ._-]?(?P<release>\d)", "Oracle{release}"),
    (r"oracle", "Oracle"),
    (r"(red[ ._-]?hat|\brhel|centos|\brocky|\balma)\w*[ ._-]?(linux)?[ ._-]?(?P<release>\d)",
     "RedHat{release}"),
    (r"red[ ._-]?hat|\brhel|centos|\brocky|\balma", "RedHat"),
    (r"gentoo", "Gentoo"),
    (r"\barch\b|archlinux|manjaro|endeavour", "ArchLinux"),
    (r"mageia", "Mageia"),
    (r"open[ ._-]?mandriva", "OpenMandriva_Lx"),
    (r"mandriva", "Mandriva"),
    (r"turbolinux", "Turbolinux"),
    (r"freebsd|ghostbsd|opnsense|pfsense|truenas", "FreeBSD"),
    (r"openbsd", "OpenBSD"),
    (r"netbsd", "NetBSD"),
    (r"solaris[ ._-]?11", "Solaris11"),
    (r"open[ ._-]?solaris|openindiana|illumos|omnios", "OpenSolaris"),
    (r"solaris", "Solaris"),
    (r"mac[ ._-]?os|os[ ._-]?x\b|darwin", "MacOS"),
    (r"os[/ ._-]?2\b|warp", "OS2"),
    (r"arca[ ._-]?os", "OS2ArcaOS"),
    (r"netware", "Netware"),
    (r"\bqnx\b", "QNX"),
    (r"(ms|free|pc|dr|open)?[ ._-]?dos\b", "DOS"),
    (r"linux[ ._-]?2[.]4", "Linux24"),
    (r"linux|alpine|slackware|\bnixos\b|\bvoid\b|buildroot|tiny[ ._-]?core", "Linux26"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), target) for pattern, target in _PATTERNS)
_SAYS_32_BIT = re.compile(r"(?<!\d)32[ _-]?bit|(?<!\d)i[3-6]86|\bx86\b(?![_-]?64)", re.IGNORECASE)


def guess_os_type(name: str, known_ids: Container[str]) -> str:
    """Return the id of the guest OS type that NAME sounds like, or an empty string.

    Args:
        name: machine name or file name of an image.
        known_ids: the ids that the service offers; only these are returned.
    """
    wants_32_bit = _SAYS_32_BIT.search(name) is not None
    for pattern, target in _COMPILED:
        match = pattern.search(name)
        if match is None:
            continue
        base = target.format(**match.groupdict()) if match.groupdict() else target
        twins = (base, f"{base}_64") if wants_32_bit else (f"{base}_64", base)
        for candidate in twins:
            if candidate in known_ids:
                return candidate
    return ""
