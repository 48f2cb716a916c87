"""Plimsoll: delivery metrics and a live dependency map, read from a service mesh and from CI."""

__version__ = "0.1.0"
