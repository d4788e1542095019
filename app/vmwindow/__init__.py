"""The window of one virtual machine: screen, keyboard, mouse, menus, status bar and dialogs."""
