"""Mapping files: which column of a feed holds which fact, and what its words mean.

A mapping is a TOML file (see ``mappings/default.toml``, which every other one stands on)::

    [file]      source = "baoding"; encoding = "gb18030"; delimiter = ","; as_of = 2026-11-20   (all optional)
    [columns]   uscc = "统一社会信用代码"; name = ["企业名称", "字号名称"]   (the first one that is filled)
    [dates]     formats = ["%Y-%m-%d"]
    [yes_no]    yes = ["是"]; no = ["否"]
    [empty]     words = ["-"]
    [values.status]  active = ["存续"]            [values.kind]  self_employed = ["个体工商户"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from .rules import RegistryStatus
from .text import key_of

FOLDER: Final = Path(__file__).with_name("mappings")
FIELDS: Final = (
    "uscc",
    "name",
    "kind",
    "legal_representative",
    "registered_address",
    "authority",
    "established_on",
    "status",
    "abnormal",
    "abnormal_ground",
    "abnormal_on",
    "serious_violation",
    "penalties",
    "as_of",
)
REQUIRED: Final = ("uscc", "name", "status")
KINDS: Final = ("enterprise", "self_employed", "cooperative", "other")


class MappingError(ValueError):
    """A mapping file cannot be used; the message says where and why."""


@dataclass(frozen=True)
class FeedMapping:
    """A mapping ready for use. Keys of the word tables are folded by :func:`.text.key_of`."""

    source: str
    encoding: str | None
    delimiter: str | None
    as_of: date | None
    columns: Mapping[str, tuple[str, ...]]
    date_formats: tuple[str, ...]
    empty: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    statuses: Mapping[str, RegistryStatus]
    kinds: Mapping[str, str]


def names() -> list[str]:
    """The mappings that come with the program."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str = "default") -> FeedMapping:
    """A mapping by its name here, or by the path of a TOML file; raises :class:`MappingError`."""
    own = FOLDER / f"{name_or_path}.toml"
    path = own if name_or_path in names() else Path(name_or_path)
    base = _read(FOLDER / "default.toml")
    return _build(base, base if path == FOLDER / "default.toml" else _read(path), str(path.name))


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise MappingError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: {error}") from error


def _build(base: dict[str, Any], own: dict[str, Any], name: str) -> FeedMapping:
    known = {"file", "columns", "dates", "yes_no", "empty", "values"}
    if strange := sorted(own.keys() - known):
        raise MappingError(f"{name}: unknown table {strange[0]!r}")
    file = own.get("file", {})
    as_of = file.get("as_of")
    if as_of is not None and type(as_of) is not date:
        raise MappingError(f"{name}: file.as_of must be a date such as 2026-11-20")
    values = own.get("values", {})
    return FeedMapping(
        source=str(file.get("source", Path(name).stem))[:40],
        encoding=file.get("encoding"),
        delimiter=file.get("delimiter"),
        as_of=as_of,
        columns=_columns(own.get("columns", {}), name),
        date_formats=tuple(
            dict.fromkeys([*own.get("dates", {}).get("formats", []), *base["dates"]["formats"]])
        ),
        empty=_words(own, base, "empty", "words"),
        yes=_words(own, base, "yes_no", "yes"),
        no=_words(own, base, "yes_no", "no"),
        statuses={
            word: RegistryStatus(code)
            for word, code in _codes(base, values, "status", tuple(RegistryStatus), name).items()
        },
        kinds=_codes(base, values, "kind", KINDS, name),
    )


def _columns(table: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    if strange := sorted(table.keys() - set(FIELDS)):
        raise MappingError(
            f"{name}: columns.{strange[0]} is no fact of the register; known: {', '.join(FIELDS)}"
        )
    if missing := [field for field in REQUIRED if field not in table]:
        raise MappingError(f"{name}: columns.{missing[0]} is missing")
    return {
        field: tuple(key_of(text) for text in ([headings] if isinstance(headings, str) else headings))
        for field, headings in table.items()
    }


def _words(own: Mapping[str, Any], base: Mapping[str, Any], table: str, key: str) -> frozenset[str]:
    return frozenset(key_of(word) for word in [*base[table][key], *own.get(table, {}).get(key, [])])


def _codes(
    base: Mapping[str, Any], own: Mapping[str, Any], table: str, codes: Iterable[str], name: str
) -> dict[str, str]:
    """Words to codes; a mapping's own words win over the default's."""
    found: dict[str, str] = {}
    for source in (base["values"][table], own.get(table, {})):
        for code, words in source.items():
            if code not in set(codes):
                raise MappingError(f"{name}: values.{table}.{code} is unknown; known: {', '.join(codes)}")
            found.update({key_of(word): code for word in words})
    return found
