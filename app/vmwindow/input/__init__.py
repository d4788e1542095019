"""What the Input menu offers: keys to insert, typing from the clipboard, lock LEDs."""
