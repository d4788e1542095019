"""CPU profiles: models, settings, overrides; what of the host's processor is passed on."""

import pytest

from app.settings.cpu import CPU_PROFILES
from engine.cfgm import Node
from engine.cpum import BRAND, CpuProfile, Features1Edx
from engine.cpum.features import (
    COMMON,
    EXTENDED_STATE,
    LASTING,
    FeatureWords,
    features_of,
    missing_names,
    virtual_cpu,
)
from engine.cpum.models import MODELS
from engine.em.kvm import api, hostcpu
from engine.errors import ConfigurationError

HOST = {
    (0, 0): (0x1C, 0x756E6547, 0x6C65746E, 0x49656E69),
    (1, 0): (0x906EA, 0x0410_0800, 0xFFFF_FFFF, 0xFFFF_FFFF),
    (4, 0): (0x1C00_4121, 2, 3, 4),
    (4, 1): (0x1C03_C163, 6, 7, 8),
    (4, 2): (0, 0, 0, 0),
    (7, 0): (1, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF),
    (7, 1): (0xFF, 0, 0, 0),
    (0xD, 0): (0x2E7, 0x240, 0xA88, 0),
    (0xD, 1): (0xF, 0x240, 0x900, 0),
    (0xD, 2): (0x100, 0x240, 0, 0),
    (0xD, 5): (0x40, 0x440, 0, 0),
    (0x8000_0000, 0): (0x8000_0021, 0, 0, 0),
    (0x8000_0001, 0): (0, 0, 0xFFFF_FFFF, 0xFFFF_FFFF),
    (0x8000_0008, 0): (0x3030, 0xFF, 0xF, 0xFF),
}
XSAVE, OSXSAVE, AVX, VMX, X2APIC, DEADLINE = (1 << n for n in (26, 27, 28, 5, 21, 24))
AVX512F, PKU = 1 << 16, 1 << 3


def base(**options):
    return hostcpu.guest_base(
        HOST, **{"cpus": 1, "in_kernel_apic": False, "x2apic": False, **options}
    )


def test_no_feature_is_passed_on_whose_state_is_not_saved():
    words = features_of(base())
    assert not words.ecx1 & (OSXSAVE | VMX | X2APIC | DEADLINE)
    assert words.ecx1 >> 20 & 1  # SSE4.2
    assert not words.ebx7 & AVX512F
    assert not words.ecx7 & PKU
    assert base()[0x8000_0008, 0] == (0x3030, 0, 0, 0)


def extended(table):
    words = features_of(table)
    leaves = {place[1]: leaf for place, leaf in table.items() if place[0] == 0xD}
    return (words & EXTENDED_STATE) != FeatureWords(), leaves, table[0, 0][0]


def test_avx_comes_with_the_sizes_of_its_state():
    assert features_of(base()).ecx1 & (XSAVE | AVX) == XSAVE | AVX
    assert extended(base()) == (
        True, {0: (7, 0x240, 0x340, 0), 1: (7, 0, 0, 0), 2: (0x100, 0x240, 0, 0)}, 0xD
    )  # fmt: skip


@pytest.mark.parametrize("missing", [(0xD, 0), (0xD, 2)])
def test_a_kernel_that_does_not_tell_the_sizes_has_no_avx(missing):
    offered = {place: leaf for place, leaf in HOST.items() if place != missing}
    table = hostcpu.guest_base(offered, cpus=1, in_kernel_apic=False, x2apic=False)
    assert extended(table) == (False, {}, 7)


@pytest.mark.parametrize(
    ("profile", "highest"),
    [
        (CpuProfile(portability=1), 7),
        (CpuProfile(model="Intel Pentium 4 3.00GHz"), 5),
        (CpuProfile(model="AMD Athlon 64 3200+"), 1),
    ],
)
def test_processors_without_avx_have_no_leaf_for_its_state(profile, highest):
    assert extended(profile.table(base()).leaves) == (False, {}, highest)


def test_a_model_with_avx_keeps_it():
    has_it, leaves, highest = extended(CpuProfile(model="Intel Core i7-6700K").table(base()).leaves)
    assert (has_it, sorted(leaves), highest) == (True, [0, 1, 2], 0xD)


def test_the_kernels_apic_brings_its_timer_and_x2apic_when_asked_for():
    words = features_of(base(in_kernel_apic=True))
    assert words.ecx1 & DEADLINE
    assert not words.ecx1 & X2APIC
    assert features_of(base(in_kernel_apic=True, x2apic=True)).ecx1 & X2APIC


def test_processors_are_cores_of_one_package():
    table = base(cpus=4)
    assert table[1, 0][1] >> 16 & 0xFF == 4
    assert table[1, 0][3] & 1 << 28
    assert table[0x8000_0008, 0][2] == 3
    # First-level cache of one core each, of four; third level shared by all of them.
    assert [table[4, n] for n in range(3)] == [
        (0x0C00_0121, 2, 3, 4), (0x0C00_C163, 6, 7, 8), (0, 0, 0, 0),
    ]  # fmt: skip
    assert base()[4, 1] == (0x163, 6, 7, 8)


