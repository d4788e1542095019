"""One file (or package) per emulated device; each registers itself, nothing lists them."""
