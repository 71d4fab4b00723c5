"""What a feature's ``api.py`` declares its resources with: pydantic models whose words stand in the catalogues.

The word for a field is ``api.<Model>.<field>``, or ``api.any.<field>`` where it means the same in all models; for the
set itself ``api.<resource>`` (name) and ``api.<resource>.about`` (a sentence). Fields hold no personal data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from webapp.web.typed import line

from .offering import log_numbers
from .places import link, origin
from .resources import Fixed, News, Resource, Table
from .rules import Deprecation

__all__ = [
    "Category",
    "Deprecation",
    "District",
    "Field",
    "Filters",
    "Fixed",
    "Flag",
    "Instant",
    "Item",
    "News",
    "Proof",
    "Resource",
    "Table",
    "Text",
    "bare",
    "link",
    "log_numbers",
    "origin",
    "proof",
    "proofs",
]


class Item(BaseModel):
    """One thing as the public reads it."""

    model_config = ConfigDict(frozen=True)


class Filters(BaseModel):
    """What may be asked for, each from the address's argument of that name. Unknown arguments are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Proof(Item):
    """Where the public log holds the decision: its number from 1, its page, the receipt to check without this site."""

    number: int = Field(ge=1, examples=[1024])
    url: str = Field(examples=["https://example.cn/log/1024"])
    receipt: str = Field(examples=["https://example.cn/log/1024/receipt"])


def _written(value: datetime) -> str:
    return value.isoformat(timespec="seconds").replace("+00:00", "Z")


#: An instant, written in UTC to the second (RFC 3339).
Instant = Annotated[datetime, PlainSerializer(_written, return_type=str, when_used="json")]

#: GB/T 2260 code of a county.
District = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["130606"])]
#: 吃住游购娱.
Category = Literal["eat", "stay", "tour", "shop", "play"]
#: A part of a name, as typed.
Text = Annotated[str, Field(max_length=60, examples=["面馆"]), AfterValidator(line)]


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value)


#: ``true`` or ``false``, in these letters only.
Flag = Annotated[
    bool,
    BeforeValidator(_flag, json_schema_input_type=Literal["true", "false"]),
    Field(strict=True),
]


def bare(value: str | None) -> str:
    """A filter that was not given, as the queries want it."""
    return value or ""


def proofs(subject_type: str, ids: list[int], *kinds: str) -> dict[int, Proof]:
    """By id: the proof that the decision stands in the public log (see :func:`log_numbers`)."""
    return {key: proof(number) for key, number in log_numbers(subject_type, ids, *kinds).items()}


def proof(number: int) -> Proof:
    """The proof of an entry of the public log, counted from 1."""
    page = link(f"/log/{number}")
    return Proof(number=number, url=page, receipt=f"{page}/receipt")
