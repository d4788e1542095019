"""Guest systems guessed from optical images."""

import re

import pytest

from app.settings.guestos import find_os_type
from app.settings.imageguess import guess_of_image, image_table


def nothing(_path: str) -> str | None:
    return None


@pytest.mark.parametrize(
    ("label", "stem", "expected"),
    [
        ("Debian 12.5.0 amd64 n", "x", "Debian12_64"),
        ("Debian 12.5.0 i386 n", "x", "Debian12"),
        ("Ubuntu 22.04.3 LTS amd64", "x", "Ubuntu22_LTS_64"),
        ("Fedora-WS-Live-39-1-5", "x", "Fedora_64"),
        ("CentOS-7-x86_64", "x", "RedHat7_64"),
        ("RHEL-9-2-0-BaseOS-x86_64", "x", "RedHat9_64"),
        ("ARCH_202401", "x", "ArchLinux_64"),
        ("alpine-std 3.19.0 x86_64", "x", "Linux26_64"),
        ("alpine-std 3.19.0 x86", "x", "Linux26"),
        ("openSUSE-Leap-15.5-DVD-x86_641", "x", "OpenSUSE_Leap_64"),
        ("13_2_RELEASE_AMD64_CD", "x", "FreeBSD_64"),
        ("14.0-RELEASE-amd64", "FreeBSD-14.0", "FreeBSD_64"),
        ("OpenBSD/amd64   7.4 Install CD", "x", "OpenBSD_64"),
        ("CCCOMA_X64FRE_EN-US_DV9", "x", "Windows10_64"),
        ("CCCOMA_X64FRE_EN-US_DV9", "Win11_23H2_English_x64", "Windows11_64"),
        ("CCCOMA_X86FRE_EN-US_DV9", "x", "Windows10"),
        ("SSS_X64FREE_EN-US_DV9", "windows_server_2019", "Windows2019_64"),
        ("GRMCPRXFRER_EN_DVD", "x", "Windows7_64"),
        ("GRMCPRFRER_EN_DVD", "x", "Windows7"),
        ("GSP1RMSXFRER_EN_DVD", "x", "Windows2008_64"),
        ("IR5_CCSA_X64FRE_EN-US_DV9", "x", "Windows81_64"),
        ("GRTMPVOL_EN", "x", "WindowsXP"),
        ("WIN98SE", "x", "Windows98"),
        ("FD13-LIVE", "x", "DOS"),
        ("Debian 12.5.0 arm64 n", "x", "Debian12_arm64"),
        ("ISOIMAGE", "debian-12.5.0-i386-netinst", "Debian12"),
        ("ISOIMAGE", "data", ""),
        ("", "", ""),
    ],
)
def test_label_and_name(label: str, stem: str, expected: str) -> None:
    assert guess_of_image(label, stem, nothing).os_type_id == expected


@pytest.mark.parametrize(
    ("path", "text", "expected", "product"),
    [
        (
            "/.disk/info",
            'Debian GNU/Linux 12.5.0 "Bookworm" - Official i386 NETINST 20240210-11:27\n',
            "Debian12", 'Debian GNU/Linux 12.5.0 "Bookworm" - Official i386 NETINST 20240210-11:27',
        ),
        (
            "/.treeinfo", "[general]\nfamily = Fedora\nversion = 39\narch = x86_64\n",
            "Fedora_64", "Fedora x86_64",
        ),
        ("/.discinfo", "1698765432.1\nFedora 39\nx86_64\n", "Fedora_64", "Fedora 39"),
    ],
)  # fmt: skip
def test_what_the_files_say_counts_most(
    path: str, text: str, expected: str, product: str
) -> None:
    guess = guess_of_image("CCCOMA_X64FRE_EN-US_DV9", "win10", {path: text}.get)
    assert guess == (expected, product)


def test_labels_and_names_are_no_product() -> None:
    assert guess_of_image("CCCOMA_X64FRE_EN-US_DV9", "x", nothing).product == ""
    assert guess_of_image("ISOIMAGE", "debian-12", nothing).product == ""


def test_every_row_of_the_table_is_usable() -> None:
    for row in image_table().labels:
        re.compile(row.pattern)
        for os_type_id in filter(None, (row.id64, row.id32)):
            assert find_os_type(os_type_id) is not None, row
