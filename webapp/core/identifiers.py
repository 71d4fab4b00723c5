"""Numbers that people type: credit codes, food licences, phone numbers.

Everything here is pure. Full-width letters and digits, spaces and lower case are forgiven; nothing else is.
Only ASCII is ever accepted after that step: `str.isdigit` and `str.upper` know "²", "٣" and "ı", and a
register does not.

Sources: GB 32100-2015 (unified social credit code), 《食品经营许可管理办法》 on licence numbers with the
check digit of GB/T 17710 (ISO 7064 MOD 11,10), the national telephone numbering plan (E.164, +86).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from stdnum.cn import uscc as _uscc
from stdnum.iso7064 import mod_11_10

USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_LENGTH: Final = 18
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
# What each character adds at each place: made by this table, checked by python-stdnum.
_USCC_TERMS: Final = [
    {c: value * weight for value, c in enumerate(USCC_ALPHABET)} for weight in _USCC_WEIGHTS
]
_USCC_SET: Final = frozenset(USCC_ALPHABET)
FOOD_LICENCE_LENGTH: Final = 16

OPERATOR_KINDS: Final = {"91": "enterprise", "92": "self_employed", "93": "cooperative"}
FOOD_BUSINESS_KINDS: Final = {"1": "sales", "2": "catering", "3": "canteen"}

UsccError = Literal["empty", "length", "alphabet", "region", "check_digit"]
FoodLicenceReason = Literal["empty", "other_form", "length", "digits", "business_kind", "check_digit"]
PhoneError = Literal["empty", "characters", "length", "extension", "area_code", "number"]

# Full-width forms U+FF01..U+FF5E sit at a fixed distance from ASCII; lower case goes up by ASCII only.
_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
# What people and spreadsheets put between groups: blanks of every width, dashes.
_SEPARATORS: Final = re.compile(r"[\s\u00a0\u200b-\u200d\u2060\ufeff\u3000\-\u2010-\u2015\u2212]+")
_DIGITS: Final = re.compile(r"[0-9]+\Z")


def normalise(text: str) -> str:
    """Full-width to half-width, ASCII lower case to upper, blanks and dashes out; no other change."""
    return _SEPARATORS.sub("", text.translate(_HALF_WIDTH)).translate(_UPPER)


def is_ascii_digits(text: str) -> bool:
    """True for one or more of 0-9 and nothing else (`str.isdigit` also takes other scripts' digits)."""
    return _DIGITS.match(text) is not None


# --- unified social credit code --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UsccCheck:
    """What is right or wrong with a typed unified social credit code.

    `text` is the normalised code. `error` is None for a valid code, else one of: "empty"; "length"
    (`length` says how many characters there are); "alphabet" (`position` counts from 1, `character` is the
    stranger: often I, O, S, V, Z); "region" (characters 3 to 8 must be digits); "check_digit" (`position`
    18: some character is mistyped). `kind` is "enterprise", "self_employed", "cooperative" or None for a
    body that is no market operator or a bad code.
    """

    text: str
    error: UsccError | None = None
    position: int | None = None
    character: str | None = None
    kind: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def length(self) -> int:
        return len(self.text)


def normalise_uscc(text: str) -> str:
    """The code as it is stored: half-width, upper case, without blanks; `check_uscc` checks it."""
    return normalise(text)


def check_uscc(text: str) -> UsccCheck:
    """Check a unified social credit code as typed (GB 32100-2015: 18 characters, weighted sum modulo 31)."""
    code = normalise_uscc(text)
    if not code:
        return UsccCheck(code, "empty")
    for place, character in enumerate(code, start=1):
        # A stranger is named before the length: it tells the typist more.
        if character not in USCC_ALPHABET:
            return UsccCheck(code, "alphabet", place, character)
    if len(code) != USCC_LENGTH:
        return UsccCheck(code, "length")
    for place, character in enumerate(code[:8], start=1):
        if place > 2 and character not in "0123456789":
            return UsccCheck(code, "region", place, character)
    if _uscc.calc_check_digit(code[:17]) != code[17]:
        return UsccCheck(code, "check_digit", USCC_LENGTH, code[17])
    return UsccCheck(code, kind=operator_kind(code))


def operator_kind(uscc: str) -> str | None:
    """Enterprise for 91, self_employed for 92, cooperative for 93; None for other registrars' bodies."""
    return OPERATOR_KINDS.get(uscc[:2])


def make_uscc(prefix17: str) -> str:
    """Append the check character to the first 17. ValueError unless they are 17 of the alphabet."""
    if len(prefix17) != 17 or not _USCC_SET.issuperset(prefix17):
        raise ValueError("a credit code begins with 17 characters of 0-9 A-H J-N P-R T U W-Y")
    total = sum(map(dict.__getitem__, _USCC_TERMS, prefix17))
    return prefix17 + USCC_ALPHABET[-total % 31]


# --- food business licence -------------------------------------------------------------------------

FoodForm = Literal["licence", "filing"]
_FOOD_FORMS: Final[dict[str, FoodForm]] = {"JY": "licence", "YB": "filing"}
_FOOD_PREFIXES: Final[dict[str, str]] = {form: prefix for prefix, form in _FOOD_FORMS.items()}
_FOOD_KIND_DIGITS: Final = {name: digit for digit, name in FOOD_BUSINESS_KINDS.items()}


@dataclass(frozen=True, slots=True)
class FoodLicenceCheck:
    """A typed food licence number, judged mildly: other lawful forms exist, so a failure warns the reviewer.

    `result` is "ok" or "warning"; `reason` is None when ok, else "empty", "other_form" (neither JY nor YB:
    small catering and workshop registrations differ by province), "length" (16 characters wanted),
    "digits", "business_kind" (third character 1-3) or "check_digit". `form` is "licence" (JY), "filing"
    (YB, 仅销售预包装食品备案) or None. `business_kind` is "sales", "catering", "canteen" or None, `region`
    the six digits of GB/T 2260 or None.
    """

    text: str
    result: Literal["ok", "warning"]
    reason: FoodLicenceReason | None = None
    form: FoodForm | None = None
    position: int | None = None
    business_kind: str | None = None
    region: str | None = None

    @property
    def ok(self) -> bool:
        return self.result == "ok"


def check_food_licence(text: str) -> FoodLicenceCheck:
    """Check a food licence number: JY or YB, then kind, 2+2+2 region, 6 sequence, ISO 7064 MOD 11,10 digit."""
    number = normalise(text)
    form = _FOOD_FORMS.get(number[:2])

    def warn(reason: FoodLicenceReason, position: int | None = None) -> FoodLicenceCheck:
        return FoodLicenceCheck(number, "warning", reason, form, position)

    if not number:
        return warn("empty")
    if form is None:
        return warn("other_form")
    for place, character in enumerate(number[2:], start=3):
        if character not in "0123456789":
            return warn("digits", place)
    if len(number) != FOOD_LICENCE_LENGTH:
        return warn("length")
    if number[2] not in FOOD_BUSINESS_KINDS:
        return warn("business_kind", 3)
    if not mod_11_10.is_valid(number[2:]):
        return warn("check_digit", FOOD_LICENCE_LENGTH)
    return FoodLicenceCheck(number, "ok", None, form, None, FOOD_BUSINESS_KINDS[number[2]], number[3:9])


def make_food_licence(business_kind: str, region: str, sequence: int, *, form: str = "licence") -> str:
    """A number with its check digit. `business_kind` sales, catering or canteen; `region` six digits.

    `sequence` is 0 to 999999; `form` is "licence" (JY) or "filing" (YB). ValueError on anything else.
    """
    prefix = _FOOD_PREFIXES.get(form)
    region_is_good = len(region) == 6 and is_ascii_digits(region)
    if (
        prefix is None
        or business_kind not in _FOOD_KIND_DIGITS
        or not region_is_good
        or not 0 <= sequence <= 999_999
    ):
        raise ValueError("not a food licence: unknown form or kind, or region or sequence out of range")
    body = f"{_FOOD_KIND_DIGITS[business_kind]}{region}{sequence:06d}"
    return prefix + body + mod_11_10.calc_check_digit(body)


# --- phone -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhoneCheck:
    """A typed mainland phone number.

    When good: `e164` like "+8613800138000" and `kind` "mobile", "landline" or "service" (400, 800). Else
    `error`: "empty", "characters", "length", "extension" (E.164 has no room for one, and no message can be
    sent there), "area_code" (a landline without one) or "number" (no such range).
    """

    e164: str | None = None
    kind: Literal["mobile", "landline", "service"] | None = None
    error: PhoneError | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


_PHONE_NOISE: Final = re.compile(r"[().]")
_EXTENSION: Final = re.compile(r"([0-9]{5,})(转|#|EXT|X)[0-9]+\Z")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}\Z")
_SERVICE: Final = re.compile(r"[48]00[0-9]{7}\Z")
# Two-digit area codes (10, 20-29) have eight-digit numbers, three-digit ones seven or eight; 1 opens short
# numbers.
_LANDLINE: Final = re.compile(r"(?:(?:10|2[0-9])[2-9][0-9]{7}|(?![48]00)[3-9][0-9]{2}[2-9][0-9]{6,7})\Z")
_LOCAL: Final = re.compile(r"[2-9][0-9]{6,7}\Z")


