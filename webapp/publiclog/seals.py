"""Canonical JSON (RFC 8785) and salted commitments. Pure.

What must not stand in the log in clear is sealed: the leaf holds SHA-256 over a salt of 32 bytes and the sealed facts.
Who has salt and facts can show that they were meant; once the salt is erased nothing leads from the leaf to them, and
the leaf's bytes, hence every proof, stay as they are.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

SALT_BYTES: Final = 32
_DOMAIN: Final = b"ydym-log-seal-v1\x00"
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one spelling of `facts` as JSON."""
    return rfc8785.dumps(dict(facts))


def seal(salt: bytes, facts: Mapping[str, Any]) -> str:
    """The commitment to `facts`, hex."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(_DOMAIN + salt + canonical(facts)).hexdigest()


def opens(commitment: str, salt: bytes, facts: Mapping[str, Any]) -> bool:
    """Does the salt open the commitment to exactly these facts?"""
    return bool(_HEX.fullmatch(commitment)) and hmac.compare_digest(commitment, seal(salt, facts))