def test_an_amd_processor_has_no_leaf_4():
    amd = {place: leaf for place, leaf in HOST.items() if place[0] != 4} | {(4, 0): (0, 0, 0, 0)}
    table = hostcpu.guest_base(amd, cpus=4, in_kernel_apic=True, x2apic=False)
    assert all(number != 4 for number, _ in table)


def test_the_deadline_timer_may_be_a_capability_alone(monkeypatch):
    """As before Linux 6.14: KVM_GET_SUPPORTED_CPUID leaves the bit out."""

    def ioctl(_file, request, argument=None):
        if request == api.GET_SUPPORTED_CPUID:
            argument._obj.nent = 1
            argument._obj.entries[0].function = 1
            return 0
        assert request == api.CHECK_EXTENSION
        return int(argument == api.CAP_TSC_DEADLINE_TIMER and capable)

    monkeypatch.setattr(api, "ioctl", ioctl)
    for capable in (True, False):
        assert hostcpu.supported(3)[1, 0][2] == (DEADLINE if capable else 0)


def test_a_model_takes_away_and_adds_nothing():
    for name, model in MODELS.items():
        table = CpuProfile(model=name, apic=True).table(base())
        assert table.leaf(1)[0] == model.signature
        assert table.leaf(0)[0] <= model.highest
        assert not table.leaf(1)[3] & ~model.features.edx1
        small = CpuProfile(model=name).table()
        assert not small.leaf(1)[2] & ~COMMON.ecx1
        brand = b"".join(
            word.to_bytes(4, "little") for n in range(3) for word in small.leaf(0x8000_0002 + n)
        )
        assert brand.rstrip(b"\0") == model.brand


def test_the_settings_offer_the_models_there_are():
    assert set(CPU_PROFILES) == set(MODELS)
    with pytest.raises(ConfigurationError, match="no CPU profile '486'; there are host, Intel"):
        CpuProfile.from_cfgm(Node().set({"GuestCpuName": "486"}))


def test_switches_take_features_away_on_any_base():
    for leaves in (None, base()):
        table = CpuProfile(pae=False, long_mode=False, hypervisor=False).table(leaves)
        _, _, ecx, edx = table.leaf(1)
        assert not edx & (Features1Edx.PAE | Features1Edx.APIC)
        assert not ecx & 1 << 31
        assert not table.leaf(0x8000_0001)[3] & (1 << 29 | 1 << 20 | 1 << 11 | 1 << 6)


def test_portability_leaves_what_every_engine_executes_and_then_less():
    found = [features_of(dict(_leaves(CpuProfile(portability=n)))) for n in range(4)]
    assert found[0].ecx1 & 1 << 20
    assert not found[1].ecx1 & ~COMMON.ecx1
    assert found[1].ecx1 & 1
    assert not found[2].ecx1 & 1
    assert found[2].edx1 & Features1Edx.SSE2
    assert not found[3].edx1 & (Features1Edx.SSE2 | Features1Edx.CMOV)


def _leaves(profile):
    return {(number, sub): leaf for number, sub, leaf in profile.table(base())}


def test_overrides_replace_leaves_and_sub_leaves():
    node = Node()
    node.child("HostCPUID/00000001.0").set({"eax": 1, "ebx": 2, "ecx": 3, "edx": 4})
    node.child("HostCPUID/00000004.2").set({"eax": 9})
    table = CpuProfile.from_cfgm(node).table()
    assert table.leaf(1) == (1, 2, 3, 4)
    assert table.leaf(1, 5) == (1, 2, 3, 4)  # leaf 1 does not look at ECX
    assert table.leaf(4, 2) == (9, 0, 0, 0)
    assert table.leaf(4) == (0, 0, 0, 0)
    wrong = Node()
    wrong.child("HostCPUID/brand").set({"eax": 1})
    with pytest.raises(ConfigurationError, match="'brand' is no CPUID leaf"):
        CpuProfile.from_cfgm(wrong)


def test_the_common_processor_is_the_same_everywhere():
    assert features_of(virtual_cpu()) == COMMON
    assert CpuProfile().leaf(0x8000_0002)[0].to_bytes(4, "little") == BRAND[:4]


def test_what_a_saved_guest_would_miss_has_names():
    saved = features_of(base(in_kernel_apic=True))
    names = missing_names(saved, COMMON)
    assert {"SSE4.2", "POPCNT", "TSC deadline timer", "RDTSCP"} <= set(names)
    assert missing_names(COMMON, saved) == []
    # Every bit that counts has a name.
    everything = missing_names(LASTING, FeatureWords())
    assert len(everything) == sum(word.bit_count() for word in LASTING)
    portable = CpuProfile(portability=1).table(base(in_kernel_apic=True))
    assert missing_names(features_of(portable.leaves), COMMON) == []
