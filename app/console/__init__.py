"""What a VM process is made of apart from its window: settings, media, the VM, commands, log."""
