"""Table of guest operating systems: ``guestos.json``, one system a line."""
