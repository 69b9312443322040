"""Pictures for paper: sheets, ink, TIFF and PDF."""
