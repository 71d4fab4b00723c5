"""The entry gates: what a machine can say about an application, from the register and from the other features.

Other features add theirs by the slot ``application.checks``: ``fn(shop) -> list[Check]``.
"""

from __future__ import annotations

import unicodedata

from flask import current_app

from webapp.core.checks import Check, CheckResult
from webapp.merchants import lookup
from webapp.merchants.lookup import RegistryFacts
from webapp.merchants.models import Operator, Shop
from webapp.web import slots

from . import statement
from .models import Application

PASSED, FAILED, NEEDS_PERSON = CheckResult.PASSED, CheckResult.FAILED, CheckResult.NEEDS_PERSON
#: The register's word for an operator in business (存续/在业).
ACTIVE = "active"
#: A shorter rest of an address says too little to be the same place.
MIN_STREET = 5


def plain(text: str) -> str:
    """`text` as it is compared: half-width, no spaces, so that （） and () are the same."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def same_place(stated: str, registered: str) -> bool:
    """True when one address says the same as the other and perhaps more: a place before it, a shop front behind it.

    A merchant writes the street and “底商”, the register the whole address without it: no difference to warn of.
    """
    one, other = plain(stated), plain(registered)
    if not one or not other:
        return False
    if one in other:
        return True
    # The register's address without the province, city and county before it.
    rests = (other[place + 1 :] for place, character in enumerate(other) if character in "区县市")
    return any(len(rest) >= MIN_STREET and rest in one for rest in (other, *rests))


def register_checks(operator: Operator, facts: RegistryFacts | None) -> list[Check]:
    """What the register says about the operator. One that it does not know is not vouched for."""
    if facts is None:
        return [Check("register_known", FAILED)]
    as_of = {"as_of": facts.as_of.isoformat()}
    active = facts.status == ACTIVE
    same = plain(operator.name) == plain(facts.name) and plain(operator.legal_representative) == plain(
        facts.legal_representative
    )
    return [
        Check("register_status", PASSED, as_of)
        if active
        else Check(f"register_status_{facts.status}", FAILED, as_of),
        Check("register_abnormal", FAILED if facts.abnormal else PASSED, as_of),
        Check("register_serious", FAILED if facts.serious_violation else PASSED, as_of),
        Check("register_name", PASSED if same else NEEDS_PERSON, as_of),
    ]


def gather(shop: Shop) -> list[Check]:
    """All checks of `shop` as things stand now."""
    found = register_checks(shop.operator, lookup.find_facts(shop.operator.uscc))
    for piece in slots.collect(current_app, "application.checks", shop=shop):
        found += piece
    return found


def unchanged(application: Application) -> Check:
    """Whether what is vouched for is what was submitted: nothing may be changed behind the reviewers' backs.

    The operator's section comes from the register, which has checks of its own.
    """
    changes = statement.diff(application.statement, statement.build(current_app, application.shop))
    moved = sorted({change.part for change in changes if change.section != "operator"})
    return Check("statement_unchanged", FAILED if moved else PASSED, {"parts": moved})


def stored(application: Application) -> list[Check]:
    """The checks as they were kept at the last step."""
    return [
        Check(item["code"], CheckResult(item["result"]), item.get("details", {}))
        for item in application.checks
    ]
