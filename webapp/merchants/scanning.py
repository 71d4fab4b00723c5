"""How a visitor came to a shop: by a scanned sticker, or by the receipt of a settled complaint.

The features that know fill the providers in at the start; those that ask do not know them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ScannedCode:
    """What a genuine token says: shop number and sticker serial. Whether either still stands is not said."""

    shop_number: int
    serial: int


@dataclass(frozen=True)
class EndedComplaint:
    """A complaint that came to its end: its shop and its id. `number` is for talking about it; it opens nothing.

    `phone_hash`: the keyed hash of the complainant's phone, as accounts keep theirs; None when none was left.
    """

    shop_number: int
    complaint_id: int
    number: str
    phone_hash: str | None = None


_reader: Callable[[str], ScannedCode] | None = None
_receipts: Callable[[str], EndedComplaint] | None = None


def provide_reader(reader: Callable[[str], ScannedCode]) -> None:
    """Set the function that reads a scanned token; it raises NotFound for one that is not ours."""
    global _reader  # noqa: PLW0603 - one for the process, connected at the start
    _reader = reader


def read(token: str) -> ScannedCode:
    """What the scanned `token` says, without asking the database; raises NotFound (``code_not_ours``)."""
    if _reader is None:
        raise RuntimeError("no reader of codes is connected")
    return _reader(token)


def provide_receipts(lookup: Callable[[str], EndedComplaint]) -> None:
    """Set the function that finds an ended complaint by its receipt; it raises NotFound for any other."""
    global _receipts  # noqa: PLW0603 - one for the process, connected at the start
    _receipts = lookup


def ended_complaint(receipt: str) -> EndedComplaint:
    """The settled or closed complaint that `receipt` opens; raises NotFound."""
    if _receipts is None:
        raise RuntimeError("no complaints are connected")
    return _receipts(receipt)
