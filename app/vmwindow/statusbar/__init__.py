"""The status bar of the VM window: what the machine's parts do, and who has keyboard and mouse."""
