"""Handlers of API methods, one module per interface; all modules here are loaded at the start."""
