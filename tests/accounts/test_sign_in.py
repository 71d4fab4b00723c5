"""Proving who one is: counters, codes, authenticators; on both databases, also at the same time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from tests.factories.accounts import PASSWORD, TOTP, make_merchant, make_officer
from webapp.accounts import onetime, passwords, queries, rules, sign_in, throttle
from webapp.accounts.models import OneTimeCode
from webapp.accounts.onetime import Asked
from webapp.accounts.throttle import Visitor
from webapp.core import policy
from webapp.core.db import db
from webapp.core.errors import DomainError, Forbidden, Invalid, TooMany
from webapp.core.transaction import unit
from webapp.notices.models import OutboxMessage

pytestmark = pytest.mark.each_database
NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PHONE = "+8613800138000"
HOME, STRANGER = Visitor("home"), Visitor("stranger")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 is slow on purpose; here only whether it is asked matters."""
    monkeypatch.setattr(passwords, "make_hash", lambda password: "hash of " + password)
    monkeypatch.setattr(passwords, "matches", lambda kept, password: kept == "hash of " + password)
    monkeypatch.setattr(passwords, "is_outdated", lambda _kept: False)


def attempt(password: str, visitor: Visitor = HOME, now: datetime = NOW) -> str:
    """What comes of a try: "in", or the error's code."""
    try:
        with unit():
            sign_in.merchant_by_password(PHONE, password, visitor, now)
    except DomainError as error:
        return error.code
    return "in"


def test_the_right_password_forgets_the_wrong_ones(context: Flask) -> None:
    make_merchant(phone=PHONE, password=PASSWORD)
    db.session.commit()
    assert [attempt("wrong") for _ in range(4)] == ["login_wrong"] * 4
    assert attempt(PASSWORD) == "in"
    assert [attempt("wrong") for _ in range(4)] == ["login_wrong"] * 4
    assert attempt(PASSWORD) == "in"


def test_the_fifth_wrong_try_makes_this_visitor_wait_and_nobody_else(context: Flask) -> None:
    make_merchant(phone=PHONE, password=PASSWORD)
    make_merchant(phone="+8613900139000", password=PASSWORD)
    db.session.commit()
    assert [attempt("wrong", STRANGER) for _ in range(6)] == ["login_wrong"] * 5 + ["too_many_tries"]
    assert attempt(PASSWORD, STRANGER) == "too_many_tries"
    assert attempt(PASSWORD, HOME) == "in"
    with unit():
        sign_in.merchant_by_password("13900139000", PASSWORD, STRANGER, NOW)
    assert attempt("wrong", STRANGER, NOW + timedelta(seconds=61)) == "login_wrong"
    assert attempt(PASSWORD, STRANGER, NOW + timedelta(seconds=120)) == "too_many_tries"
    assert attempt(PASSWORD, STRANGER, NOW + timedelta(seconds=61 + 121)) == "in"


def test_waiting_is_told_in_seconds_and_minutes(context: Flask) -> None:
    counters = throttle.counters("merchant:x", "home", None)
    for _ in range(5):
        throttle.count_try(counters, NOW)
    with pytest.raises(TooMany) as caught:
        throttle.count_try(counters, NOW + timedelta(seconds=20))
    assert caught.value.details == {"retry_after": 40, "minutes": 1}


def test_guessers_everywhere_cost_the_owner_little_and_a_known_device_nothing(context: Flask) -> None:
    make_merchant(phone=PHONE, password=PASSWORD)
    db.session.commit()
    for number in range(40):
        attempt("wrong", Visitor(f"guesser {number}"), NOW)
    assert attempt(PASSWORD, HOME) == "too_many_tries"
    assert attempt(PASSWORD, HOME, NOW + timedelta(minutes=2, seconds=1)) == "in"
    assert attempt(PASSWORD, Visitor("home", device="mark"), NOW) == "in"


