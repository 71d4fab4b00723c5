"""Reading the keys and the proposals about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from qrservice import PublicKey
from webapp.accounts.models import Account
from webapp.core.actor import Actor, Scope
from webapp.core.db import db
from webapp.core.errors import NotFound
from webapp.web import slots

from .believed import Believed
from .models import KeyProposal, ProposalState
from .rules import signing_kids
from .store import SignerUnavailable, store


def scope_of_keys(**_address: object) -> Scope:
    """For access rules: the keys belong to the city as a whole, not to one of its counties."""
    return Scope(region_code=current_app.extensions["ydym.settings"].city_region)


@dataclass(frozen=True)
class KeyLine:
    """One key as a page or command shows it.

    `place` is where its private half lies (as in ``YDYM_SIGNER``), "" for nowhere here, None when a source did not
    answer. `valid` counts the valid stickers that it signed, None when nobody counts them.
    """

    key: PublicKey
    signs: bool
    place: str | None
    valid: int | None


def lines(now: datetime, *, count: bool = True) -> list[KeyLine]:
    """All keys, the newest first. `count`: with their valid stickers."""
    keys, places = list(store().ring()), _places()
    signing = next(iter(signing_kids(keys, now)), None)
    used = uses() if count else None
    return [
        KeyLine(
            key,
            key.kid == signing,
            None if places is None else places.get(key.kid, ""),
            None if used is None else used.get(key.kid, 0),
        )
        for key in sorted(keys, key=lambda key: key.kid, reverse=True)
    ]


def _places() -> dict[int, str] | None:
    found: dict[int, str] = {}
    try:
        for source in reversed(store().sources()):
            found |= dict.fromkeys(source.held(), source.name)
    except SignerUnavailable:
        return None
    return found


def uses() -> dict[int, int] | None:
    """Valid stickers by the number of their key (slot ``signing.uses``), None when nobody knows."""
    found = slots.collect(_app(), "signing.uses")
    return found[0] if found else None


def issued_since(kid: int, moment: datetime, leaf: int | None) -> int:
    """How many valid stickers under the key would end if it were not believed from `moment`, or that leaf, on."""
    return sum(slots.collect(_app(), "signing.issued_since", kid=kid, moment=moment, leaf=leaf))


def leaf_at(moment: datetime) -> int | None:
    """How many published leaves of the public log stand before that moment; None where there is no log."""
    found: list[int] = slots.collect(_app(), "log.leaf_at", moment=moment)
    return found[0] if found else None


def papers_before(kid: int, leaf: int, moment: datetime) -> Believed:
    """The papers of the key whose leaf is among the first `leaf` of the log and names a time before `moment`."""
    found = slots.collect(_app(), "log.papers", kid=kid, leaf=leaf, moment=moment)
    return Believed(paper for papers in found for paper in papers)


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001


def waiting() -> list[KeyProposal]:
    """Proposals that wait for a second person, the oldest first."""
    statement = sa.select(KeyProposal).where(KeyProposal.state == ProposalState.PROPOSED)
    return list(db.session.scalars(statement.order_by(KeyProposal.id)))


def count_waiting(actor: Actor) -> int:
    """How many proposals this person may decide."""
    statement = sa.select(sa.func.count(KeyProposal.id)).where(
        KeyProposal.state == ProposalState.PROPOSED, KeyProposal.proposed_by_id != actor.account_id
    )
    return db.session.scalar(statement) or 0


def decided(limit: int = 20) -> list[KeyProposal]:
    """The newest proposals that no longer wait."""
    statement = sa.select(KeyProposal).where(KeyProposal.state != ProposalState.PROPOSED)
    return list(db.session.scalars(statement.order_by(KeyProposal.id.desc()).limit(limit)))


def get_proposal(proposal_id: int, *, held: bool = False) -> KeyProposal:
    """The proposal with this id (`held`: locked, as it stands now); raises NotFound."""
    statement = sa.select(KeyProposal).where(KeyProposal.id == proposal_id)
    if held:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    proposal = db.session.scalar(statement)
    if proposal is None:
        raise NotFound("no_such_thing")
    return proposal


def scope_of_proposal(proposal_id: int, **_rest: object) -> Scope:
    """For access rules."""
    get_proposal(proposal_id)
    return scope_of_keys()


def names_of(account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of accounts by id."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    rows = db.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return dict(rows.tuples().all())
