"""Parts of the storage page."""
