"""Green only when every condition holds: each condition broken alone takes it away."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from webapp.shopfront.rules import Facts, StickerFact, Verdict, judge

GOOD = Facts(code_state="active", registry_status="active", sticker=StickerFact.VALID)

BROKEN = [
    ("no code", replace(GOOD, code_state=None), Verdict.NOT_VOUCHED),
    ("suspended", replace(GOOD, code_state="suspended", grounds=("abnormal_list",)), Verdict.SUSPENDED),
    ("ground without state", replace(GOOD, grounds=("officer",)), Verdict.SUSPENDED),
    ("revoked", replace(GOOD, code_state="revoked", revoked_ground="officer"), Verdict.REVOKED),
    ("unheard-of state", replace(GOOD, code_state="resting"), Verdict.UNCERTAIN),
    ("black", replace(GOOD, black_listed=True), Verdict.BLACK),
    ("register silent", replace(GOOD, registry_status=None), Verdict.UNCERTAIN),
    ("register closed", replace(GOOD, registry_status="closed"), Verdict.UNCERTAIN),
    ("abnormal", replace(GOOD, registry_abnormal=True), Verdict.UNCERTAIN),
    ("licence", replace(GOOD, licences_lacking=("food",)), Verdict.UNCERTAIN),
    ("sticker replaced", replace(GOOD, sticker=StickerFact.REPLACED), Verdict.REPLACED),
    ("sticker lost", replace(GOOD, sticker=StickerFact.ENDED), Verdict.REPLACED),
    ("sticker not in the books", replace(GOOD, sticker=StickerFact.UNKNOWN), Verdict.REPLACED),
]


def test_all_conditions_hold() -> None:
    assert judge(GOOD).shown is Verdict.TRUSTED
    assert judge(replace(GOOD, sticker=StickerFact.NOT_SCANNED)).shown is Verdict.TRUSTED


@pytest.mark.parametrize(("facts", "verdict"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_one_condition_broken(facts: Facts, verdict: Verdict) -> None:
    judgement = judge(facts)
    assert judgement.shown is verdict
    assert judgement.reasons


def test_green_in_exactly_one_corner_of_the_whole_table() -> None:
    greens = []
    for state, black, register, abnormal, lacking, grounds, sticker in product(
        (None, "active", "suspended", "revoked"),
        (False, True),
        (None, "active", "closed", "deregistered"),
        (False, True),
        ((), ("food",)),
        ((), ("officer",)),
        tuple(StickerFact),
    ):
        facts = Facts(state, grounds, None, black, register, abnormal, lacking, sticker)
        if judge(facts).shown is Verdict.TRUSTED:
            greens.append(facts)
    assert {fact.sticker for fact in greens} == {StickerFact.VALID, StickerFact.NOT_SCANNED}
    assert len(greens) == 2
    assert all(
        f.code_state == "active" and f.registry_status == "active" and not f.black_listed for f in greens
    )


def test_a_dead_sticker_does_not_hide_the_black_list() -> None:
    judgement = judge(replace(GOOD, black_listed=True, sticker=StickerFact.REPLACED))
    assert judgement.shown is Verdict.BLACK
