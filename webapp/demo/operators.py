"""Operators (经营主体) and what the register says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from webapp.core.identifiers import make_uscc
from webapp.demo import words
from webapp.demo.draw import Draw
from webapp.demo.names import Trade, registered_name
from webapp.demo.people import draw_person
from webapp.demo.places import Street

_KIND_PREFIX = {"enterprise": "91", "self_employed": "92", "cooperative": "93"}
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Organisation codes: six free characters after "MA" (newer), or eight digits (before the change of October
# 2015).
_NEW_CODES = 31**6
_OLD_CODES = 10**8
_CODES_CHANGED_ON = date(2015, 10, 1)
# Steps coprime with 31 and with 10: walking by them visits every code once before any repeats.
_NEW_STEP = 314_606_869
_OLD_STEP = 38_196_601
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Register status out of a thousand. Vouched-for shops should be active: the rest shows what the feed does
# to them.
_STATUSES = (
    ("active",) * 972
    + ("deregistered",) * 12
    + ("licence_revoked",) * 6
    + ("moved_out",) * 5
    + ("closed",) * 5
)


@dataclass(frozen=True, slots=True)
class DemoOperator:
    """One operator and its register record.

    `uscc` valid by GB 32100-2015. `kind`: enterprise, self_employed, cooperative. `status`: active (存续),
    moved_out (迁出), closed (停业), licence_revoked (吊销), deregistered (注销). `abnormal_ground` and `abnormal_on`
    are set together when the operator is in the abnormal list (经营异常名录; for self-employed households:
    标记经营异常状态).
    """

    uscc: str
    name: str
    kind: str
    legal_representative: str
    registered_address: str
    authority: str
    region_code: str
    established_on: date
    status: str
    abnormal_ground: str | None
    abnormal_on: date | None
    is_serious_violator: bool
    scope: str


def _organisation_code(number: int, established_on: date, kind: str) -> str:
    """Nine characters with the check character of GB 11714-1997, different for every `number` below 31**6."""
    if kind == "enterprise" and established_on < _CODES_CHANGED_ON:
        body = f"{(number + 1) * _OLD_STEP % _OLD_CODES:08d}"
    else:
        rest = (number + 1) * _NEW_STEP % _NEW_CODES
        body = ""
        for _ in range(6):
            rest, digit = divmod(rest, 31)
            body = _CODE_CHARACTERS[digit] + body
        body = "MA" + body
    # GB 11714 counts letters from A = 10 with I and O included: base 36.
    total = sum(
        int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return body + "0123456789X0"[(11 - total % 11) % 11]


def _draw_kind(draw: Draw, trade: Trade) -> str:
    if draw.below(100) < trade.enterprise_percent:
        return "enterprise"
    return "cooperative" if trade.key in ("specialty", "scenic") and draw.chance(300) else "self_employed"


def make_operator(
    draw: Draw, index: int, brand: str, shop_name: str, trade: Trade, street: Street, address: str, today: date,
    *, always_enterprise: bool = False,
) -> DemoOperator:  # fmt: skip
    """The operator whose first shop is shop `index`. `draw` must be the operator's own stream."""
    kind = "enterprise" if always_enterprise else _draw_kind(draw, trade)
    age_days = 90 + draw.below(1 + draw.below(7300))
    established_on = today - timedelta(days=age_days)
    status = _STATUSES[draw.below(1000)]
    # A struck-off household is no longer marked abnormal: only standing operators are.
    is_abnormal = status == "active" and draw.chance(22)
    code = make_uscc(
        _KIND_PREFIX[kind] + street.county_code + _organisation_code(index, established_on, kind)
    )
    phrases = words.phrases()
    return DemoOperator(
        uscc=code,
        name=registered_name(kind, brand, shop_name, trade, street.county),
        kind=kind,
        legal_representative=draw_person(draw),
        registered_address=address,
        authority=phrases["authority"].format(county=street.county),
        region_code=street.county_code,
        established_on=established_on,
        status=status,
        abnormal_ground=draw.choice(words.table("grounds.csv"))["ground"] if is_abnormal else None,
        abnormal_on=today - timedelta(days=draw.between(3, min(400, age_days))) if is_abnormal else None,
        is_serious_violator=status == "active" and draw.chance(1),
        scope=phrases["general_scope"] + trade.scope,
    )
