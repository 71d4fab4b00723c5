"""One shop with its people, as for complaints."""

from __future__ import annotations

from tests.support.street import street

__all__ = ["street"]
