"""Tables of guest operating systems.

``guestos.json``: one system a line, with what suits it. ``images.json``: how optical images are
recognised: ``texts`` are files on them whose words name the system, ``labels`` are patterns of
volume identifiers with the 64-bit and the 32-bit system; ``true`` where the name of the file knows
better which release it is.
"""
