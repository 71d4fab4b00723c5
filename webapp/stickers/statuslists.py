"""The published statements: sticker status lists, their index, the signed key set. Made in each worker, kept in memory.

A list is read whole once; afterwards only the shops that the change feed names are read again. The feed is looked at
when a list is asked for, every :data:`LOOK_SECONDS` at most, so that a change shows within that and the time for which
caches may keep a copy. While the database is down, the last list is given until it expires: it says itself how old
it is. Decided in docs/decisions/0010-status-lists.md, format in docs/status-list.md.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from qrservice import KeyRing, examination
from qrservice.examination import Examination
from qrservice.statements import canonical, sign_statement
from qrservice.statuslist import (
    INDEX_KIND,
    KEYS_KIND,
    LIST_KIND,
    SHOPS_PER_LIST,
    StickerStatus,
    list_address,
    list_number,
    pack_statuses,
)
from webapp.core import clock
from webapp.core.db import db
from webapp.feed.models import Change
from webapp.feed.queries import head as feed_head
from webapp.web import slots

from .keys import Doubt, NoSigningKey, SignerUnavailable, store
from .models import Sticker, StickerState
from .rules import Verdict, judge

#: How long a cache may keep a copy without asking.
FRESH_SECONDS = 300
#: How long a list may be believed; a verifier that was offline for longer says that it cannot say.
LIST_SECONDS = 24 * 3600
KEYS_SECONDS = 7 * 24 * 3600
#: An unchanged list is signed anew on the full hour.
RENEW_SECONDS = 3600
LOOK_SECONDS = 5
#: A module or service that did not sign is not asked again for so long.
RETRY_SECONDS = 30
#: Above this many changed shops a list is read whole.
PATCH_MAX = 500

_STATUS = {
    Verdict.GENUINE: StickerStatus.VALID,
    Verdict.SUSPENDED: StickerStatus.SUSPENDED,
    Verdict.REPLACED: StickerStatus.REPLACED,
}


@dataclass
class _List:
    """A list as it stands in memory. `shops` holds the statuses of each shop, one byte a sticker.

    `unsigned`: `shops` is newer than `statement`.
    """

    shops: list[bytes] = field(default_factory=list)
    seq: int = -1
    looked_at: int = 0
    unsigned: bool = False
    doubts: dict[int, tuple[datetime, int | None]] = field(default_factory=dict)
    signed_by: tuple[int, int] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    statement: str = ""

    def is_fresh(self, now: int) -> bool:
        """Whether it was compared with the feed so recently that it need not be again."""
        return bool(self.statement) and 0 <= now - self.looked_at < LOOK_SECONDS

    def holds(self, now: int) -> bool:
        """Whether what was signed may still be given out."""
        return bool(self.statement) and self.claims["iat"] <= now < self.claims["exp"]


class StatusLists:
    """Makes and keeps the lists of one worker."""

    def __init__(self) -> None:
        self._lists: dict[int, _List] = {}
        self._same: dict[bytes, bytes] = {}
        self._signed: dict[str, tuple[tuple[int, int] | None, bytes, str]] = {}
        #: When and with which ring the last signing failed, and why.
        self._silent: tuple[int, tuple[int, int] | None, str] | None = None
        self._lock = threading.Lock()
        self._signing = threading.Lock()

    def sign_once(self, kind: str, body: dict[str, Any]) -> str:
        """The signed statement of `body`; the one kept of this kind while body and ring are the same.

        A module or service that signs is so asked once for many visitors, also when it fails. Raises NoSigningKey,
        SignerUnavailable.
        """
        mark, text = store().mark(), canonical(body)
        held = self._signed.get(kind)
        if held is None or held[:2] != (mark, text):
            with self._signing:
                held = self._signed.get(kind)  # perhaps by the one before us in the queue
                if held is None or held[:2] != (mark, text):
                    held = (mark, text, self._sign(kind, body))
                    self._signed[kind] = held
        return held[2]

    def _sign(self, kind: str, body: dict[str, Any]) -> str:
        """Sign; by one at a time (`_signing`)."""
        self._refuse_while_silent()
        mark = store().mark()
        try:
            statement = sign_statement(kind, body, store().signer())
        except SignerUnavailable as error:
            self._silent = (int(clock.now().timestamp()), mark, str(error.details.get("why", "")))
            raise
        self._silent = None
        return statement

    def _refuse_while_silent(self) -> None:
        """Raise SignerUnavailable when it failed just now; another ring may have another signer."""
        silent = self._silent
        if silent is None or silent[1] != store().mark():
            return
        if 0 <= int(clock.now().timestamp()) - silent[0] < RETRY_SECONDS:
            raise SignerUnavailable(silent[2])

    def statement(self, number: int, now: datetime) -> str | None:
        """The signed list of that number, or None when no sticker is so far. Raises NoSigningKey."""
        seconds = int(now.timestamp())
        with self._lock:
            held = self._lists.get(number) or _List()
            if held.is_fresh(seconds) and held.signed_by == store().mark():
                return held.statement
            try:
                self._refuse_while_silent()  # before the books are asked
                self._renew(held, number, seconds)
            except (SQLAlchemyError, SignerUnavailable):
                # The list says itself how old it is.
                if not held.holds(seconds):
                    raise
                db.session.rollback()
            finally:
                if held.shops:
                    self._lists[number] = held
            return held.statement or None

    def _renew(self, held: _List, number: int, now: int) -> None:
        head, doubts = feed_head(), _doubts()
        if doubts != held.doubts:
            held.seq, held.doubts = -1, doubts
        if head != held.seq or not held.shops:
            held.unsigned = self._read(held, number, head) or held.unsigned
        hour, mark = now - now % RENEW_SECONDS, store().mark()
        held.seq, held.looked_at = head, now
        if not held.shops:
            held.statement = ""
            return
        changed, first_time = held.unsigned, not held.statement
        if not changed and held.signed_by == mark and held.claims.get("iat", 0) >= hour and held.holds(now):
            return
        fresh = pack_statuses(number * SHOPS_PER_LIST, held.shops) if changed or first_time else held.claims
        issued = now if changed and not first_time else hour
        fresh = fresh | claims(list_address(_host(), number), issued, LIST_SECONDS)
        with self._signing:
            held.statement = self._sign(LIST_KIND, fresh)
        held.claims, held.signed_by, held.unsigned = fresh, mark, False

    def _read(self, held: _List, number: int, head: int) -> bool:
        """Bring `shops` up to date, whole or not at all; True when something is different."""
        first = number * SHOPS_PER_LIST
        named = _changed_shops(held.seq, head, first) if held.shops and held.seq >= 0 else None
        if named is None or len(named) > PATCH_MAX:
            shops: list[bytes] = []
            found = _statuses(first, None)
        elif named:
            shops = list(held.shops)
            found = _statuses(first, named)
        else:
            return False
        for shop_id, statuses in found.items():
            place = shop_id - first
            if place >= len(shops):
                shops.extend([b""] * (place + 1 - len(shops)))
            shops[place] = self._same.setdefault(statuses, statuses)
        before, held.shops = held.shops, shops
        return shops != before


def _changed_shops(seq: int, head: int, first: int) -> list[int] | None:
    """The shops of a list that changed since `seq`; None when all may have."""
    if head < seq:
        return None  # restored from a backup: another history
    statement = (
        sa.select(Change.shop_id)
        .where(
            Change.seq > seq,
            Change.shop_id.between(first, first + SHOPS_PER_LIST - 1) | Change.shop_id.is_(None),
        )
        .distinct()
    )
    shops = list(db.session.scalars(statement))
    return None if None in shops else [shop_id for shop_id in shops if shop_id is not None]


def _statuses(first: int, shop_ids: Sequence[int] | None) -> dict[int, bytes]:
    """Statuses of serials 1, 2, … of each shop with stickers, one byte each."""
    last = first + SHOPS_PER_LIST - 1
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    (codes,) = slots.collect(app, "shop.code_states", first=first, last=last, shop_ids=shop_ids) or [{}]
    state = sa.type_coerce(Sticker.state, sa.String)
    paper = (Sticker.shop_id, Sticker.serial, state, Sticker.kid, Sticker.issued_at)
    statement = sa.select(*paper).where(Sticker.shop_id.between(first, last))
    doubts = _doubts()
    judges = {kid: store().doubts(kid) for kid in doubts}
    if shop_ids is not None:
        statement = statement.where(Sticker.shop_id.in_(shop_ids))
    found: dict[int, bytearray] = {}
    known: dict[tuple[str, str | None], int] = {}
    # By the connection: the session's own way of loading costs twice the query, and there are 100,000 rows.
    rows = db.session.connection().execute(statement.order_by(Sticker.shop_id, Sticker.serial))
    for shop_id, serial, sticker_state, kid, issued_at in rows:
        statuses = found.setdefault(shop_id, bytearray())
        while len(statuses) < serial - 1:  # a serial without a row was never given out
            statuses.append(StickerStatus.INVALID)
        facts = (sticker_state, codes.get(shop_id))
        if facts not in known:
            known[facts] = status_of(*facts)
        status = known[facts]
        if (
            kid in doubts
            and status != StickerStatus.REPLACED
            and _is_doubtful(judges[kid](shop_id, serial), issued_at)
        ):
            status = StickerStatus.INVALID  # as on the scan page; the books follow (distrust.py)
        statuses.append(status)
    return {shop_id: bytes(statuses) for shop_id, statuses in found.items()}


def _doubts() -> dict[int, tuple[datetime, int | None]]:
    """The compromised keys, and from which moment or leaf of the log on their papers are not believed."""
    return {
        key.kid: (key.valid_before, key.valid_before_leaf)
        for key in store().ring()
        if key.valid_before is not None
    }


def _is_doubtful(doubt: Doubt | None, issued_at: datetime) -> bool:
    return doubt is not None and doubt.stands(issued_at)


def status_of(sticker_state: str, code_state: str | None) -> StickerStatus:
    """What a sticker is worth: the check page's verdict in two bits. Whatever is not known to be good is invalid."""
    return _STATUS.get(judge(StickerState(sticker_state), code_state), StickerStatus.INVALID)


