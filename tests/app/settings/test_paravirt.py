"""Which paravirtualization interface a setting means for which guest."""

import pytest

from app.settings.paravirt import effective_provider


@pytest.mark.parametrize(("provider", "os_type", "effective"), [
    ("Default", "MacOS1013_64", "Minimal"),
    ("Default", "WindowsVista", "HyperV"),
    ("Default", "Windows2025_64", "HyperV"),
    ("Default", "WindowsXP_64", "None"),
    ("Default", "Windows2003", "None"),
    ("Default", "Debian12_64", "KVM"),
    ("Default", "Linux26", "KVM"),
    ("Default", "Linux24", "None"),
    ("Default", "DOS", "None"),
    ("Default", "OfNewerVersion", "None"),
    ("Legacy", "MacOS_64", "Minimal"),
    ("Legacy", "Windows10_64", "None"),
    ("KVM", "DOS", "KVM"),
    ("None", "Debian_64", "None"),
])  # fmt: skip
def test_what_a_setting_means(provider, os_type, effective):
    assert effective_provider(provider, os_type) == effective
