"""The Devices menu: what can be changed in a machine while it runs."""
