"""The blueprint of the sign-in pages and one's own account: several view modules share it."""

from __future__ import annotations

from flask import Blueprint, request

bp = Blueprint("accounts", __name__)
MERCHANT_HOME = "/merchant/"
OFFICE_HOME = "/office/"


def safe_target(asked: str | None, side: str) -> str:
    """The page to go to after signing in: a path of this site on this side, else the side's first page."""
    target = asked or ""
    fine = target.startswith(side) and "\\" not in target and "//" not in target.partition("?")[0]
    return target if fine and target.isprintable() else side


def asked_target() -> str:
    """What the address or the form says about where to go next (not yet checked)."""
    return request.form.get("next") or request.args.get("next") or ""
