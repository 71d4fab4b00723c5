"""The sticker signing keys of this installation: the public ring under the keys folder, and the private halves.

``ring.json`` is the public key set (JWKs) and the only truth about the keys' states. Other processes see a change
at the next look (one `stat`), so a declaration holds in every worker at once, without the database.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, current_app

from qrservice import KeyRefused, KeyRing, KeyState, PublicKey, Signer
from qrservice.payload import KID_MAX
from webapp.core import clock
from webapp.core.errors import Conflict, DomainError, NotFound
from webapp.core.secrets import derive
from webapp.settings import Settings

from . import rules
from .believed import Believed, file_name
from .sources import CheckedSigner, KeySource, SignerUnavailable, sources_of, write_whole

RING = "ring.json"
Mark = tuple[int, int]
#: Compromised without a declared moment: no paper can be shown to be older.
_NEVER = datetime.min.replace(tzinfo=UTC)
_log = logging.getLogger(__name__)


class NoSigningKey(DomainError):
    """There is no active key with its private half here: ``flask --app wsgi keys ensure`` makes one."""

    status = 500

    def __init__(self) -> None:
        super().__init__("no_signing_key")


@dataclass(frozen=True)
class _Seen:
    """One reading of the ring. What was loaded for it goes with it, so that nothing outlives its key's state."""

    mark: Mark | None
    ring: KeyRing
    signers: dict[int, Signer] = field(default_factory=dict)
    believed: dict[int, Believed] = field(default_factory=dict)


