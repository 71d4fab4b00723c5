"""A copy of what an account keeps (个人信息保护法 Art. 45): the phone's cases, ratings, shops, browsers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from webapp.core.db import db
from webapp.filing import mine
from webapp.ratings.models import Rating
from webapp.ratings.rules import HEARTS

from . import queries
from .models import Consumer

#: The date of the file's shape; a new one is told in the changelog.
SCHEMA = "2026-11-28"


def copy(consumer: Consumer, device: str | None, now: datetime) -> str:
    """Everything kept with the account, as JSON for reading and for other programs."""
    filed = json.loads(mine.copy(consumer.phone, now)) if consumer.phone else {}
    document = {
        "schema": SCHEMA,
        "made_at": now.isoformat(),
        "account": {
            "phone": consumer.phone,
            "wechat_linked": consumer.wechat_hash is not None,
            "language": consumer.language.value,
            "created_at": consumer.created_at.isoformat(),
            "browsers": [
                {"device": one.device, "since": one.created_at.isoformat()}
                for one in queries.sessions_of(consumer.id, now)
            ],
        },
        "complaints": filed.get("complaints", []),
        "tips": filed.get("tips", []),
        "ratings": [_rating(one) for one in db.session.scalars(queries.ratings_of(consumer, device, now))],
        "shops": [
            {"number": number, "name": kept.name, "place": kept.place, "kept_at": kept.at}
            for number, kept in sorted(queries.kept_shops(consumer.id).items())
            if not kept.gone
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rating(one: Rating) -> dict[str, Any]:
    return {
        "number": one.id,
        "shop": one.shop.public_full_name,
        "given_at": one.created_at.isoformat(),
        "origin": one.origin.value,
        "hearts": {heart: getattr(one, heart) for heart in HEARTS},
        "text": one.text,
        "photos": len(one.photos),
        "reply": one.reply,
        "removed_ground": one.removed_ground,
    }