def test_an_unknown_phone_looks_the_same_and_takes_the_same_work(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(passwords, "matches", lambda kept, _password: bool(asked.append(kept)))
    assert attempt("whatever") == "login_wrong"
    assert asked == [None]
    assert [attempt("whatever") for _ in range(5)] == ["login_wrong"] * 4 + ["too_many_tries"]


def test_a_disabled_account_is_told_only_to_who_knows_the_password(context: Flask) -> None:
    make_merchant(phone=PHONE, password=PASSWORD, disabled_at=NOW)
    db.session.commit()
    assert attempt("wrong") == "login_wrong"
    assert attempt(PASSWORD) == "account_disabled"


def together(app: Flask, count: int, work: Callable[[], str]) -> list[str]:
    """Do `work` in `count` threads that start at once; their answers."""
    db.session.rollback()  # on SQLite an open transaction of ours would keep everybody waiting
    barrier, answers, lock = threading.Barrier(count), [], threading.Lock()

    def run() -> None:
        with app.app_context():
            barrier.wait(30)
            answer = work()
            with lock:
                answers.append(answer)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == count
    return answers


def test_a_dozen_guesses_at_once_are_not_a_dozen_free_guesses(context: Flask) -> None:
    make_merchant(phone=PHONE, password=PASSWORD)
    db.session.commit()
    answers = together(context, 12, lambda: attempt("wrong"))
    assert sorted(answers) == ["login_wrong"] * 5 + ["too_many_tries"] * 7


def test_an_authenticators_digits_are_taken_once_even_at_once(context: Flask) -> None:
    officer_id = make_officer().id
    db.session.commit()
    code = pyotp.TOTP(TOTP).at(int(NOW.timestamp()))

    def show(now: datetime = NOW) -> str:
        try:
            with unit():
                account = queries.get_account(officer_id)
                sign_in.officer_by_totp(account, code, Visitor("home", "mark"), now)
        except Invalid as error:
            return error.code
        return "in"

    assert sorted(together(context, 4, show)) == ["in", "totp_wrong", "totp_wrong", "totp_wrong"]
    db.session.expire_all()
    assert show() == "totp_wrong"


def test_guessing_an_authenticators_digits_is_slowed(context: Flask) -> None:
    officer = make_officer()
    db.session.commit()
    codes = []
    for _ in range(6):
        with pytest.raises(DomainError) as caught:
            sign_in.officer_by_totp(officer, "000000", HOME, NOW)
        codes.append(caught.value.code)
    assert codes == ["totp_wrong"] * 5 + ["too_many_tries"]


def test_an_authenticator_is_tied_by_its_first_digits_once(context: Flask) -> None:
    officer = make_officer(totp_secret=None)
    with pytest.raises(Invalid):
        sign_in.enrol(officer, TOTP, "000000", NOW)
    sign_in.enrol(officer, TOTP, pyotp.TOTP(TOTP).at(int(NOW.timestamp())), NOW)
    assert officer.totp_secret == TOTP
    with pytest.raises(Forbidden):
        sign_in.enrol(officer, TOTP, pyotp.TOTP(TOTP).at(int(NOW.timestamp())), NOW)


# --- one-time codes -------------------------------------------------------------------------------


def ask(purpose: str = "login", now: datetime = NOW, visitor: Visitor = HOME) -> str:
    """What comes of asking for a code: "sent", or the error's code."""
    try:
        with unit():
            onetime.send_code(PHONE, purpose, visitor, now)
    except TooMany as error:
        return error.code
    return "sent"


def send(purpose: str = "login", now: datetime = NOW, visitor: Visitor = HOME) -> tuple[Asked, str]:
    """A code that was sent: what the browser keeps of it, and its digits."""
    with unit():
        asked = onetime.send_code(PHONE, purpose, visitor, now)
    message = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
    found = re.search(r"\d{6}", message.text)
    return asked, found.group()


def use(asked: Asked, code: str, purpose: str = "login", now: datetime = NOW) -> str:
    try:
        with unit():
            assert onetime.use_code(asked, purpose, code, now) == PHONE
    except Invalid as error:
        return error.code
    return "in"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_works_once_for_its_purpose_and_its_time(context: Flask) -> None:
    asked, code = send()
    assert code not in db.session.query(OneTimeCode).one().code_hash
    assert use(asked, code, "reset") == "code_expired"
    assert use(asked, code, now=NOW + timedelta(minutes=5)) == "code_expired"
    assert use(asked, f"{code[:3]} {code[3:]}", now=NOW + timedelta(minutes=4)) == "in"
    assert use(asked, code) == "code_expired"


def test_a_code_bears_five_tries(context: Flask) -> None:
    asked, code = send()
    assert [use(asked, wrong(code)) for _ in range(6)] == ["code_wrong"] * 5 + ["code_expired"]
    assert use(asked, code) == "code_expired"


def test_a_code_serves_only_who_asked_for_it(context: Flask) -> None:
    mine, code = send()
    theirs, other = send(now=NOW + timedelta(seconds=1), visitor=STRANGER)
    assert [use(theirs, wrong(other)) for _ in range(5)] == ["code_wrong"] * 5
    assert use(Asked("+8613900139000", mine.code_id), code) == "code_expired", "a code of another phone"
    assert use(theirs, code) == "code_expired"
    assert use(mine, code) == "in", "a stranger's later code and wrong tries cost the owner nothing"


def test_strangers_do_not_use_up_a_phones_codes(context: Flask) -> None:
    policy.sync()
    db.session.commit()
    later = [NOW + timedelta(minutes=number) for number in range(6)]
    asked = [ask(now=at, visitor=STRANGER) for at in later]
    assert asked == ["sent"] * rules.CODES_PER_DAY + ["code_too_many"]
    assert ask(now=later[-1]) == "sent", "another visitor has an own count"
    for number in range(20):
        ask(now=later[-1], visitor=Visitor(f"stranger {number}"))
    assert ask(now=NOW + timedelta(minutes=10)) == "sms_phone_full", "nobody's phone is flooded"
    assert ask(now=NOW + timedelta(minutes=10), visitor=Visitor("home", device="mark")) == "sent"


def test_two_taps_send_one_code(context: Flask) -> None:
    assert sorted(together(context, 4, ask)) == ["code_too_soon"] * 3 + ["sent"]
    assert db.session.query(OutboxMessage).count() == 1


def test_two_browsers_cannot_use_one_code(context: Flask) -> None:
    asked, code = send()
    assert sorted(together(context, 4, lambda: use(asked, code))) == ["code_expired"] * 3 + ["in"]


def test_merchants_sign_in_by_code(context: Flask) -> None:
    asked, code = send()
    with unit():
        assert sign_in.merchant_by_code(asked, code, NOW) is None
    merchant = make_merchant(phone=PHONE)
    db.session.commit()
    asked, code = send(now=NOW + timedelta(minutes=1))
    with unit():
        assert sign_in.merchant_by_code(asked, code, NOW + timedelta(minutes=1)) is merchant


def test_a_phone_is_changed_by_a_code_sent_to_the_new_one(context: Flask) -> None:
    merchant, taken = make_merchant(phone="+8613700137000"), make_merchant(phone="+8613600136000")
    db.session.commit()
    asked, code = send("phone")
    with pytest.raises(Invalid):
        sign_in.change_phone(merchant.id, asked, wrong(code), merchant.actor(), NOW)
    sign_in.change_phone(merchant.id, asked, code, merchant.actor(), NOW)
    assert queries.find_merchant(PHONE) is merchant
    assert queries.find_merchant("+8613700137000") is None
    assert taken.phone == "+8613600136000"


# --- single sign-on -------------------------------------------------------------------------------

ISSUER = "https://id.example"


def test_single_sign_on_ties_a_subject_once_and_never_makes_an_account(context: Flask) -> None:
    officer = make_officer(username="li.wei")
    assert sign_in.officer_by_subject(ISSUER, "s1", "LI.WEI", NOW) is officer
    assert sign_in.officer_by_subject(ISSUER, "s1", "somebody.else", NOW) is officer
    for subject, username in [("s2", "li.wei"), ("s3", "nobody"), ("s4", None)]:
        with pytest.raises(Forbidden) as caught:
            sign_in.officer_by_subject(ISSUER, subject, username, NOW)
        assert caught.value.code == "sso_unknown"
    with pytest.raises(Forbidden):
        sign_in.officer_by_subject("https://other.example", "s1", None, NOW)
    officer.disabled_at = NOW
    with pytest.raises(Forbidden) as caught:
        sign_in.officer_by_subject(ISSUER, "s1", None, NOW)
    assert caught.value.code == "account_disabled"
