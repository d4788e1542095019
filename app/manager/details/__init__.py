"""The details pane: foldable boxes with what a machine is made of."""
