"""The preferences dialog: properties of the installation."""
