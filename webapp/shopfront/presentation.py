"""From facts to what the template shows: seals, phrases of the verdict, words for codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from webapp.audit.models import AuditEvent
from webapp.files.queries import Picture, picture_of
from webapp.licences import showing as licence_copies
from webapp.licences.rules import Validity
from webapp.mediation import hours as body_hours
from webapp.merchants import rules as merchant_rules
from webapp.ratings.rules import HEARTS
from webapp.web.languages import EN, language, say, translate

from . import context as comparison
from . import linked
from .composition import LicenceLine, Reason, TrustPage
from .now import lines as now_lines
from .rules import StickerFact, Verdict

#: Which seal a verdict has; None: a plain drawn one, with its own word (see _seals.html).
SEALS: dict[Verdict, tuple[str, str]] = {
    Verdict.TRUSTED: ("valid", "good"),
    Verdict.UNCERTAIN: ("uncertain", "caution"),
    Verdict.SUSPENDED: ("suspended", "caution"),
    Verdict.REVOKED: ("revoked", "stop"),
    Verdict.BLACK: ("black", "stop"),
    Verdict.REPLACED: ("replaced", "quiet"),
}
#: 申诉中: the black entry stands, and somebody who took no part looks at it again.
APPEAL = "appeal"
#: A dead sticker's own seal and words, by what the books know of it.
STICKER_SEALS = {
    StickerFact.SUSPENDED: "suspended",
    StickerFact.ENDED: "ended",
    StickerFact.UNKNOWN: "unknown",
    StickerFact.DISTRUSTED: "distrusted",
}
TONES = {
    Validity.VALID: "good",
    Validity.ENDING: "caution",
    Validity.EXPIRED: "stop",
    Validity.NOT_YET: "caution",
}
#: CSS pixels.
PHOTO_SHOWN, PAPER_SHOWN = 112, 96


@dataclass(frozen=True)
class Line:
    """One thing of the public history: when, who, what, and why in words (may be empty).

    `number` is where it stands in the public log, None while it waits for its place.
    """

    at: datetime
    who: str
    what: str
    why: str
    number: int | None


@dataclass(frozen=True)
class Said:
    """A reason in words, with who says so and since when."""

    text: str
    detail: str
    who: str
    since: datetime | None


@dataclass(frozen=True)
class Paper:
    """The covered picture of a licence."""

    name: str
    small: Picture


def context(page: TrustPage) -> dict[str, Any]:
    """The template's variables."""
    rows = page.rows
    key = _verdict_key(page)
    return {
        "page": page,
        "rows": rows,
        "shop": rows.shop,
        "verdict": page.shown.value,
        "shop_verdict": page.shop.value,
        "verdict_key": key,
        "seal_name": _seal(page),
        "tone": SEALS[page.shown][1],
        "shop_tone": SEALS[page.shop][1],
        "shop_seal": APPEAL if page.appealed else SEALS[page.shop][0],
        "reasons": [said(reason) for reason in page.reasons],
        "address": address(page),
        "bureau": _bureau(),
        "photo": photo(page),
        "licence_tones": {line.code: TONES[line.validity] for line in page.licences},
        "papers": [paper for line in page.licences if (paper := paper_of(line)) is not None],
        "hearts": [(say(f"shopfront.heart.{heart}"), value) for heart, value in page.hearts.items()],
        "hours": merchant_rules.grouped(rows.shop.opening_hours or {}),
        "helper_hours": "" if rows.helper is None else body_hours.text_of(rows.helper.opening_hours),
        "history": [line_of(event, rows.proofs.get(event.id)) for event in rows.history],
        "red": [entry for entry in rows.listings if entry.colour.value == "red"],
        "black": [entry for entry in rows.listings if entry.colour.value == "black"],
        "open_for_business": page.shop in {Verdict.TRUSTED, Verdict.UNCERTAIN, Verdict.SUSPENDED},
        "now": now_lines(page),
        "ratings": rows.ratings,
        "heart_names": HEARTS,
        "offers": page.offers,
        "compared": comparison.of(rows),
        "shared_at": linked.address_of(page),
        "picture": linked.picture(page),
        "business": linked.business(page),
        "word": word,
        "who": who,
    }


def _seal(page: TrustPage) -> str:
    if page.shown is Verdict.REPLACED:
        return STICKER_SEALS.get(page.sticker_fact, SEALS[page.shown][0])
    return APPEAL if page.appealed else SEALS[page.shown][0]


def address(page: TrustPage) -> str:
    """County, street and address, each once: merchants often write the county into the address."""
    rows, written = page.rows, page.rows.shop.public_address
    if rows.county and rows.county in written:
        return written[written.index(rows.county) :]
    return f"{rows.county}{rows.street}{written}"


def _bureau() -> list[str]:
    """The bureau's name as phrases that are not broken inside: the city apart."""
    settings = current_app.extensions["ydym.settings"]
    if language() == EN:
        return [translate(settings.bureau_name)]
    rest = settings.bureau_name.removeprefix(settings.city_name)
    return [settings.city_name, rest] if rest != settings.bureau_name else [settings.bureau_name]


def photo(page: TrustPage) -> Picture | None:
    """The storefront's first photo where the page shows it."""
    return None if page.rows.photo is None else picture_of(page.rows.photo, PHOTO_SHOWN)


def paper_of(line: LicenceLine) -> Paper | None:
    """The covered picture of a licence; None when none is shown."""
    if line.copy is None:
        return None
    number, file = line.copy
    return Paper(line.name, picture_of(file, PAPER_SHOWN, address=licence_copies.address_of(number)))


def said(reason: Reason) -> Said:
    """A reason in words. A code that has no word yet still says that there is a reason."""
    text = word(f"shopfront.reason.{reason.code}", f"code.ground.{reason.code}", _listing_key(reason.code))
    names = say("shopfront.names.joint").join(reason.names)
    return Said(text, reason.text or names, who(reason.by), reason.since)


def line_of(event: AuditEvent, number: int | None) -> Line:
    """A public decision in words: the role of who decided, never a name."""
    kind = f"shopfront.history.{event.action}"
    colour = (event.new or {}).get(
        "colour", ""
    )  # of a list entry: the red list's words are not the black list's
    what = word(f"{kind}.{colour}", kind, "shopfront.history.other")
    why = ""
    if event.actor_role != "system" and event.reason and event.action != "licence.verify":
        why = event.reason
    elif event.reason_code:
        why = word(f"shopfront.reason.{event.reason_code}", f"code.ground.{event.reason_code}", default="")
    return Line(event.at, who(event.actor_role), what, why, number)


def who(role: str) -> str:
    """Who says so, by role: the bureau, a station, a department, the register, the merchant, or the system."""
    settings = current_app.extensions["ydym.settings"]
    return word(f"shopfront.who.{role}", "shopfront.who.officer", bureau=translate(settings.bureau_name))


def word(*keys: str, default: str | None = None, **details: object) -> str:
    """The words of the first key that a catalogue has; `default`, or a general phrase, when none has."""
    words: dict[str, str] = current_app.extensions["ydym.words"]
    for key in keys:
        if words.get(key):
            return translate(words[key], **details)
    return translate(words["shopfront.reason.other"]) if default is None else default


def _listing_key(code: str) -> str:
    return f"listing.ground.{code}"


def _verdict_key(page: TrustPage) -> str:
    if page.shown is not Verdict.REPLACED:
        return page.shown.value
    return f"sticker_{page.sticker_fact.value}"