class KeyStore:
    """The ring and the private halves. Loads lazily, reloads when the ring file changes."""

    def __init__(self, settings: Settings) -> None:
        self._folder: Path = settings.keys_dir
        self._ring_path = str(settings.keys_dir / RING)
        # Never in clear on disk: without a passphrase of its own, one is derived from the oldest secret.
        own = settings.key_passphrase or derive("sticker-keys", settings.secret_keys[-1]).hex()
        self.passphrase = own.encode()
        self._settings = settings
        self._sources: tuple[KeySource, ...] = ()
        self._seen = _Seen(None, KeyRing())

    # --- reading ------------------------------------------------------------------------------------------------------

    def ring(self) -> KeyRing:
        """The public keys that codes are checked with (empty before the first key is made)."""
        return self._look().ring

    def _look(self) -> _Seen:
        mark, seen = self.mark(), self._seen
        if mark not in {None, seen.mark}:
            # The mark was taken first: if the file changes meanwhile, the next look reads it again.
            seen = _Seen(mark, KeyRing.from_jwks(json.loads((self._folder / RING).read_text("utf-8"))))
            self._seen = seen
        return seen

    def mark(self) -> Mark | None:
        """Which writing of the ring file lies there now (one `stat`); None before the first."""
        try:
            status = os.stat(self._ring_path)  # noqa: PTH116 - asked at every scan, and a Path takes three times as long
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino

    def doubt(self, kid: int, shop_number: int, serial: int) -> rules.Doubt | None:
        """Why this paper is not believed as it lies there; None where there is no reason not to. No query."""
        return self.doubts(kid)(shop_number, serial)

    def doubts(self, kid: int) -> Callable[[int, int], rules.Doubt | None]:
        """As :meth:`doubt`, for many papers of a key: it tells of a shop's number and a serial."""
        seen = self._look()
        key = seen.ring.find(kid)
        if key is None or key.state is not KeyState.COMPROMISED:
            return lambda _shop_number, _serial: None
        leaf = key.valid_before_leaf
        doubt = rules.Doubt(key.valid_before or _NEVER, leaf)
        believed = None if leaf is None else seen.believed.get(kid) or self._load_believed(seen, kid, leaf)
        if believed is None:
            return lambda _shop_number, _serial: doubt
        return lambda shop_number, serial: None if believed.holds(shop_number, serial) else doubt

    def _load_believed(self, seen: _Seen, kid: int, leaf: int) -> Believed | None:
        """The list of the declared key; None while it is missing, and then no paper of the key is believed."""
        try:
            seen.believed[kid] = Believed.from_bytes((self._folder / file_name(kid, leaf)).read_bytes())
        except (OSError, ValueError) as error:
            _log.error("no paper of key %d is believed: %s", kid, error)
            return None
        return seen.believed[kid]

    def lacking(self) -> list[PublicKey]:
        """Declared keys whose list of believed papers is missing: put back from a backup, say."""
        seen = self._look()
        return [
            key
            for key in seen.ring
            if key.state is KeyState.COMPROMISED
            and key.valid_before_leaf is not None
            and (seen.believed.get(key.kid) or self._load_believed(seen, key.kid, key.valid_before_leaf))
            is None
        ]

    def keep_believed(self, kid: int, leaf: int, believed: Believed) -> None:
        """Write the list of a declared key: before the ring names its index, or when it was lost."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(self._folder / file_name(kid, leaf), believed.to_bytes(), 0o644)

    def drop_believed(self, kid: int, leaf: int) -> None:
        """Take a list away that does not hold any more: nothing of the key is good until there is another."""
        (self._folder / file_name(kid, leaf)).unlink(missing_ok=True)

    def signer(self) -> Signer:
        """The private key that signs now: the newest active one whose time has come and whose private half is here.

        Raises NoSigningKey, and SignerUnavailable when the module or service that holds it does not answer.
        """
        seen = self._look()
        for kid in rules.signing_kids(seen.ring, clock.now()):
            if kid in seen.signers:
                return seen.signers[kid]
            source = self.place_of(kid)
            if source is not None:
                seen.signers[kid] = self._load(source, kid, seen.ring)
                return seen.signers[kid]
        raise NoSigningKey

    def _load(self, source: KeySource, kid: int, ring: KeyRing) -> Signer:
        public, held = ring.find(kid), source.load(kid)
        if public is None or held.public_key().raw != public.raw:
            raise KeyRefused(f"the private half of key {kid} in {source.name!r} is not the published key's")
        return held if source.name in {"file", "environment"} else CheckedSigner(held, public)

    def sources(self) -> tuple[KeySource, ...]:
        """The chosen source first; opened at the first use, in the worker that uses it."""
        if not self._sources:
            self._sources = sources_of(self._settings, self.passphrase)
        return self._sources

    def place_of(self, kid: int) -> KeySource | None:
        """The source that holds the private half of this key, or None."""
        return next((source for source in self.sources() if kid in source.held()), None)

    def has_private(self, kid: int) -> bool:
        """Is the private half of this key here?"""
        return self.place_of(kid) is not None

    def next_kid(self) -> int:
        """The number of the next key.

        A number whose private half is here is used, though an older ring was put back that does not know it; but where
        people supply the keys, the lowest that lies ready is next. Raises Conflict when there is none.
        """
        ring, chosen = self.ring(), self.sources()[0]
        if chosen.supplies:
            ready = [kid for kid in sorted(chosen.held()) if ring.find(kid) is None]
            if not ready:
                raise Conflict("key_not_supplied")
            return ready[0]
        used = {key.kid for key in ring}.union(*(source.held() for source in self.sources()))
        kid = max(used, default=-1) + 1
        if kid > KID_MAX:
            raise Conflict("key_numbers_used_up")
        return kid

    # --- changing: whoever may do it has been asked before (operations, commands) -------------------------------------

    def ensure(self, now: datetime) -> bool:
        """Make the first key when there is none; True when one was made. Safe to interrupt and repeat."""
        with self._alone():
            if len(self.ring()):
                return False
            self._write_ring([self._make(self.next_kid(), now)])
        return True

    def create(self, now: datetime, starts_at: datetime | None = None, expected: int | None = None) -> int:
        """Make the next key beside those that are there; it signs from `starts_at` on (default: now). Its number.

        Raises Conflict when that is not the `expected` one.
        """
        with self._alone():
            key = self._make(self._next(expected), starts_at or now)
            self._write_ring([*self.ring(), key])
        return key.kid

    def rotate(self, now: datetime, expected: int | None = None) -> int:
        """Make the next key the signer and retire the ones before it; returns its number.

        Retired keys go on verifying: stickers on doors outlive the key. Raises Conflict when all numbers are used, and
        when the number is not the `expected` one.
        """
        with self._alone():
            key = self._make(self._next(expected), now)
            self._write_ring([*(rules.retired(old, now) for old in self.ring()), key])
        return key.kid

    def retire(self, kid: int, now: datetime) -> None:
        """Take the key's right to sign. Raises Conflict (``last_signing_key``) when no other could sign from now on."""

        def change(key: PublicKey) -> PublicKey:
            others = [other for other in self.ring() if other.kid != kid]
            begun = [other for other in others if other.not_before is None or other.not_before <= now]
            if not rules.signing_kids(begun, now):
                raise Conflict("last_signing_key")
            return rules.retired(key, now)

        self._change(kid, change)

    def compromise(
        self,
        kid: int,
        valid_before: datetime,
        now: datetime,
        leaf: int | None = None,
        believed: Believed | None = None,
    ) -> int | None:
        """Declare that somebody else may have had the key since `valid_before`, when the log held `leaf` leaves.

        `believed` are the papers among those; both are None where there is no log.

        When no other key can sign, the next one is made; its number is returned, else None: also when it cannot be made
        now (the place of private halves is silent, none lies ready, all numbers are used). The declaration is written
        before and never waits for that.
        """
        with self._alone():
            rules.STEPS.find(self.get(kid).state, "compromise")  # asked before, but perhaps another was first
            keys = [
                rules.compromised(key, valid_before, now, leaf) if key.kid == kid else key
                for key in self.ring()
            ]
            if leaf is not None and believed is not None:
                self.keep_believed(kid, leaf, believed)
            self._write_ring(keys)
            if rules.signing_kids(keys, now):
                return None
            try:
                made = self._make(self.next_kid(), now)
            except (SignerUnavailable, Conflict) as error:
                _log.error("key %d is compromised and has no successor: %s", kid, error)
                return None
            self._write_ring([*keys, made])
        return made.kid

    def withdraw(self, kid: int, now: datetime) -> None:
        """Let the key verify nothing any more."""

        def change(key: PublicKey) -> PublicKey:
            rules.STEPS.find(key.state, "withdraw")
            return rules.withdrawn(key, now)

        self._change(kid, change)

    def absorb(self, older: KeyRing) -> None:
        """Put back the ring of a backup without undoing what was declared since: of each key the stricter record."""
        with self._alone():
            present = {key.kid: key for key in self.ring()}
            for key in older:
                known = present.get(key.kid)
                if known is not None and known.raw != key.raw:
                    raise KeyRefused(
                        f"key {key.kid} of the backup is another one than the key {key.kid} here"
                    )
                present[key.kid] = key if known is None else rules.stricter(known, key)
            self._write_ring(present.values())

    def get(self, kid: int) -> PublicKey:
        """The key of that number in any state; raises NotFound."""
        key = self.ring().find(kid)
        if key is None:
            raise NotFound("no_such_key", kid=kid)
        return key

    def _change(self, kid: int, change: Callable[[PublicKey], PublicKey]) -> None:
        with self._alone():
            changed = change(self.get(kid))
            self._write_ring(changed if key.kid == kid else key for key in self.ring())

    def _next(self, expected: int | None) -> int:
        kid = self.next_kid()
        if expected not in {None, kid}:
            raise Conflict("keys_changed_meanwhile")
        return kid

    def _make(self, kid: int, starts_at: datetime) -> PublicKey:
        """The private half first: a ring never names a signer that is not there."""
        return self.sources()[0].make(kid).public_key(not_before=starts_at)

    def _write_ring(self, keys: Iterable[PublicKey]) -> None:
        ring = KeyRing(keys)
        self._write(self._folder / RING, json.dumps(ring.to_jwks(), indent=2).encode(), 0o644)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One maker of keys at a time, whichever process; the lock goes with the process."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    _write = staticmethod(write_whole)


def store(app: Flask | None = None) -> KeyStore:
    """The key store of the app."""
    found: KeyStore = (app or current_app).extensions["ydym.keys"]
    return found


def register(app: Flask) -> None:
    """Open the key store (reads nothing yet)."""
    app.extensions["ydym.keys"] = KeyStore(app.extensions["ydym.settings"])


__all__ = ["RING", "KeyStore", "NoSigningKey", "SignerUnavailable", "register", "store"]
