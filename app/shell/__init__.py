"""``vitrine-shell``: commands and Python with the objects of the Main API."""
