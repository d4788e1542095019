from __future__ import annotations

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError


def test_children_are_made_on_the_way_and_found_again():
    root = Node()
    node = root.child("Devices/vga/0")
    assert node.path == "/Devices/vga/0"
    assert root.find("Devices/vga/0") is node
    assert root.child("/Devices/vga/") is root.child("Devices").child("vga")
    assert root.find("Devices/ide/0") is None
    assert root.find("Devices/vga/0/x/y") is None


def test_typed_values():
    node = Node("/a").set({"n": 5, "s": "text", "b": True})
    assert (node.integer("n"), node.string("s"), node.boolean("b")) == (5, "text", True)
    assert (node.integer("m", 7), node.string("t", ""), node.boolean("c", default=False)) == (
        7, "", False)  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda n: n.integer("s"), "s"), (lambda n: n.integer("b"), "b"),
        (lambda n: n.integer("none"), "none"), (lambda n: n.string("n"), "n"),
        (lambda n: n.string("none"), "none"), (lambda n: n.boolean("n"), "n"),
        (lambda n: n.boolean("none"), "none"),
    ],
)  # fmt: skip
def test_a_wrong_type_names_the_place(ask, name):
    node = Node("/Devices/vga/0/Config").set({"n": 5, "s": "text", "b": True})
    with pytest.raises(ConfigurationError, match=f"/Devices/vga/0/Config/{name} must be"):
        ask(node)


def test_walk_is_parents_first_in_the_order_of_making():
    root = Node()
    for name in ("b", "a/x", "a/y"):
        root.child(name)
    assert [node.path for node in root.walk()] == ["", "/b", "/a", "/a/x", "/a/y"]


def test_dump_names_every_value():
    root = Node().set({"RamSize": 1 << 20, "Name": "pc"})
    root.child("Devices/x/0/Config").set({"data": b"\x01\xff", "on": True})
    text = root.dump()
    assert "[/] (level 0)" in text
    assert "RamSize <integer> = 0x0000000000100000 (1,048,576)" in text
    assert 'Name <string> = "pc" (cb=3)' in text
    assert "[/Devices/x/0/Config/] (level 4)" in text
    assert 'data <bytes> = "01 ff" (cb=2)' in text
    assert "on <integer> = 0x0000000000000001 (1)" in text
