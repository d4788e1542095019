"""Editors of single settings."""
