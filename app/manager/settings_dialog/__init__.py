"""The settings dialog of a machine: its frame, and one module per page."""
