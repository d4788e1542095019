"""Who belongs to a group of a DHCP server, and what groups change."""

import pytest

from engine.net.dhcprules import MAC, USER_CLASS, VENDOR_CLASS, Condition, DhcpRule, combined

ADDRESS = bytes.fromhex("0800270a0b0c")
TOLD = {60: b"PXEClient:Arch:00000", 77: b"\4iPXE"}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(MAC, "08:00:27:0A:0B:0C"), True),
        (Condition(MAC, "08-00-27-0a-0b-0c"), True),
        (Condition(MAC, "0800270A0B0C"), True),
        (Condition(MAC, "080027*"), False),
        (Condition(MAC, "080027*", pattern=True), True),
        (Condition(MAC, "08:00:27:??:0b:*", pattern=True), True),
        (Condition(MAC, "52:54:*", pattern=True), False),
        (Condition(VENDOR_CLASS, "PXEClient"), False),
        (Condition(VENDOR_CLASS, "PXEClient*", pattern=True), True),
        (Condition(USER_CLASS, "iPXE"), True),
        (Condition(USER_CLASS, "ipxe"), False),
    ],
)
def test_conditions(condition, holds):
    assert condition.holds(ADDRESS, TOLD) is holds
    assert not condition.holds(bytes(6), {})


def test_a_user_class_may_stand_without_its_length():
    assert Condition(USER_CLASS, "iPXE").holds(ADDRESS, {77: b"iPXE"})
    assert not Condition(USER_CLASS, "").holds(ADDRESS, {77: b"x"})


def test_who_is_excluded_does_not_belong():
    ours = Condition(MAC, "080027*", pattern=True)
    but = Condition(MAC, "0800270a*", pattern=True, inclusive=False)
    rule = DhcpRule([ours, but])
    assert rule.applies(bytes.fromhex("080027000001"), {})
    assert not rule.applies(ADDRESS, {})
    assert not DhcpRule([but]).applies(bytes.fromhex("525400000001"), {})
    assert not DhcpRule([]).applies(ADDRESS, {})


def test_the_more_particular_rule_wins():
    usual = {1: b"mask", 3: b"router", 6: b"names", 15: b"home"}
    first = DhcpRule([], {6: b"own"}, frozenset({3}))
    second = DhcpRule([], {3: b"other", 6: b"group", 66: b"boot"}, frozenset({6, 15}))
    assert combined([first, second], usual) == {1: b"mask", 6: b"own", 66: b"boot"}
    assert combined([], usual) == usual
