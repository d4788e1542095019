"""Qt parts that the manager and the VM window share: start-up, icons, messages, background work."""
