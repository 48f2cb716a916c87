"""Signing in and out, the first person, and who may change what."""