def index(now: datetime) -> str:
    """The signed index of the lists: their addresses, and how many shop numbers each covers. Raises NoSigningKey."""
    seconds = int(now.timestamp())
    last = db.session.scalar(sa.select(sa.func.max(Sticker.shop_id)))
    count = 0 if last is None else list_number(last) + 1
    settings = current_app.extensions["ydym.settings"]
    base = f"{settings.public_scheme}://"
    body = {
        "shops_per_list": SHOPS_PER_LIST,
        "status_lists": [base + list_address(settings.public_host, number) for number in range(count)],
    }
    issued = seconds - seconds % RENEW_SECONDS
    sub = f"{settings.public_host}/.well-known/ydym-status"
    return lists().sign_once(INDEX_KIND, body | claims(sub, issued, LIST_SECONDS))


def key_set(now: datetime) -> bytes:
    """The JWK set; its member `signed` is the same set as a statement, left out while there is no key to sign with."""
    ring: KeyRing = store().ring()
    document: dict[str, Any] = dict(ring.to_jwks())
    seconds, mark = int(now.timestamp()), store().mark()
    written = 0 if mark is None else min(seconds, mark[0] // 1_000_000_000)
    issued = max(seconds - seconds % RENEW_SECONDS, written)
    body = document | claims(f"{_host()}/.well-known/ydym-keys.json", issued, KEYS_SECONDS)
    try:
        return canonical(document | {"signed": lists().sign_once(KEYS_KIND, body)})
    except (NoSigningKey, SignerUnavailable):
        return canonical(document)


def examine(text: str, now: datetime) -> Examination:
    """What a verifier says of a code that has the published keys and list and no books. Raises NoSigningKey."""
    settings = current_app.extensions["ydym.settings"]
    ring, seconds = store().ring(), int(now.timestamp())
    said = examination.examine(text, settings.public_host, ring, (), seconds)
    if said.payload is None:
        return said
    statement = lists().statement(list_number(said.payload.shop_number), now)
    return examination.examine(text, settings.public_host, ring, filter(None, [statement]), seconds)


def claims(sub: str, issued: int, seconds: int) -> dict[str, Any]:
    """The claims that every statement has."""
    return {"sub": sub, "iat": issued, "exp": issued + seconds, "ttl": FRESH_SECONDS}


def _host() -> str:
    host: str = current_app.extensions["ydym.settings"].public_host
    return host


def register(app: Flask) -> None:
    """Keep this worker's lists (reads nothing yet)."""
    app.extensions["ydym.status_lists"] = StatusLists()


def lists() -> StatusLists:
    """The lists of the present app."""
    found: StatusLists = current_app.extensions["ydym.status_lists"]
    return found
