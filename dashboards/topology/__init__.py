"""The map of who calls whom, and its two other views: the matrix and the list (ux, section 3.6)."""
