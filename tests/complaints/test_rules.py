"""The life of a complaint: who may do what, receipts, due moments, amounts."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.complaints import rules
from webapp.complaints.rules import ENDED, OFFER_STEPS, STEPS, ComplaintState, OfferState, Turn
from webapp.core import receipts
from webapp.core.actor import Role

S, F = ComplaintState, OfferState
PEOPLE = (Role.CONSUMER, Role.MERCHANT, Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM)

#: Every action of every side from every state; what is not here is refused.
TABLE = {
    (S.SETTLING, Role.MERCHANT): {"answer": S.ANSWERED, "offer": S.ANSWERED},
    (S.SETTLING, Role.CONSUMER): {
        "supplement": S.SETTLING,
        "confirm_resolved": S.RESOLVED,
        "withdraw": S.WITHDRAWN,
    },
    (S.SETTLING, Role.STATION_OFFICER): {"refer": S.REFERRED},
    (S.SETTLING, Role.SYSTEM): {"refer": S.REFERRED},
    (S.ANSWERED, Role.MERCHANT): {"answer": S.ANSWERED, "offer": S.ANSWERED},
    (S.ANSWERED, Role.CONSUMER): {
        "supplement": S.ANSWERED,
        "accept_offer": S.AGREED,
        "decline_offer": S.ANSWERED,
        "confirm_resolved": S.RESOLVED,
        "say_unresolved": S.REFERRED,
        "withdraw": S.WITHDRAWN,
    },
    (S.ANSWERED, Role.STATION_OFFICER): {"refer": S.REFERRED},
    (S.ANSWERED, Role.SYSTEM): {"refer": S.REFERRED, "lapse": S.LAPSED},
    (S.AGREED, Role.MERCHANT): {"answer": S.AGREED, "say_performed": S.AGREED},
    (S.AGREED, Role.CONSUMER): {
        "supplement": S.AGREED,
        "confirm_resolved": S.RESOLVED,
        "say_unresolved": S.REFERRED,
        "withdraw": S.WITHDRAWN,
    },
    (S.AGREED, Role.STATION_OFFICER): {"refer": S.REFERRED},
    (S.AGREED, Role.SYSTEM): {"count_as_kept": S.RESOLVED, "refer": S.REFERRED},
    (S.REFERRED, Role.MERCHANT): {"answer": S.REFERRED, "offer": S.REFERRED},
    (S.REFERRED, Role.CONSUMER): {
        "supplement": S.REFERRED,
        "accept_offer": S.AGREED,
        "decline_offer": S.REFERRED,
        "confirm_resolved": S.RESOLVED,
        "withdraw": S.WITHDRAWN,
    },
    (S.REFERRED, Role.STATION_OFFICER): {
        "inform": S.REFERRED,
        "accept": S.MEDIATING,
        "refuse": S.REFUSED,
        "pause": S.REFERRED,
        "resume": S.REFERRED,
        "join": S.REFERRED,
        "part": S.REFERRED,
        "transfer": S.REFERRED,
        "transfer_out": S.TRANSFERRED,
    },
    (S.MEDIATING, Role.MERCHANT): {"answer": S.MEDIATING, "offer": S.MEDIATING},
    (S.MEDIATING, Role.CONSUMER): {
        "supplement": S.MEDIATING,
        "accept_offer": S.AGREED,
        "decline_offer": S.MEDIATING,
        "confirm_resolved": S.RESOLVED,
        "withdraw": S.WITHDRAWN,
    },
    (S.MEDIATING, Role.STATION_OFFICER): {
        "inform": S.MEDIATING,
        "settle": S.RESOLVED,
        "end": S.CLOSED,
        "pause": S.MEDIATING,
        "resume": S.MEDIATING,
        "join": S.MEDIATING,
        "part": S.MEDIATING,
        "transfer": S.REFERRED,
        "transfer_out": S.TRANSFERRED,
    },
    (S.RESOLVED, Role.CONSUMER): {"reopen": S.REFERRED},
    (S.CLOSED, Role.CONSUMER): {"reopen": S.REFERRED},
    (S.LAPSED, Role.CONSUMER): {"reopen": S.REFERRED},
    (S.RESOLVED, Role.STATION_OFFICER): {"serve": S.RESOLVED},
    (S.CLOSED, Role.STATION_OFFICER): {"serve": S.CLOSED},
    (S.REFUSED, Role.STATION_OFFICER): {"serve": S.REFUSED},
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("role", PEOPLE)
def test_the_table_of_steps_is_what_the_procedure_says(state: S, role: Role) -> None:
    meant = TABLE.get((state, Role.STATION_OFFICER if role is Role.BUREAU_OFFICER else role), {})
    actual = {step.action: step.target for step in STEPS if state in step.sources and role in step.roles}
    assert actual == meant
    assert rules.open_actions(state, role) == list(actual)


def test_what_has_ended_moves_only_by_being_opened_again() -> None:
    assert {S.RESOLVED, S.CLOSED, S.REFUSED, S.WITHDRAWN, S.LAPSED, S.TRANSFERRED} == ENDED
    leaving = {step.action for step in STEPS for state in step.sources & ENDED if step.target is not state}
    assert leaving == {"reopen"}


LAWS = ("order20", "order121")


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("kind", ["refuse", "end"])
def test_each_law_has_its_own_grounds(law: str, kind: str) -> None:
    grounds = rules.grounds_for(kind, law)
    codes = [ground.code for ground in grounds]
    assert len(codes) == len(set(codes)) >= 6
    assert all(ground.article for ground in grounds)
    assert rules.find_ground(kind, law, "other_law") == grounds[-1]
    assert grounds[-1].needs_text
    assert rules.find_ground(kind, law, "unrecorded") is None, "a ground of old rows is chosen by nobody"


def test_only_the_newer_law_refuses_for_a_false_identity() -> None:
    assert rules.find_ground("refuse", "order20", "identity") is None
    assert rules.find_ground("refuse", "order121", "identity") is not None
    assert rules.find_ground("end", "order20", "party_gone") is None


def test_offers_end_once() -> None:
    assert {F.DECLINED, F.WITHDRAWN, F.EXPIRED, F.KEPT, F.BROKEN} == rules.OFFER_ENDED
    assert {step.action for step in OFFER_STEPS if Role.MERCHANT in step.roles} == {"withdraw"}


def test_whoever_has_the_turn_can_act() -> None:
    sides = {
        Turn.MERCHANT: Role.MERCHANT,
        Turn.CONSUMER: Role.CONSUMER,
        Turn.AUTHORITY: Role.STATION_OFFICER,
    }
    for state in S:
        turn = rules.turn(state)
        assert (turn is Turn.NOBODY) == (state in ENDED)
        if state is S.AGREED:
            # the merchant's turn is in the world: it pays or repairs; the consumer says whether it did
            assert "say_performed" in rules.open_actions(state, Role.MERCHANT)
            assert "confirm_resolved" in rules.open_actions(state, Role.CONSUMER)
        elif state not in ENDED:
            # not only by saying more: somebody whose turn it is can move it on
            moves = [s for s in STEPS if state in s.sources and sides[turn] in s.roles and s.target != state]
            assert moves, state


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 20)), max_size=40))
def test_random_walks_never_get_stuck(walk: list[tuple[Role, int]]) -> None:
    state = STEPS.first
    for role, choice in walk:
        actions = rules.open_actions(state, role)
        if state in ENDED:
            assert set(rules.open_actions(state, Role.CONSUMER)) <= {"reopen"}
            assert not rules.open_actions(state, Role.MERCHANT)
            continue
        assert rules.open_actions(state, Role.CONSUMER), "the consumer can always end it"
        if actions:
            state = STEPS.find(state, actions[choice % len(actions)]).target


def test_decisions_against_somebody_need_a_reason() -> None:
    reasons = {step.action for step in STEPS if step.needs_reason}
    assert reasons == {
        "say_unresolved",
        "reopen",
        "refer",
        "refuse",
        "settle",
        "end",
        "pause",
        "inform",
        "transfer",
        "transfer_out",
        "lapse",
        "count_as_kept",
    }


@given(st.binary(min_size=20, max_size=20))
def test_a_receipt_survives_being_read_aloud_and_written_down(raw: bytes) -> None:
    receipt = base64.b32encode(raw).decode().lower()[: receipts.CHARS]
    shown = receipts.show(receipt)
    assert [len(group) for group in shown.split("-")] == [5, 5, 5, 5]
    for written in (shown, shown.upper(), shown.replace("-", " "), shown.replace("-", "－"), f"  {receipt} "):
        assert receipts.tidy(written) == receipt
    swapped = shown.replace("o", "0").replace("l", "1").replace("b", "8")
    assert receipts.tidy(swapped) == receipt


@pytest.mark.parametrize(
    "typed", ["", "abc", "a" * 19, "a" * 21, "a" * 19 + "9", "汉" * 20, "a" * 4000, "\x00" * 20]
)
def test_what_is_no_receipt(typed: str) -> None:
    assert receipts.tidy(typed) is None


@given(st.text(max_size=80))
def test_reading_a_receipt_never_fails(typed: str) -> None:
    tidy = receipts.tidy(typed)
    assert tidy is None or len(tidy) == receipts.CHARS


NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)  # 12:00 in China


@pytest.mark.parametrize(
    ("hours", "day", "tone"),
    [
        (24, "tomorrow", "good"),
        (48, "after_tomorrow", "good"),
        (72, "date", "good"),
        (6, "today", "caution"),
        (6.1, "today", "good"),
        (0, "today", "caution"),
        (-0.1, "today", "stop"),
        (-24, "yesterday", "stop"),
        (-72, "date", "stop"),
        (12, "tomorrow", "good"),  # midnight in China begins tomorrow
    ],
)
def test_the_due_moment_in_words(hours: float, day: str, tone: str) -> None:
    due = rules.due(NOON + timedelta(hours=hours), NOON)
    assert (due.day, due.tone) == (day, tone)


@pytest.mark.parametrize(
    ("minutes", "parts"),
    [
        (0, ("minutes", 0, 0)),
        (59, ("minutes", 0, 59)),
        (60, ("hours", 1, 0)),
        (1439, ("hours", 23, 59)),
        (1440, ("days", 1, 0)),
        (-1501, ("days", 1, 1)),
    ],
)
def test_spans_in_two_steps(minutes: int, parts: tuple[str, int, int]) -> None:
    assert rules.split_span(timedelta(minutes=minutes)) == parts


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("", None),
        ("  ", None),
        ("35.5", 3550),
        ("35.05", 3505),
        ("¥1,234.5", 123450),
        ("１２元", 1200),
        ("30块", 3000),
        ("0", 0),
        ("0.29", 29),
        ("99999999.99", 9999999999),
    ],
)
def test_amounts_as_people_type_them(typed: str, fen: int | None) -> None:
    assert rules.read_yuan(typed) == fen


@pytest.mark.parametrize("typed", ["abc", "1.234", "1e5", "十块", "12.", ".5", "9" * 12, "٣"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError):
        rules.read_yuan(typed)


def test_the_day_of_the_event() -> None:
    today = date(2026, 5, 6)
    assert rules.check_day(today, today) is None
    assert rules.check_day(today + timedelta(days=1), today) == "day_in_future"
    assert rules.check_day(date(1999, 1, 1), today) == "day_long_ago"


def test_a_masked_name_shows_one_character() -> None:
    assert rules.mask_name("欧阳秘密") == "欧**"
    assert rules.mask_name("") == rules.mask_name(None) == ""


def test_receipts_have_a_hundred_bits() -> None:
    assert receipts.CHARS * 5 >= 80
    assert receipts.tidy(base64.b32encode(secrets.token_bytes(20)).decode()[:20]) is not None
