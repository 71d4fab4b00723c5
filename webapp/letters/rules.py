"""Statutory documents: their kinds, what each needs, the lifecycle, numbers and check codes. Pure.

Ten kinds follow the ministry's specimen forms (市场监督管理部门处理投诉举报文书式样); three are of the
lists, three of talks and orders to correct. What each says stands in
``texts/<kind>.txt``, which a bureau may replace without touching code; here is only what code has to know.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from string import Formatter
from typing import Final, NamedTuple

from webapp.core.actor import Role
from webapp.core.steps import Steps, step


class LetterState(enum.StrEnum):
    """What a document is worth today."""

    ISSUED = "issued"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


_WHO: Final = (Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.SYSTEM)
STEPS: Final = Steps(
    "letter",
    LetterState.ISSUED,
    [
        step("replace", [LetterState.ISSUED], LetterState.REPLACED, _WHO, needs_reason=True),
        step("withdraw", [LetterState.ISSUED], LetterState.WITHDRAWN, _WHO, needs_reason=True),
    ],
)


class Law(enum.StrEnum):
    """The version of the rules of procedure that a matter runs on, by the day of its receipt."""

    ORDER_20 = "order20"
    ORDER_121 = "order121"
    LISTING = (
        "listing"  # what runs on no order of complaints: the lists, credit repair, talks, orders to correct
    )


class Form(enum.StrEnum):
    """How a fact is given and printed."""

    TEXT = "text"  # str
    DATE = "date"  # datetime.date
    INSTANT = "instant"  # aware datetime, printed in China's time
    MONEY = "money"  # int, fen
    YES_NO = "yes_no"  # bool
    LIST = "list"  # sequence of str


@dataclass(frozen=True)
class Fact:
    """One fact that a document states. An optional one may be missing or None: what rests on it is left out."""

    name: str
    form: Form = Form.TEXT
    optional: bool = False


class Signer(enum.StrEnum):
    """Whose signature or seal makes the document."""

    ORGANISATION = "organisation"
    PARTIES = "parties"  # both parties and the mediator, and the organisation's seal
    HANDLER = "handler"  # who took it down, and the person if present


class Recipient(enum.StrEnum):
    """For whom a copy is made; the archive's copy is kept in any case."""

    COMPLAINANT = "complainant"
    RESPONDENT = "respondent"
    TIPSTER = "tipster"
    AUTHORITY = "authority"


_COMPLAINTS: Final = (Law.ORDER_20, Law.ORDER_121)


@dataclass(frozen=True)
class Kind:
    """One kind of document. `recipients` get a copy each; the words are ``letter.kind.<code>``."""

    code: str
    signer: Signer
    recipients: tuple[Recipient, ...]
    facts: tuple[Fact, ...]
    laws: tuple[Law, ...] = _COMPLAINTS

    def fact(self, name: str) -> Fact | None:
        """The fact of this name, or None."""
        return next((fact for fact in self.facts if fact.name == name), None)


class Subject(NamedTuple):
    """What a document is about: a table's name and a key in it, as in the audit trail."""

    type: str
    id: int


def _facts(*needed: str, optional: tuple[str, ...] = ()) -> tuple[Fact, ...]:
    """Facts written ``name`` or ``name:form``."""
    made = []
    for names, may_miss in ((needed, False), (optional, True)):
        for written in names:
            name, _, form = written.partition(":")
            made.append(Fact(name, Form(form or "text"), may_miss))
    return tuple(made)


def _of_lists(code: str, *needed: str) -> Kind:
    """A document of the lists, of a talk or of an order to correct, for the merchant."""
    facts = _facts("addressee", "shop", *needed, "contact_phone")
    return Kind(code, Signer.ORGANISATION, (Recipient.RESPONDENT,), facts, (Law.LISTING,))


_PERSON: Final = ("id_kind", "id_number", "address")
_TO_COMPLAINANT: Final = (Recipient.COMPLAINANT,)
_TO_BOTH: Final = (Recipient.COMPLAINANT, Recipient.RESPONDENT)

