"""One file per page or pair of pages."""
