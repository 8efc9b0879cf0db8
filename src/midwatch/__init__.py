"""Midwatch: observability that a small team runs by itself."""

from midwatch._version import __version__

__all__ = ["__version__"]
