"""Dialogs that bring machines into the list and out of it: add, import, clone, move, remove."""
