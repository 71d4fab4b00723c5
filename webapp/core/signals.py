"""News between features. Siblings do not import each other: one sends, others handle it in the same session.

Handlers never commit. Every signal is sent with ``actor`` (:class:`~webapp.core.actor.Actor`) and ``now``
(aware UTC) besides what stands in its comment. The sender argument is always ``None``.
"""

from __future__ import annotations

from typing import Any

from blinker import Signal

application_approved = Signal()  # shop_id
# operator_id (None: unknown here), record, before (dict or None), consequence ("none|suspend|revoke"), ground or ""
registry_changed = Signal()
# operator_id, shop_id (None: all its shops), shop_ids (list[int]), missing_or_expired ({shop_id: [licence kind codes]})
licence_changed = Signal()
listing_published = Signal()  # listing_id, shop_id, colour ("red" | "black"), reason
listing_ended = (
    Signal()
)  # listing_id, shop_id, colour, reason, wrong (bool: an appeal found the decision wrong)
shop_changed = Signal()  # shop_id, old, new (facts by name): an officer approved that they changed
code_issued = Signal()  # shop_id, trust_code_id
code_state_changed = (
    Signal()
)  # shop_id, trust_code_id, before, after (CodeState; the same when a ground was added)
key_compromised = Signal()  # kid: its stickers end, but for those surely older than the declared moment
account_erased = Signal()  # account_id: nothing may lead to its person any more
case_erased = Signal()  # subject ("complaint" | "tip"), subject_id: what others keep of its people goes, too
shop_rated = Signal()  # shop_id: its hearts are others now (without actor and now: a figure is counted)
complaint_filed = Signal()  # complaint_id, shop_id
tip_filed = Signal()  # tip_id, shop_id
complaint_moved = Signal()  # complaint_id, shop_id, state: it stands elsewhere now
complaint_settled = Signal()  # complaint_id, shop_id, resolved (bool)

# before, after (workdays.Calendar), since (date): running deadlines due on or after `since`, and those that stand
# still, are reckoned again by `after`
holidays_changed = Signal()


def send(signal: Signal, **news: Any) -> None:
    """Send `news` to all handlers, in the same session; an error in a handler undoes the whole change."""
    signal.send(None, **news)
