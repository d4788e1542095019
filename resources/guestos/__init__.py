"""Table of guest operating systems (``guestos.toml``)."""
