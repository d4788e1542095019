"""Parts of the page USB."""
