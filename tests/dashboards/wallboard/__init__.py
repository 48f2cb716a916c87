"""The wallboard, part by part and as a whole."""
