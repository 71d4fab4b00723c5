"""Where an operator's register facts come from: the registry feature fills the provider in at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class RegistryFacts:
    """What the national register says of an operator. `status` is a value of registry's RegistryStatus."""

    uscc: str
    name: str
    kind: str
    legal_representative: str
    registered_address: str
    authority: str
    established_on: date | None
    status: str
    abnormal: bool
    serious_violation: bool
    as_of: date


_provider: Callable[[str], RegistryFacts | None] | None = None


def provide(provider: Callable[[str], RegistryFacts | None]) -> None:
    """Set the function that looks facts up by unified social credit code."""
    global _provider  # noqa: PLW0603 - one register for the process, connected at the start
    _provider = provider


def find_facts(uscc: str) -> RegistryFacts | None:
    """The register's facts for `uscc`, or None when the register does not know it."""
    if _provider is None:
        raise RuntimeError("no register is connected")
    return _provider(uscc)
