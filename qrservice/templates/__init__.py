"""The kinds of stickers. A new one is one file with a `TEMPLATE`, and a line here."""

from __future__ import annotations

from typing import Final

from qrservice.templates import door, receipt, table, till, vehicle
from qrservice.templates.base import Kit, Template

TEMPLATES: Final[dict[str, Template]] = {
    module.TEMPLATE.name: module.TEMPLATE for module in (door, till, table, vehicle, receipt)
}

__all__ = ["TEMPLATES", "Kit", "Template", "named"]


def named(name: str) -> Template:
    """The template of that name. Raises ValueError for another."""
    if name not in TEMPLATES:
        raise ValueError(f"no template {name!r}: there are {', '.join(TEMPLATES)}")
    return TEMPLATES[name]
