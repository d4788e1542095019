"""Vitrine: the application (manager, VM window, service, settings, public API)."""
