"""The list of machines with its groups (VirtualBox's name for it is the chooser)."""
