"""The Qt manager: machine list, details, wizards, settings dialog and preferences."""
