"""Elyra's connector for Claimed.Registry."""

__version__ = "0.0.0"
