"""Parts of the page Shared Folders."""
