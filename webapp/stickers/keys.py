"""The signing keys as the features around stickers use them. They are kept and changed in ``webapp/signing``."""

from webapp.signing.rules import Doubt
from webapp.signing.sources import SignerUnavailable
from webapp.signing.store import KeyStore, NoSigningKey, store

__all__ = ["Doubt", "KeyStore", "NoSigningKey", "SignerUnavailable", "store"]
