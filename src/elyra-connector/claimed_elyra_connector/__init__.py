"""Elyra's palette shows the components of a Claimed.Registry."""

__version__ = "0.1.0"
