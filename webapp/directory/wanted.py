"""What is asked of the directory. Frozen, so that it can be the key of what is kept."""

from __future__ import annotations

from dataclasses import dataclass

from .rules import Query


@dataclass(frozen=True)
class Wanted:
    """The filters of the directory; empty means any. `trusted`: only shops whose code is active.

    `by_stars`: those that were ranked this morning, the best first (``webapp/ratings/score.py``); with a text those of
    the matches that were. `street`: a GB/T 2260 code of nine digits. `promise`: the code of a commitment that stands.
    `hearts`: a plain mean of so many or more, 1 to 5. `returns`: goods can be given back there
    (无理由退货、异地异店退换货). `open_now`: by the hours that the shop gave; shops that gave none are left out.
    """

    query: Query
    district: str = ""
    category: str = ""
    industry: str = ""
    trusted: bool = False
    by_stars: bool = False
    street: str = ""
    mall: int | None = None
    promise: str = ""
    hearts: int = 0
    returns: bool = False
    open_now: bool = False
