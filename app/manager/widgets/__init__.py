"""Widgets that the manager's wizards, settings pages and panes are made of."""
