"""The store."""

from beianhub_core.store.sql import open_store

__all__ = ["open_store"]
