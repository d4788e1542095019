"""Vitrine: the virtual machine; knows neither Qt nor the application."""
