"""Figures as charts: each has one message, which its title says in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp.core import clock
from webapp.stickers.models import Sticker
from webapp.web.filters import WEEKDAYS
from webapp.web.languages import EN, full_day, language, said_date, say

from . import rules
from .queries import Now, Paper, ShopTraffic, Weeks
from .rules import Period, Span

#: With more columns only the highest has its figure above it.
_ALL_LABELLED = 7
_TICK_EVERY_DAYS, _TICK_EVERY_MONTHS, _TICK_EVERY_HOURS = 10, 3, 6


@dataclass(frozen=True)
class Chart:
    """`rows` as the macros ``column_chart`` and ``bar_chart`` want them; `word` heads the table's first column."""

    title: str
    rows: list[Any]
    note: str
    word: str
    unit: str


def times(count: int) -> str:
    """1,234."""
    return f"{count:,}"


def about(count: int, step: int) -> str:
    """A rounded count in words."""
    if step == 1:
        return times(count)
    return (
        say("traffic.about", count=times(count)) if count else say("traffic.under", count=rules.least(step))
    )


def so_far(now: Now, step: int) -> str:
    """The running day in words, "ten or more"."""
    if step == 1:
        return say("traffic.times", count=times(now.so_far))
    if not now.so_far:
        return say("traffic.under_times", count=step)
    return say("traffic.or_more", count=times(now.so_far))


def short(on: date) -> str:
    """11月2日, in the language of the page."""
    return said_date(on)


def weekday(number: int) -> str:
    """周一 for 0."""
    return say(f"traffic.day.{number}")


# --- days or months ---------------------------------------------------------------------------------------------------


def days(traffic: ShopTraffic) -> Chart:
    """The period's days, or its months."""
    counts = [count for _, count in traffic.columns]
    best, last = rules.top(counts), len(counts) - 1
    rows = []
    for place, (span, count) in enumerate(traffic.columns):
        rows.append(
            {
                "word": _step_word(traffic.period, span, is_last=place == last),
                "value": count,
                "shown": times(count),
                **_step_tick(traffic.period, span, place, is_last=place == last),
                "hot": place == best,
                "direct": count > 0 and (len(counts) <= _ALL_LABELLED or place == best),
            }
        )
    return Chart(
        _days_title(traffic, best),
        rows,
        say("traffic.until", day=full_day(traffic.span.last)),
        say("traffic.word.month" if traffic.period is Period.YEAR else "traffic.word.day"),
        say("traffic.unit"),
    )


def _step_word(period: Period, span: Span, *, is_last: bool) -> str:
    if period is not Period.YEAR:
        return full_day(span.first)
    word = say("traffic.month", year=span.first.year, month=span.first.month)
    return say("traffic.month_so_far", month=word, day=short(span.last)) if is_last else word


def _step_tick(period: Period, span: Span, place: int, *, is_last: bool) -> dict[str, str]:
    first = span.first
    if period is Period.WEEK:
        return _weekday_tick(first.weekday())
    if period is Period.MONTH:
        return {"tick": f"{first.month}/{first.day}"} if is_last or place % _TICK_EVERY_DAYS == 0 else {}
    return {"tick": say("traffic.tick.month", month=first.month)} if place % _TICK_EVERY_MONTHS == 0 else {}


def _weekday_tick(number: int) -> dict[str, str]:
    """Below a column: in large type there is no room for more than the day's own character."""
    if language() == EN:
        return {"tick": weekday(number)}
    return {"tick_head": say("traffic.weekday", day=""), "tick": WEEKDAYS[number]}


def _days_title(traffic: ShopTraffic, best: int | None) -> str:
    total, number = times(traffic.total), len(traffic.columns)
    if traffic.period is Period.YEAR:
        if best is None:
            return say("traffic.title.months_none")
        return say("traffic.title.months", count=total, month=traffic.columns[best][0].first.month)
    if best is None:
        return say("traffic.title.days_none", days=number)
    if traffic.before is None:
        return say("traffic.title.days", days=number, count=total)
    more = traffic.total - traffic.before
    kind = "more" if more > 0 else "less" if more < 0 else "same"
    return say(f"traffic.title.days_{kind}", days=number, count=total, by=times(abs(more)))


