"""The trust page as facts: gathered, judged, ready to be shown as HTML or JSON. Codes only, no sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp.codes.rules import AUTOMATIC_GROUNDS
from webapp.core import clock
from webapp.files.models import StoredFile
from webapp.licences import rules as licence_rules
from webapp.licences.rules import Validity
from webapp.listings.rules import Colour
from webapp.ratings.rules import HEARTS
from webapp.stickers.models import StickerState
from webapp.stickers.reading import Paper

from . import offers, queries, rules
from .offers import Offer
from .queries import BLACK_LISTED, Gathered
from .rules import Facts, Judgement, StickerFact, Verdict

_STICKER_FACTS = {
    StickerState.VALID: StickerFact.VALID,
    StickerState.SUSPENDED: StickerFact.SUSPENDED,
    StickerState.REPLACED: StickerFact.REPLACED,
    StickerState.LOST: StickerFact.ENDED,
    StickerState.DESTROYED: StickerFact.ENDED,
}


@dataclass(frozen=True)
class Reason:
    """One reason for the verdict. `code` has a word; `text` an officer's own words; `by` a role's code."""

    code: str
    text: str = ""
    since: datetime | None = None
    by: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class LicenceLine:
    """A verified licence. No `until` means long-term (长期). `copy`: its covered picture's number and file."""

    code: str
    name: str
    number: str
    scope: str
    start: date | None
    until: date | None
    validity: Validity
    verified_at: datetime | None
    how: str | None
    copy: tuple[int, StoredFile] | None = None


@dataclass(frozen=True)
class TrustPage:
    """What there is to say of a shop, and of the sticker when one was scanned.

    `average` and `hearts` are 1.0–5.0, None without ratings. `expires_at`: when the calendar alone may change the page.
    """

    rows: Gathered
    judgement: Judgement
    reasons: tuple[Reason, ...]
    licences: tuple[LicenceLine, ...]
    lacking: tuple[str, ...]
    average: float | None
    hearts: dict[str, float | None]
    expires_at: datetime
    paper: Paper | None
    offers: tuple[Offer, ...]

    @property
    def shop(self) -> Verdict:
        """The verdict on the shop."""
        return self.judgement.shop

    @property
    def shown(self) -> Verdict:
        """The verdict that the page says first: on the sticker when that is worth nothing."""
        return self.judgement.shown

    @property
    def appealed(self) -> bool:
        """Is the black entry that the verdict rests on under appeal (申诉中)?"""
        black = [entry for entry in self.rows.listings if entry.colour is Colour.BLACK]
        return self.shop is Verdict.BLACK and any(entry.under_appeal for entry in black)

    @property
    def sticker_fact(self) -> StickerFact:
        """What is known of the paper that was scanned."""
        return sticker_fact(self.rows, self.paper)


def compose(shop_id: int, paper: Paper | None, now: datetime) -> TrustPage | None:
    """Gather and judge; None when there is no such shop."""
    today = clock.day_of(now)
    rows = queries.gather(shop_id, paper, today)
    if rows is None:
        return None
    policies = rows.policies
    licences = tuple(
        LicenceLine(
            kind.code,
            kind.name,
            licence.number,
            licence.scope,
            licence.valid_from,
            licence.valid_until,
            licence_rules.validity(licence.valid_from, licence.valid_until, today, policies.notice_days),
            licence.verified_at,
            licence.verified_how,
            rows.pictures.get(licence.id),
        )
        for kind, licence in rows.licences
    )
    periods = [(line.code, line.start, line.until) for line in licences]
    lacking = tuple(licence_rules.lacking(rows.required_names, periods, today, policies.grace_days))
    judgement = rules.judge(_facts(rows, lacking, sticker_fact(rows, paper)))
    average, hearts = _hearts(rows)
    offered = offers.gather(shop_id, now) if judgement.shown is Verdict.TRUSTED else ()
    return TrustPage(
        rows=rows,
        judgement=judgement,
        reasons=_reasons(rows, judgement, lacking),
        licences=licences,
        lacking=lacking,
        average=average,
        hearts=hearts,
        expires_at=offers.ends_at(offered, _expires_at(rows, today)),
        paper=paper,
        offers=offered,
    )


