"""任务指标: the four figures of the plan within reach, how they moved, and the cases behind every number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.core import clock, policy
from webapp.core.actor import Actor
from webapp.regions import queries as regions
from webapp.web import access, paging, spreadsheet
from webapp.web.slots import MenuEntry
from webapp.web.words import label

from . import queries, rules, sheets
from .queries import Within
from .rules import Figure, Period, Share, Shares, Subject

bp = Blueprint("targets", __name__, url_prefix="/office/targets")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class View:
    """What the address asks for."""

    within: Within
    period: Period
    counties: dict[str, str]

    @property
    def kept(self) -> dict[str, Any]:
        """The same, for the next address."""
        named = {"period": self.period.code, "county": self.within.county, "station": self.within.station_id}
        return {name: value for name, value in named.items() if value}


def menu(actor: Actor) -> MenuEntry | None:
    """任务指标."""
    posts = access.reach(actor, "target.read")
    return MenuEntry(url_for("targets.index"), "target.menu", None, "list") if posts else None


@bp.get("")
@access.officer("target.read")
def index() -> ResponseReturnValue:
    """The four figures against their goals, by month, and by county or station."""
    view = _asked()
    year = (date(view.period.first.year, 1, 1), date(view.period.first.year, 12, 31))
    found = rules.tally(queries.matters(view.within, *year, clock.now()), view.period.first, view.period.last)
    return render_template(
        "targets/office_index.html",
        view=view,
        goals=_goals(view.period.last),
        shares=found.all,
        months=_months(found.months, view.period),
        rows=_groups(found, view),
        by_station=bool(view.within.county or len(view.counties) == 1),
        period_words=period_words(view.period.code),
        periods=[(code, period_words(code)) for code in rules.choices(clock.today())],
        station=queries.stations([view.within.station_id]).get(view.within.station_id or 0, ""),
        percent=percent,
    )


@bp.get("/cases")
@access.officer("target.read")
def cases() -> ResponseReturnValue:
    """The cases that a figure counts, those that missed it first asked for."""
    view, figure, kept = _asked(), _figure(), _kept()
    found = queries.cases(view.within, view.period.first, view.period.last, clock.now(), figure, kept=kept)
    asked, size = paging.number_asked(), paging.PER_PAGE
    number = min(asked, max(1, -(-len(found) // size)))
    shown = found[(number - 1) * size : number * size]
    return render_template(
        "targets/office_cases.html",
        view=view,
        figure=figure,
        which=request.args.get("which", ""),
        page=paging.Page(shown, number, len(found), size),
        urls={(one.subject, one.id): _url(one) for one in shown},
        judged={(one.subject, one.id): rules.judge(one, figure) for one in shown},
        stations=queries.stations({one.station_id for one in shown}),
        period_words=period_words(view.period.code),
    )


@bp.get("/figures.csv")
@access.officer("target.read")
def figures_csv() -> ResponseReturnValue:
    """What the page shows, as a table."""
    return _figures("csv")


@bp.get("/figures.xlsx")
@access.officer("target.read")
def figures_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    return _figures("xlsx")


@bp.get("/cases.csv")
@access.officer("target.read")
def cases_csv() -> ResponseReturnValue:
    """The cases behind a figure, as a table."""
    return _cases("csv")


@bp.get("/cases.xlsx")
@access.officer("target.read")
def cases_xlsx() -> ResponseReturnValue:
    """The same as a workbook."""
    return _cases("xlsx")


def _figures(form: str) -> Response:
    view = _asked()
    days = (view.period.first, view.period.last)
    found = rules.tally(queries.matters(view.within, *days, clock.now()), *days)
    groups = [(label("target.all"), found.all), *((name, shares) for name, shares, _ in _groups(found, view))]
    return _sheet(sheets.figures(groups, period_words(view.period.code)), form, f"figures-{view.period.code}")


def _cases(form: str) -> Response:
    view, figure = _asked(), _figure()
    days = (view.period.first, view.period.last)
    found = queries.cases(view.within, *days, clock.now(), figure, kept=_kept())
    named = queries.stations({one.station_id for one in found})
    return _sheet(
        sheets.cases(found, figure, view.counties, named), form, f"{figure.value}-{view.period.code}"
    )


def percent(share: Share) -> str:
    """96.0%, or a dash without cases."""
    return "—" if share.tenths is None else f"{share.tenths / 10:.1f}%"


def period_words(code: str) -> str:
    """2026 年, 2026 年第 4 季度, 2026 年 11 月."""
    year, _, rest = code.partition("-")
    if not rest:
        return label("target.period.year", year=year)
    kind, number = ("quarter", rest[1:]) if rest.startswith("Q") else ("month", str(int(rest)))
    return label(f"target.period.{kind}", year=year, number=number)


def _asked() -> View:
    actor = access.current_actor()
    posts = access.reach(actor, "target.read")
    counties = {county.code: county.name for county in regions.counties_of(posts)}
    county = request.args.get("county", "")
    station = request.args.get("station", "")
    number = int(station) if station.isascii() and station.isdigit() and len(station) <= 9 else None
    within = Within(
        complaints=access.reach(actor, "complaint.read"),
        tips=access.reach(actor, "tip.read"),
        aside_from=actor.aside_from,
        county=county if county in counties else "",
        station_id=number,
    )
    return View(within, rules.period(request.args.get("period", ""), clock.today()), counties)


def _figure() -> Figure:
    asked = request.args.get("figure", "")
    return Figure(asked) if asked in set(Figure) else Figure.HANDLED


def _kept() -> bool | None:
    return {"kept": True, "missed": False}.get(request.args.get("which", ""))


def _goals(on: date) -> dict[Figure, int]:
    today = min(on, clock.today())
    return {figure: policy.get_int(f"target.{figure.value}_percent", today) for figure in Figure}


def _months(months: dict[str, Shares], period: Period) -> dict[Figure, list[dict[str, Any]]]:
    """For each figure the columns of the chart: the months of the year that have begun."""
    year, today = period.first.year, clock.today()
    last = today.month if year == today.year else 12
    columns: dict[Figure, list[dict[str, Any]]] = {figure: [] for figure in Figure}
    for month in range(1, last + 1):
        shares = months.get(f"{year}-{month:02}", rules.no_shares())
        inside = period.first.month <= month <= period.last.month
        for figure in Figure:
            share = shares[figure]
            columns[figure].append(
                {
                    "word": label("target.period.month", year=str(year), number=str(month)),
                    "tick": str(month),
                    "value": share.tenths or 0,
                    "shown": f"{percent(share)}（{share.kept}/{share.counted}）" if share.counted else "—",
                    "hot": inside,
                }
            )
    return columns


def _groups(found: rules.Tally, view: View) -> list[tuple[str, Shares, str]]:
    """Name, shares and the address of each county, or of each station within one; the most cases first."""
    if view.within.county or len(view.counties) == 1:
        names = queries.stations(found.stations)
        rows = [
            (
                names.get(number or 0, label("target.no_station")),
                shares,
                url_for("targets.index", **(view.kept | {"station": number})) if number else "",
            )
            for number, shares in found.stations.items()
        ]
    else:
        rows = [
            (
                view.counties.get(code, code),
                shares,
                url_for("targets.index", **(view.kept | {"county": code})),
            )
            for code, shares in found.counties.items()
        ]
    return sorted(rows, key=lambda row: (-sum(share.counted for share in row[1].values()), row[0]))


def _url(matter: rules.Matter) -> str:
    if matter.subject is Subject.TIP:
        return url_for("tips_office.show", tip_id=matter.id)
    return url_for("complaints_office.show", complaint_id=matter.id)


def _sheet(rows: Iterable[sheets.Row], form: str, name: str) -> Response:
    if form == "xlsx":
        answer = Response(
            spreadsheet.as_xlsx(rows, name, (22, 12, 24, 16, 14, 12, 16, 28, 10)), mimetype=XLSX
        )
    else:
        texts = ([str(cell) for cell in row] for row in rows)
        answer = Response("".join(spreadsheet.as_csv(texts)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
