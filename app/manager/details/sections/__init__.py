"""The boxes of the details pane, one module each."""
