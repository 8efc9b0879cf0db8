"""What fault tests share."""

from tests.integration.other_store.conftest import other_engine, other_store

__all__ = ["other_engine", "other_store"]
