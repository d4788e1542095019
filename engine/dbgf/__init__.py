"""DBGF: what a debugger sees of a machine: registers, information items, counters, core files."""
