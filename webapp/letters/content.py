"""What a document says, block by block, apart from how it is drawn. Pure.

A document is composed once, when it is issued; what is kept is this content, so that a form corrected later changes
no document that somebody holds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Final


@dataclass(frozen=True)
class Addressee:
    """Whom it is for: flush left above the text."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the text; its first line is indented by two characters."""

    text: str


@dataclass(frozen=True)
class Row:
    """A row of a form: pairs of word and value, side by side."""

    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Signing:
    """Places where people sign by hand, side by side: each says who. Below a table they are its last row."""

    places: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """The issuing organisation and the day, to the right, with the place of its seal over them."""

    lines: tuple[str, ...]
    seal: str


@dataclass(frozen=True)
class Note:
    """A remark below the text, in small type."""

    text: str


@dataclass(frozen=True)
class Imprint:
    """The lines of the imprint (版记) at the foot of the last page."""

    lines: tuple[str, ...]


Block = Addressee | Paragraph | Row | Signing | Signature | Note | Imprint
_BLOCKS: Final[dict[str, type[Any]]] = {
    "addressee": Addressee,
    "paragraph": Paragraph,
    "row": Row,
    "signing": Signing,
    "signature": Signature,
    "note": Note,
    "imprint": Imprint,
}
_NAMES: Final = {kind: name for name, kind in _BLOCKS.items()}


@dataclass(frozen=True)
class Content:
    """A whole document. `code` opens the check page; empty in a proof, which then has no number either."""

    organisation: str
    title: str
    number: str
    blocks: tuple[Block, ...]
    code: str = ""
    check_url: str = ""
    language: str = "zh-CN"

    def canonical(self) -> str:
        """The one JSON text of this content: keys sorted, no blanks, characters as they are."""
        whole = {**asdict(self), "blocks": [{"is": _NAMES[type(one)], **asdict(one)} for one in self.blocks]}
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hex SHA-256 of the canonical text. The random check code in it keeps guesses at the rest from being tried."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def parse(text: str) -> Content:
    """The content of a canonical text."""
    whole = json.loads(text)
    blocks = tuple(_block(one) for one in whole.pop("blocks"))
    return Content(blocks=blocks, **whole)


def _block(stored: dict[str, Any]) -> Block:
    kind = _BLOCKS[stored.pop("is")]
    made: Block = kind(**{field.name: _frozen(stored[field.name]) for field in fields(kind)})
    return made


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
