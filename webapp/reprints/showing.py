"""A task in words, for both sides."""

from __future__ import annotations

from typing import Any

from webapp.core import clock
from webapp.stickers import queries as stickers
from webapp.web.words import label

from . import queries
from .models import ReprintTask
from .rules import STANDING, PaperState, ReprintState

TONES = {
    ReprintState.OPEN: "caution",
    ReprintState.ASKED: "info",
    ReprintState.DONE: "good",
    ReprintState.WAIVED: "quiet",
    ReprintState.LAPSED: "quiet",
}


def view(task: ReprintTask) -> dict[str, Any]:
    """What a list shows of a task: `why` in words, `days` left (negative: over)."""
    return {
        "task": task,
        "why": label("reprint.and").join(label(f"reprint.cause.{one['cause']}") for one in task.causes),
        "state": label(f"reprint.state.{task.state.value}"),
        "tone": TONES[task.state],
        "standing": task.state in STANDING,
        "days": (task.due_on - clock.today()).days,
    }


def page(task: ReprintTask) -> dict[str, Any]:
    """What the page of one task shows besides: its papers, what is to be done first, the shop's code."""
    papers = queries.papers_of(task)
    causes = {one["cause"] for one in task.causes}
    to_replace = [paper for paper in papers if paper.state is PaperState.TO_REPLACE]
    return {
        **view(task),
        "papers": papers,
        "to_replace": to_replace,
        "to_print": [paper for paper in papers if paper.state is PaperState.TO_PRINT],
        "code": stickers.code_of(task.shop_id),
        # The stickers print the shop's own name: it is changed first, else the new ones print the old name again.
        "name_first": "renamed" in causes and "shop_name" not in causes and bool(to_replace),
    }
