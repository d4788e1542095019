"""A keyboard on the screen, for keys that the host does not have or does not let through."""