KINDS: Final = {
    kind.code: kind
    for kind in (
        Kind(
            "complaint_registration",
            Signer.HANDLER,
            (),
            _facts(
                "case_number",
                "received_at:instant",
                "complainant_name",
                "phone",
                "consents_to_disclosure:yes_no",
                "consents_to_entrusting:yes_no",
                "respondent_name",
                "story",
                "demand",
                optional=(
                    *_PERSON,
                    "channel",
                    "respondent_contact",
                    "respondent_address",
                    "respondent_phone",
                    "happened_on:date",
                    "amount:money",
                    "evidence:list",
                    "handler",
                ),
            ),
        ),
        Kind(
            "tip_registration",
            Signer.HANDLER,
            (),
            _facts(
                "case_number",
                "received_at:instant",
                "named:yes_no",
                "respondent_name",
                "story",
                optional=(
                    "tipster_name",
                    "phone",
                    "id_number",
                    "address",
                    "channel",
                    "respondent_address",
                    "evidence:list",
                    "handler",
                ),
            ),
        ),
        Kind(
            "transfer_notice",
            Signer.ORGANISATION,
            (Recipient.AUTHORITY,),
            _facts(
                "to_organisation",
                "complainant_name",
                "received_on:date",
                "respondent_name",
                "matter",
                "what",
                "case_number",
                optional=("reason", "report_by:date", "attachments:list", "contact", "contact_phone"),
            ),
        ),
        Kind(
            "identity_request",
            Signer.ORGANISATION,
            _TO_COMPLAINANT,
            _facts(
                "complainant_name",
                "received_on:date",
                "respondent_name",
                "matter",
                "items:list",
                "due_on:date",
                "contact_phone",
                optional=("contact", "contact_address", "case_number"),
            ),
        ),
        Kind(
            "acceptance",
            Signer.ORGANISATION,
            _TO_COMPLAINANT,
            _facts(
                "complainant_name",
                "received_on:date",
                "respondent_name",
                "matter",
                "contact",
                "contact_phone",
                optional=("case_number", "mediate_by:date", "entrusted_to"),
            ),
        ),
        Kind(
            "refusal",
            Signer.ORGANISATION,
            _TO_COMPLAINANT,
            _facts(
                "complainant_name",
                "received_on:date",
                "respondent_name",
                "matter",
                "ground",
                optional=("ground_item", "explanation", "proper_authority", "case_number"),
            ),
        ),
        Kind(
            "mediation_notice",
            Signer.ORGANISATION,
            _TO_BOTH,
            _facts(
                "addressee",
                "complainant_name",
                "respondent_name",
                "matter",
                "hearing_at:instant",
                "place",
                "mediators",
                "contact_phone",
                optional=("bring:list", "object_by:date", "case_number"),
            ),
        ),
        Kind(
            "termination",
            Signer.ORGANISATION,
            _TO_BOTH,
            _facts(
                "addressee",
                "complainant_name",
                "respondent_name",
                "matter",
                "ground",
                "ended_on:date",
                optional=("ground_item", "explanation", "case_number"),
            ),
        ),
        Kind(
            "mediation_agreement",
            Signer.PARTIES,
            _TO_BOTH,
            _facts(
                "complainant_name",
                "phone",
                "respondent_name",
                "dispute",
                "terms:list",
                "mediators",
                optional=(
                    "address",
                    "complainant_agent",
                    "complainant_agent_phone",
                    "respondent_representative",
                    "respondent_address",
                    "respondent_agent",
                    "respondent_phone",
                    "amount:money",
                    "perform_by:date",
                    "mediated_on:date",
                    "place",
                    "case_number",
                ),
            ),
        ),
        Kind(
            "tip_result",
            Signer.ORGANISATION,
            (Recipient.TIPSTER,),
            _facts(
                "tipster_name",
                "received_on:date",
                "respondent_name",
                "matter",
                "result",
                "decided_on:date",
                optional=("explanation", "basis", "case_number", "contact", "contact_phone"),
            ),
        ),
        _of_lists("listing_notice", "facts", "ground", "basis", "term_until:date", "speak_by:date"),
        _of_lists("repair_receipt", "receipt", "filed_at:instant", "decide_by:date", "ground"),
        _of_lists("listing_decision", "matter", "decision", "explanation"),
        _of_lists("talk_invitation", "matter", "basis", "facts", "talk_at:instant", "place"),
        _of_lists(
            "talk_admonition",
            "matter",
            "basis",
            "talk_at:instant",
            "place",
            "attended",
            "minutes",
            "admonition",
        ),
        _of_lists("correction_order", "facts", "ground", "basis", "demand", "due_on:date"),
    )
}

# --- numbers --------------------------------------------------------------------------------------------------------

_NUMBER_PARTS: Final = ("organisation", "kind", "year", "number")


def check_number_pattern(pattern: str) -> None:
    """ValueError unless `pattern` holds each of {organisation} {kind} {year} {number} once and no other placeholder.

    With one of them missing, two documents could bear the same number.
    """
    found = sorted(name for _, name, _, _ in Formatter().parse(pattern) if name is not None)
    if found != sorted(_NUMBER_PARTS):
        raise ValueError("a number needs {organisation}, {kind}, {year} and {number}, once each")


def number_text(pattern: str, organisation: str, kind: str, year: int, number: int) -> str:
    """The number as printed: the organisation's and the kind's marks, the year and the running number."""
    return pattern.format(organisation=organisation, kind=kind, year=year, number=number)


# --- check codes ----------------------------------------------------------------------------------------------------

CODE_BITS: Final = 100
CODE_CHARS: Final = 20
_CODE: Final = re.compile(r"[a-z2-7]{20}")
#: People type what looks alike. None of the right-hand signs is in base32.
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "8": "b"})


def read_code(typed: str) -> str | None:
    """The check code in what was typed or scanned (blanks, dashes and case do not matter), or None: no query then."""
    if len(typed) > 80 or not typed.isascii():
        return None
    plain = re.sub(r"[\s-]", "", typed).lower().translate(_ALIKE)
    return plain if _CODE.fullmatch(plain) else None


def grouped(code: str) -> str:
    """The code in groups of five, as printed: abcde-fghij-klmno-pqrst."""
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))
