"""ATA disks and ATAPI optical drives: what hangs on an IDE cable or at a port of AHCI.

- ``drive``: what both kinds of drives share;
- ``disk`` and ``identify``: ATA commands; ``optical``: the packet protocol; ``mmc`` and ``toc``:
  the commands in the packets;
- ``registers`` and ``state``: names of bits and commands; what a saved state holds.

A drive knows its controller only as ``DriveHost`` and ``Cable``. It is no device by itself: its
state is part of the controller's.
"""
