"""``vitrine-headless``: a machine without a window. No Qt is loaded into this process."""
