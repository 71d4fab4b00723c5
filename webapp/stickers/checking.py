"""Checking a code that a person pasted or typed: genuine, forged and at which stage, replaced, suspended."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from qrservice import CodeRefused, human_check, same_human_check
from qrservice.examination import find_token
from webapp.core.db import db
from webapp.merchants.models import Shop

from . import queries, reading, rules
from .models import Sticker
from .rules import Verdict

#: The refusal when the typed check group is not the sticker's; the others are the decoding order's stages.
CHECK_STAGE = "check"


@dataclass(frozen=True)
class Finding:
    """What was found. `stage` is set for a code that is not genuine; otherwise `verdict` and what the books say."""

    stage: str | None = None
    verdict: Verdict | None = None
    label: str = ""
    human_check: str = ""
    sticker: Sticker | None = None
    shop: Shop | None = None
    revoked_ground: str | None = None


def check_text(text: str) -> Finding:
    """Check a scanned or pasted address, a text that holds one, or the bare code."""
    host = current_app.extensions["ydym.settings"].public_host
    try:
        token = find_token(text, host)
    except CodeRefused as refusal:
        return Finding(stage=refusal.stage)
    try:
        read = reading.read(token)
    except reading.ForgedCode as forged:
        return Finding(stage=forged.stage)
    return _judged(read.shop_number, read.serial, read.label, read.token)


def check_printed(printed: rules.Printed, check: str) -> Finding:
    """Check the number and the check group as printed below the symbol.

    An unknown number and a wrong group give the same answer, so that numbers cannot be tried out.
    """
    sticker = queries.find(printed.shop_number, printed.serial)
    if sticker is None or not same_human_check(rules.half_width(check), human_check(sticker.token)):
        return Finding(stage=CHECK_STAGE)
    return _judged(printed.shop_number, printed.serial, sticker.label, sticker.token)


def _judged(shop_number: int, serial: int, label: str, token: str) -> Finding:
    try:
        paper = reading.read(token).paper
    except reading.ForgedCode as forged:  # of the books, under a key that was withdrawn since
        return Finding(stage=forged.stage)
    sticker = queries.find(shop_number, serial)
    if sticker is not None and sticker.token != token:
        sticker = None  # signed with our key, yet not the paper that we issued under this serial
    code = queries.code_of(shop_number)
    verdict = rules.judge(sticker.state if sticker else None, code.state)
    if verdict is not Verdict.REPLACED and paper.is_doubtful(sticker.issued_at if sticker else None):
        verdict = Verdict.DISTRUSTED
    return Finding(
        verdict=verdict,
        label=label,
        human_check=human_check(token),
        sticker=sticker,
        shop=db.session.get(Shop, shop_number),
        revoked_ground=code.revoked_ground,
    )
