"""Which decisions are public, against the lifecycles."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.merchants import NOW
from webapp.codes.rules import STEPS as OF_CODES
from webapp.listings.rules import STEPS as OF_LISTINGS
from webapp.publiclog.rules import KINDS, Decision, make


def test_every_step_of_codes_and_lists_is_known() -> None:
    """A step that a lifecycle gains is a public decision, or stands here as one that is not."""
    not_public = {"listing.refuse", "listing.withdraw"}
    steps = {f"code.{step.action}" for step in OF_CODES} | {f"listing.{step.action}" for step in OF_LISTINGS}
    assert steps - set(KINDS) == not_public


def decision(action: str, **facts: Any) -> Decision:
    return Decision(action, "thing", 1, NOW, "bureau_officer", account_id=7, shop_id=3, **facts)


@given(text=st.text(min_size=1, max_size=40), action=st.sampled_from(sorted(KINDS)))
def test_nothing_that_a_person_typed_gets_into_a_leaf(text: str, action: str) -> None:
    """Whatever stands in reason, ground and facts: only codes, numbers and commitments are in the leaf's bytes."""
    typed = f"张三 {text}"
    new = dict.fromkeys(KINDS[action].facts, typed) | {"state": "active"}
    leaf = make(decision(action, ground=typed, reason=typed, new=new), b"a" * 32, b"b" * 32)
    assert "张三".encode() not in leaf.data
    assert json.loads(leaf.data).keys() <= {"v", "kind", "at", "role", "shop", "subject", "to", "about", "by"}
    assert json.loads(leaf.by) == {"account": 7, "reason": typed}


def test_codes_and_numbers_get_into_a_leaf() -> None:
    new = {"kid": 0, "serial": 5, "place": "door", "replaced_by_serial": None}
    facts = json.loads(make(decision("sticker.issue", new=new), b"a" * 32, b"b" * 32).data)
    assert (facts["kid"], facts["serial"], facts["place"], facts["shop"]) == (0, 5, "door", 3)
    new = {"kid": 1, "valid_before": "2026-05-06T04:30:00+00:00", "valid_before_leaf": 12}
    facts = json.loads(make(decision("key.compromise", new=new), b"a" * 32, b"b" * 32).data)
    assert (facts["valid_before"], facts["valid_before_leaf"]) == ("2026-05-06T04:30:00+00:00", 12)


def test_what_a_black_entry_brings_about_is_sealed_as_the_entry() -> None:
    """The code's end stands beside the entry in the log: told in clear, it would name the shop for ever."""
    sealed = json.loads(make(decision("code.revoke", ground="black_listed"), b"a" * 32, b"b" * 32).data)
    assert not {"shop", "subject", "ground"} & set(sealed)
    clear = json.loads(
        make(decision("code.revoke", ground="operator_deregistered"), b"a" * 32, b"b" * 32).data
    )
    assert (clear["shop"], clear["ground"]) == (3, "operator_deregistered")


@given(action=st.sampled_from(sorted(KINDS)))
def test_the_decisions_own_facts_never_take_the_place_of_the_leafs(action: str) -> None:
    """What a reminder calls its kind stood where the leaf says whether it was published or withdrawn."""
    new = dict.fromkeys(KINDS[action].facts, "warning") | {"state": "active"}
    facts = json.loads(make(decision(action, new=new), b"a" * 32, b"b" * 32).data)
    assert (facts["kind"], facts["role"]) == (action, "bureau_officer")
    if "kind" in KINDS[action].facts and not KINDS[action].sealed:
        assert facts["subkind"] == "warning"
