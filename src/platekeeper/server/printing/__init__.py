"""Documents on paper: the pure data of `core.document` as PDF and Word files."""