# --- whole weeks ------------------------------------------------------------------------------------------------------


def weeks_words(weeks: Weeks) -> str:
    """Which weeks."""
    span = weeks.span
    return say("traffic.weeks", first=short(span.first), last=short(span.last), weeks=span.days // 7)


def _rounded_note(weeks: Weeks, step: int) -> str:
    words = weeks_words(weeks)
    return words if step == 1 else words + say("traffic.rounded", step=step)


def hours(weeks: Weeks, step: int) -> Chart:
    """The hours of the day."""
    best = rules.top(weeks.hours)
    rows = [
        {
            "word": f"{hour}:00—{hour + 1}:00",
            "value": count,
            "shown": about(count, step),
            "tick": say("traffic.tick.hour", hour=hour) if hour % _TICK_EVERY_HOURS == 0 else "",
            "hot": hour == best,
            "direct": hour == best,
        }
        for hour, count in enumerate(weeks.hours)
    ]
    title = say("traffic.title.hours_none")
    if best is not None:
        title = say("traffic.title.hours", first=best, last=best + 1)
    note = _rounded_note(weeks, step)
    return Chart(title, rows, note, say("traffic.word.hour"), say("traffic.unit"))


def weekdays(weeks: Weeks) -> Chart:
    """The days of the week, as means."""
    best = rules.top(weeks.weekdays)
    rows = [
        {
            "word": weekday(number),
            "value": mean,
            "shown": _mean(mean),
            **_weekday_tick(number),
            "hot": number == best,
            "direct": mean > 0,
        }
        for number, mean in enumerate(weeks.weekdays)
    ]
    title = say("traffic.title.weekdays_none")
    if best is not None:
        title = say("traffic.title.weekdays", day=weekday(best), count=rows[best]["shown"])
    return Chart(title, rows, weeks_words(weeks), say("traffic.word.weekday"), say("traffic.unit_mean"))


def _mean(mean: float) -> str:
    return times(round(mean)) if mean >= 10 else f"{mean:.1f}".removesuffix(".0")


def paper_names(papers: list[Paper]) -> list[str]:
    """What each sticker is called: place and label, its number where that leaves a doubt, and what became of it."""
    names = [_name(paper.sticker) for paper in papers]
    often = Counter(names)
    found = []
    for name, paper in zip(names, papers, strict=True):
        words = name if often[name] == 1 else say("traffic.paper", name=name, serial=paper.sticker.serial)
        state = say(f"sticker.state.{paper.sticker.state.value}")
        found.append(words if paper.stands else say("traffic.paper_ended", name=words, state=state))
    return found


def _name(sticker: Sticker) -> str:
    place = say(f"sticker.place.{sticker.place.value}")
    return f"{place} {sticker.spot}" if sticker.spot else place


def papers(weeks: Weeks, step: int) -> Chart:
    """The stickers, those scanned most first."""
    names = paper_names(weeks.papers)
    rows = [
        (name, paper.count, about(paper.count, step)) for name, paper in zip(names, weeks.papers, strict=True)
    ]
    title = say("traffic.title.papers_none")
    if weeks.papers and weeks.papers[0].count:
        title = say("traffic.title.papers", name=names[0])
    note = _rounded_note(weeks, step)
    return Chart(title, rows, note, say("traffic.word.paper"), say("traffic.unit"))


def strays(weeks: Weeks) -> list[Sticker]:
    """Stickers that are worth nothing any more and are still scanned: they ought to be taken off."""
    return [paper.sticker for paper in weeks.papers if paper.strays]


def unseen(weeks: Weeks) -> list[Sticker]:
    """Stickers that stood all these weeks and that hardly anybody scanned: they may be hidden or torn off."""
    return [
        paper.sticker
        for paper in weeks.papers
        if not paper.count and paper.stands and clock.day_of(paper.sticker.issued_at) < weeks.span.first
    ]