def check_phone(text: str, default_area_code: str | None = None) -> PhoneCheck:
    """Read a mainland mobile, landline or 400/800 number. `default_area_code` ("0312") completes local
    numbers.
    """
    raw = _PHONE_NOISE.sub("", normalise(text))
    if not raw:
        return PhoneCheck(error="empty")
    if _EXTENSION.match(raw):
        return PhoneCheck(error="extension")
    had_country = raw.startswith(("+86", "0086"))
    national = raw.removeprefix("+86").removeprefix("0086")
    if not is_ascii_digits(national):
        return PhoneCheck(error="characters")
    if _MOBILE.match(national):
        return PhoneCheck("+86" + national, "mobile")
    if _SERVICE.match(national):
        return PhoneCheck("+86" + national, "service")
    if national.startswith("0") or (had_country and len(national) > 8):
        significant = national.removeprefix("0")
        if _LANDLINE.match(significant):
            return PhoneCheck("+86" + significant, "landline")
        return PhoneCheck(error="length" if not 9 <= len(significant) <= 11 else "number")
    if _LOCAL.match(national):
        if default_area_code is None:
            return PhoneCheck(error="area_code")
        return check_phone(default_area_code + national)
    return PhoneCheck(error="number" if len(national) == 11 else "length")


def normalise_phone(text: str, default_area_code: str | None = None) -> str | None:
    """The number in E.164 ("+8613800138000"), or None when `check_phone` finds an error."""
    return check_phone(text, default_area_code).e164


def format_phone(e164: str) -> str:
    """For reading aloud: "138 0013 8000", "0312-5901234", "400-812-3456". Anything else comes back
    unchanged.
    """
    national = e164.removeprefix("+86")
    if _MOBILE.match(national):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    if _SERVICE.match(national):
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    if _LANDLINE.match(national):
        area = 2 if national[0] in "12" else 3
        return f"0{national[:area]}-{national[area:]}"
    return e164


def mask_phone(e164: str) -> str:
    """For eyes that may not see the number: "138****8000", "0312-*****34". What is not understood is all
    stars.
    """
    national = e164.removeprefix("+86")
    if _MOBILE.match(national):
        return f"{national[:3]}****{national[7:]}"
    if _LANDLINE.match(national):
        area = 2 if national[0] in "12" else 3
        return f"0{national[:area]}-" + "*" * (len(national) - area - 2) + national[-2:]
    if _SERVICE.match(national):
        return f"{national[:3]}-*****{national[-2:]}"
    return "*" * len(e164)
