"""Which facts about who filed a complaint an officer should know. Pure.

A signal is a count of what is on record, against a limit of the policy table. It says nothing about whether the claim
is right, and it decides nothing: no step of any lifecycle asks for it.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, field


class SignalKind(enum.StrEnum):
    """What stands out."""

    VOLUME = "volume"  # many shops from one phone
    TOPIC = "topic"  # nearly all about one category
    DEMAND = "demand"  # the same demand with the same amount, again and again
    EVIDENCE = "evidence"  # the same picture in somebody else's complaint or against another shop


@dataclass(frozen=True)
class Claim:
    """One complaint as the signals see it: no name, no phone, no story.

    `person`: keyed hash of the phone, or None. `pictures`: SHA-256 of the pictures that came with it.
    """

    id: int
    shop_id: int
    person: str | None
    topic: str
    demand: str
    amount_fen: int | None
    pictures: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Limits:
    """From the policy table (``claims.*``). `days` look back; the others are the least counts that are mentioned."""

    days: int
    shops: int
    topic_claims: int
    topic_percent: int
    same_demand: int
    picture_claims: int


@dataclass(frozen=True)
class Signal:
    """One fact: `count` of `total` complaints, against `shops` shops; `code`: the topic or demand that it is of."""

    kind: SignalKind
    count: int
    total: int
    shops: int
    code: str = ""
    amount_fen: int | None = None


def signals(claim: Claim, lately: Collection[Claim], limits: Limits) -> list[Signal]:
    """What stands out of `lately` (complaints of the last `limits.days` days, with or without `claim`) about `claim`.

    `lately` may hold anybody's complaints; only those of the same phone or with the same picture count.
    """
    others = {one.id: one for one in lately} | {claim.id: claim}
    same = [one for one in others.values() if claim.person is not None and one.person == claim.person]
    found = [_volume(same, limits), _topic(claim, same, limits), _demand(claim, same, limits)]
    return [one for one in (*found, _evidence(claim, others.values(), limits)) if one is not None]


def _shops(claims: Collection[Claim]) -> int:
    return len({one.shop_id for one in claims})


def _volume(same: list[Claim], limits: Limits) -> Signal | None:
    if _shops(same) < limits.shops:
        return None
    return Signal(SignalKind.VOLUME, len(same), len(same), _shops(same))


def _topic(claim: Claim, same: list[Claim], limits: Limits) -> Signal | None:
    """A category of its own only says something across shops: one shop may well do one thing wrong often."""
    about = [one for one in same if one.topic == claim.topic]
    often = len(about) >= limits.topic_claims and len(about) * 100 >= limits.topic_percent * len(same)
    if not often or _shops(about) < 2:
        return None
    return Signal(SignalKind.TOPIC, len(about), len(same), _shops(about), claim.topic)


def _demand(claim: Claim, same: list[Claim], limits: Limits) -> Signal | None:
    if not claim.amount_fen:
        return None
    alike = [one for one in same if (one.demand, one.amount_fen) == (claim.demand, claim.amount_fen)]
    if len(alike) < limits.same_demand or _shops(alike) < 2:
        return None
    return Signal(SignalKind.DEMAND, len(alike), len(same), _shops(alike), claim.demand, claim.amount_fen)


def _evidence(claim: Claim, others: Collection[Claim], limits: Limits) -> Signal | None:
    """The same person may well show the same picture again to the same shop: that counts for nothing."""
    again = [
        one
        for one in others
        if one.pictures & claim.pictures
        and (one.id == claim.id or one.shop_id != claim.shop_id or one.person != claim.person)
    ]
    if len(again) < max(2, limits.picture_claims):
        return None
    return Signal(SignalKind.EVIDENCE, len(again), len(again), _shops(again))
