"""The host side of sound: what a sound card plays into and records from."""
