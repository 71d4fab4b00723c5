"""A document's file in the store of private files, encrypted."""

from __future__ import annotations

from webapp.core import secrets
from webapp.files.stores import Store


def put(store: Store, key: str, data: bytes) -> None:
    """Keep the file under `key`; it is safe when this returns."""
    store.put(f"{key}/full", secrets.encrypt_bytes(data), "application/octet-stream")


def get(store: Store, key: str) -> bytes:
    """The file; raises ``stores.Missing``."""
    return secrets.decrypt_bytes(store.get(f"{key}/full"))


def erase(store: Store, key: str) -> None:
    """Delete the file; no error when there is none."""
    store.delete(f"{key}/full")
