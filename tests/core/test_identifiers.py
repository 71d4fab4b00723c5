"""Credit codes, food licences and phones: known-good numbers, every kind of mistake, and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from webapp.core.identifiers import (
    FOOD_BUSINESS_KINDS,
    USCC_ALPHABET,
    check_food_licence,
    check_phone,
    check_uscc,
    format_phone,
    is_ascii_digits,
    make_food_licence,
    make_uscc,
    mask_phone,
    normalise_phone,
    normalise_uscc,
    operator_kind,
)

GOOD_USCC = "91371500726715726X"
GOOD_FOOD = (
    "JY13301080111719",
    "JY13101140093802",
    "JY13101160000083",
    "JY23101140041987",
    "JY13101050042467",
    "JY14403030012013",
    "JY13101120198903",
)

regions = st.from_regex(r"\A[0-9]{6}\Z")
prefixes = st.builds(
    lambda head, region, body: head + region + body,
    st.sampled_from(["91", "92", "93", "12", "N2"]),
    regions,
    st.text(USCC_ALPHABET, min_size=9, max_size=9),
)


# --- credit code ---


def test_known_good_code() -> None:
    check = check_uscc(GOOD_USCC)
    assert (check.ok, check.text, check.kind, check.position) == (True, GOOD_USCC, "enterprise", None)


@pytest.mark.parametrize(
    "typed",
    [
        "91371500726715726x",
        " 9137 1500 7267 15726X\n",
        "91371500726715726X",
        "９１３７１５００７２６７１５７２６Ｘ",
        "９１３７１５００　７２６７１５７２６ｘ",
        "91-371500-726715726-X",
        "\ufeff91371500\u200b726715726X\u00a0",
    ],
)
def test_forgiven_ways_of_typing(typed: str) -> None:
    assert normalise_uscc(typed) == GOOD_USCC
    assert check_uscc(typed).ok


@pytest.mark.parametrize(
    ("typed", "error", "position", "character"),
    [
        ("", "empty", None, None),
        ("  　", "empty", None, None),
        ("91371500726715726", "length", None, None),
        ("91371500726715726X0", "length", None, None),
        ("9137150072671572O6", "alphabet", 17, "O"),
        ("I1371500726715726X", "alphabet", 1, "I"),
        ("91371500726715726²", "alphabet", 18, "²"),
        ("9137150072671572٣X", "alphabet", 17, "٣"),
        ("9137150072671572ıX", "alphabet", 17, "ı"),
        ("9137150072671572ßX", "alphabet", 17, "ß"),
        ("９１３７１５００７２６７１５７２六Ｘ", "alphabet", 17, "六"),
        ("91A71500726715726X", "region", 3, "A"),
        ("9137150A726715726X", "region", 8, "A"),
        ("91371500726715726Y", "check_digit", 18, "Y"),
        ("91371500726715762X", "check_digit", 18, "X"),
    ],
)
def test_mistakes_are_named(typed: str, error: str, position: int | None, character: str | None) -> None:
    check = check_uscc(typed)
    assert (check.ok, check.error, check.position, check.character) == (False, error, position, character)
    assert check.kind is None


def test_length_is_told() -> None:
    assert check_uscc("9137 1500").length == 8


@pytest.mark.parametrize(
    ("start", "kind"),
    [("91", "enterprise"), ("92", "self_employed"), ("93", "cooperative"), ("12", None), ("", None)],
)
def test_kind_from_first_two(start: str, kind: str | None) -> None:
    assert operator_kind(start + "371500726715726X") == kind


@given(prefixes)
def test_made_codes_are_valid_and_agree_with_stdnum(prefix: str) -> None:
    code = make_uscc(prefix)
    check = check_uscc(code)
    assert check.ok
    assert check.kind == operator_kind(prefix)
    if prefix[:2].isdigit():
        assert stdnum_uscc.is_valid(code)


@given(prefixes, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_every_single_slip_is_caught(prefix: str, place: int, other: str) -> None:
    code = make_uscc(prefix)
    slipped = code[:place] + other + code[place + 1 :]
    assert check_uscc(slipped).ok == (slipped == code)


@pytest.mark.parametrize(
    "bad", ["", "9" * 16, "9" * 18, "9137150072671572O", "9137150072671572²", "9137150072671572x"]
)
def test_make_refuses_bad_prefixes(bad: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        make_uscc(bad)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert check_uscc(text).ok <= (len(normalise_uscc(text)) == 18)
    assert check_food_licence(text).result in ("ok", "warning")
    phone = check_phone(text)
    assert phone.ok == (phone.e164 is not None)


# --- food licence ---


@pytest.mark.parametrize("number", GOOD_FOOD)
def test_known_good_food_licences(number: str) -> None:
    check = check_food_licence(number.lower())
    assert (check.ok, check.reason, check.form, check.text) == (True, None, "licence", number)
    assert check.region == number[3:9]
    assert check.business_kind == FOOD_BUSINESS_KINDS[number[2]]


@pytest.mark.parametrize(
    ("typed", "reason", "position"),
    [
        ("", "empty", None),
        ("冀食药登字2020号", "other_form", None),
        ("SC10613060200012", "other_form", None),
        ("JY1330108011171", "length", None),
        ("JY133010801117199", "length", None),
        ("JY1330108O111719", "digits", 10),
        ("JY1330108²111719", "digits", 10),
        ("JY93301080111719", "business_kind", 3),
        ("JY13301080111718", "check_digit", 16),
        ("YB13301080111718", "check_digit", 16),
    ],
)
def test_odd_food_licences_are_warnings_with_a_reason(typed: str, reason: str, position: int | None) -> None:
    check = check_food_licence(typed)
    assert (check.result, check.reason, check.position) == ("warning", reason, position)


def test_filing_numbers_are_known() -> None:
    check = check_food_licence(make_food_licence("sales", "130606", 42, form="filing"))
    assert (check.ok, check.form, check.business_kind) == (True, "filing", "sales")


@given(st.sampled_from(sorted(FOOD_BUSINESS_KINDS.values())), regions, st.integers(0, 999_999))
def test_made_food_licences_are_ok(kind: str, region: str, sequence: int) -> None:
    check = check_food_licence(make_food_licence(kind, region, sequence))
    assert (check.ok, check.business_kind, check.region) == (True, kind, region)


@given(st.sampled_from(GOOD_FOOD), st.integers(2, 15), st.sampled_from("0123456789"))
def test_every_wrong_digit_is_noticed(number: str, place: int, digit: str) -> None:
    slipped = number[:place] + digit + number[place + 1 :]
    assert check_food_licence(slipped).ok == (slipped == number)


@pytest.mark.parametrize(
    "arguments",
    [
        ("shop", "130602", 1),
        ("sales", "13060", 1),
        ("sales", "13060²", 1),
        ("sales", "130602", -1),
        ("sales", "130602", 1_000_000),
    ],
)
def test_make_refuses_bad_food_licences(arguments: tuple[str, str, int]) -> None:
    with pytest.raises(ValueError, match="not a food licence"):
        make_food_licence(*arguments)
    with pytest.raises(ValueError, match="not a food licence"):
        make_food_licence("sales", "130602", 1, form="SC")


# --- phone ---


@pytest.mark.parametrize(
    ("typed", "e164", "kind"),
    [
        ("13800138000", "+8613800138000", "mobile"),
        ("138 0013 8000", "+8613800138000", "mobile"),
        ("+86 138-0013-8000", "+8613800138000", "mobile"),
        ("008613800138000", "+8613800138000", "mobile"),
        ("＋８６１３８００１３８０００", "+8613800138000", "mobile"),
        ("0312-5901234", "+863125901234", "landline"),
        ("(0312) 5901234", "+863125901234", "landline"),
        ("（0312）5901234", "+863125901234", "landline"),
        ("+86 312 590 1234", "+863125901234", "landline"),
        ("010-62345678", "+861062345678", "landline"),
        ("0571 87654321", "+8657187654321", "landline"),
        ("400-812-3456", "+864008123456", "service"),
        ("8008123456", "+868008123456", "service"),
    ],
)
def test_good_phones(typed: str, e164: str, kind: str) -> None:
    check = check_phone(typed)
    assert (check.e164, check.kind, check.error) == (e164, kind, None)
    assert normalise_phone(typed) == e164


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "empty"),
        ("你好", "characters"),
        ("1380013800²", "characters"),
        ("١٣٨٠٠١٣٨٠٠٠", "characters"),
        ("+1 202 555 0123", "characters"),
        ("1380013800", "length"),
        ("138001380001", "length"),
        ("12800138000", "number"),
        ("5901234", "area_code"),
        ("0312-5901234转8012", "extension"),
        ("0312-5901234#12", "extension"),
        ("0312-1901234", "number"),
        ("0400-8123456", "number"),
        ("0312-590", "length"),
        ("12315", "length"),
    ],
)
def test_bad_phones_are_named(typed: str, error: str) -> None:
    check = check_phone(typed)
    assert (check.e164, check.kind, check.error) == (None, None, error)
    assert normalise_phone(typed) is None


def test_local_number_with_the_city_area_code() -> None:
    assert normalise_phone("590 1234", "0312") == "+863125901234"


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_normalising_twice_changes_nothing_and_the_mask_hides(number: str) -> None:
    e164 = normalise_phone(number)
    assert e164 == "+86" + number
    assert normalise_phone(e164) == e164
    assert normalise_phone(format_phone(e164)) == e164
    masked = mask_phone(e164)
    assert masked == number[:3] + "****" + number[-4:]


@pytest.mark.parametrize(
    ("e164", "shown", "masked"),
    [
        ("+8613800138000", "138 0013 8000", "138****8000"),
        ("+863125901234", "0312-5901234", "0312-*****34"),
        ("+861062345678", "010-62345678", "010-******78"),
        ("+864008123456", "400-812-3456", "400-*****56"),
        ("not a number", "not a number", "************"),
    ],
)
def test_shown_and_masked(e164: str, shown: str, masked: str) -> None:
    assert (format_phone(e164), mask_phone(e164)) == (shown, masked)


@pytest.mark.parametrize(
    ("text", "answer"), [("0", True), ("0123456789", True), ("", False), ("1²", False), ("12\n", False)]
)
def test_ascii_digits(text: str, *, answer: bool) -> None:
    assert is_ascii_digits(text) is answer
