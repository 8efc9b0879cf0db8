"""One file a check; see `registry.py`."""
