"""Guided dialogs: the frame they share and the New Virtual Machine wizard."""
