"""Alt and a letter must mean one thing: menus, tabs, labels and buttons that are seen together."""

import re
from collections import Counter

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QTabBar, QToolBar

from app.api.structs import DeviceType


def letters(window):
    """Return the mnemonics that are active in WINDOW."""
    texts = [action.text() for action in window.menuBar().actions()]
    texts += [
        button.text() for button in window.findChildren(QAbstractButton)
        if button.isVisible() and not isinstance(button.parent(), QToolBar)
    ]  # fmt: skip
    texts += [
        label.text() for label in window.findChildren(QLabel)
        if label.isVisible() and label.buddy() is not None
    ]  # fmt: skip
    for bar in window.findChildren(QTabBar):
        if bar.isVisible():
            texts += [bar.tabText(place) for place in range(bar.count())]
    found = (re.search("&([^&])", text.replace("&&", "")) for text in texts)
    return Counter(match[1].lower() for match in found if match)


def assert_no_letter_twice(window):
    used = letters(window)
    assert len(used) > 5
    assert [letter for letter, count in used.items() if count > 1] == []


@pytest.mark.parametrize("page", [0, 1])
def test_media_manager(window, api, wait_until, tmp_path, page):
    api.virtualbox.create_medium(str(tmp_path / "a.vdi"), 1 << 20, register=True)
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Media")
    pane = window.tools.pane("Media")
    wait_until(lambda: pane.medium is not None and pane.store.is_loaded(DeviceType.FLOPPY))
    pane.panel.tabs.setCurrentIndex(page)
    assert_no_letter_twice(window)


@pytest.mark.parametrize(("kind", "page"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_network_manager(window, wait_until, kind, page):
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Network")
    pane = window.tools.pane("Network")
    wait_until(lambda: pane.store.is_loaded)
    pane.tabs.setCurrentIndex(kind)
    pane.perform("network-create")
    wait_until(lambda: bool(pane.selected_name))
    panel = pane.details.currentWidget()
    panel.tabs.setCurrentIndex(page)
    assert_no_letter_twice(window)


def test_menus_of_machines_and_tools(window, wait_until):
    wait_until(lambda: window._layout_is_known)
    menus = [menu for menu in window.findChildren(QMenu) if len(menu.actions()) > 1]
    # What can be done with a group has more words than there are letters in them.
    menus = [menu for menu in menus if menu.title() != "&Group"]
    assert len(menus) > 10
    for menu in menus:
        found = (re.search("&([^&])", action.text()) for action in menu.actions())
        used = Counter(match[1].lower() for match in found if match)
        twice = [letter for letter, count in used.items() if count > 1]
        assert twice == [], menu.title()
