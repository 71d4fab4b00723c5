"""What consumer and merchant see of it: that their case is handled together with others, and nothing of the others."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from webapp.complaints.models import Complaint


def for_side(complaint: Complaint, **_context: Any) -> Markup | None:
    """For the slots ``merchant.complaint`` and ``complaint.follow``."""
    if complaint.group_id is None:
        return None
    return Markup(render_template("joint/_side.html"))  # noqa: S704 - our own template, which escapes
