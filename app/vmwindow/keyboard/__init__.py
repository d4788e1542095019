"""The keyboard of the VM window: host key events become scan codes of a PC keyboard."""
