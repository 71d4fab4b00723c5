"""Leaves in words, for the pages."""

from __future__ import annotations

from typing import Any

from webapp.audit.wording import has_word, role_word
from webapp.web.words import label

from . import queries
from .models import LogLeaf


def kind_word(kind: str) -> str:
    """What was decided: ``code.issue`` → 发给诚信码."""
    key = f"publiclog.kind.{kind}"
    return label(key) if has_word(key) else label("publiclog.kind.other")


def line_of(leaf: LogLeaf) -> dict[str, Any]:
    """A leaf for people: its number, what was decided, by whom, when. Shop and ground only where they may be told."""
    facts, about = queries.facts_of(leaf), queries.told_about(leaf)
    known = facts | (about or {})
    return {
        "number": (leaf.position or 0) + 1,
        "what": kind_word(leaf.kind),
        "who": role_word(str(facts.get("role", ""))),
        "detail": _paper(known),
        "why": _ground(str(known.get("ground", ""))),
        "at": leaf.at,
        "shop_id": known.get("shop"),
        "sealed": "about" in facts and about is None,
    }


def _paper(known: dict[str, Any]) -> str:
    """The number printed on a sticker."""
    shop, serial = known.get("shop"), known.get("serial")
    return f"{shop:06d}-{serial:02d}" if isinstance(shop, int) and isinstance(serial, int) else ""


def _ground(ground: str) -> str:
    """The ground by the word of the feature that knows it; nothing when none does."""
    keys = (f"code.ground.{ground}", f"listing.ground.{ground}", f"sticker.reason.{ground}")
    return next((label(key) for key in keys if ground and has_word(key)), "")
