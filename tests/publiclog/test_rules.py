"""Which decisions are public, against the lifecycles."""

from __future__ import annotations

from webapp.codes.rules import STEPS as OF_CODES
from webapp.listings.rules import STEPS as OF_LISTINGS
from webapp.publiclog.rules import KINDS


def test_every_step_of_codes_and_lists_is_known() -> None:
    """A step that a lifecycle gains is a public decision, or stands here as one that is not."""
    not_public = {"listing.refuse", "listing.withdraw"}
    steps = {f"code.{step.action}" for step in OF_CODES} | {f"listing.{step.action}" for step in OF_LISTINGS}
    assert steps - set(KINDS) == not_public