def sticker_fact(rows: Gathered, paper: Paper | None) -> StickerFact:
    """What the books know of the paper that was scanned (None: nothing was scanned)."""
    if paper is None:
        return StickerFact.NOT_SCANNED
    sticker = rows.sticker
    replaced = sticker is not None and sticker.state is StickerState.REPLACED
    if not replaced and paper.is_doubtful(None if sticker is None else sticker.issued_at):
        return StickerFact.DISTRUSTED
    return StickerFact.UNKNOWN if sticker is None else _STICKER_FACTS[sticker.state]


def _facts(rows: Gathered, lacking: tuple[str, ...], sticker: StickerFact) -> Facts:
    record, code = rows.record, rows.code
    return Facts(
        code_state=None if code is None else code.state.value,
        grounds=tuple(ground.ground for ground in rows.grounds),
        # Once the entry is gone (期满, 信用修复, 申诉), so is what it was revoked for: here there is no such entry.
        revoked_ground=None if code is None or code.revoked_ground == BLACK_LISTED else code.revoked_ground,
        black_listed=any(listing.colour is Colour.BLACK for listing in rows.listings),
        registry_status=None if record is None else record.status.value,
        registry_abnormal=record is not None and record.abnormal,
        licences_lacking=lacking,
        sticker=sticker,
    )


def _reasons(rows: Gathered, judgement: Judgement, lacking: tuple[str, ...]) -> tuple[Reason, ...]:
    """The reasons for the shop's own verdict, with who and since when."""
    found: list[Reason] = []
    for code in judgement.reasons:
        if code.startswith("sticker_"):
            continue
        if judgement.shop is Verdict.SUSPENDED and rows.grounds:
            found += [_ground(rows, code)]
        elif judgement.shop is Verdict.BLACK:
            found += [
                Reason(f"black.{entry.ground}", entry.public_summary, entry.published_at, "bureau_officer")
                for entry in rows.listings
                if entry.colour is Colour.BLACK
            ]
        elif judgement.shop is Verdict.REVOKED:
            found.append(_revocation(rows, code))
        elif code in {"register_not_active", "abnormal_list"} and rows.record is not None:
            found.append(Reason(code, since=_midnight(rows.record.as_of), by="register"))
        else:
            names = _names(rows, lacking) if code == "licence_lacking" else ()
            found.append(Reason(code, names=names, by="system"))
    return tuple(found)


def _ground(rows: Gathered, code: str) -> Reason:
    entry = next(ground for ground in rows.grounds if ground.ground == code)
    if code in AUTOMATIC_GROUNDS:
        return Reason(code, since=entry.started_at, by="system")
    return Reason(code, entry.reason, entry.started_at, "officer" if entry.started_by_id else "system")


def _revocation(rows: Gathered, code: str) -> Reason:
    """Why the code was revoked: the words are those of the public record of the decision."""
    since = None if rows.code is None else rows.code.revoked_at
    event = next((event for event in rows.history if event.action == "code.revoke"), None)
    by = "system" if event is None else event.actor_role
    text = (event.reason or "") if event is not None and by != "system" else ""
    return Reason(code, text, since, by)


def _names(rows: Gathered, codes: tuple[str, ...]) -> tuple[str, ...]:
    known = {kind.code: kind.name for kind, _ in rows.licences} | rows.required_names
    return tuple(known.get(code, code) for code in codes)


def _hearts(rows: Gathered) -> tuple[float | None, dict[str, float | None]]:
    """The average of all five, and each; sums are kept with the shop's figures."""
    figures = rows.figures
    if figures is None or not figures.ratings:
        return None, dict.fromkeys(HEARTS)
    sums = {heart: getattr(figures, f"hearts_{heart}") for heart in HEARTS}
    hearts: dict[str, float | None] = {heart: total / figures.ratings for heart, total in sums.items()}
    return sum(sums.values()) / figures.ratings / len(HEARTS), hearts


def _expires_at(rows: Gathered, today: date) -> datetime:
    policies = rows.policies
    turn = rules.turns_on(
        today,
        ((licence.valid_from, licence.valid_until) for _, licence in rows.licences),
        [entry.term_until for entry in rows.listings]
        + [one.term_until for one in rows.honours]
        + [one.inspected_on + timedelta(days=policies.inspections_days) for one in rows.inspections],
        policies.notice_days,
        policies.grace_days,
    )
    if policies.next_change is not None:
        turn = min(turn, policies.next_change)
    return clock.end_of_day(turn - timedelta(days=1))


def _midnight(day: date) -> datetime:
    return clock.end_of_day(day - timedelta(days=1))
