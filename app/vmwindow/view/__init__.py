"""How the window shows the guest: view modes, mini tool bar, places of windows, menus."""
