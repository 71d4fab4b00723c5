"""The plan's figures and the cases behind them as rows for CSV and XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from webapp.web.words import label

from .rules import Figure, Matter, Shares, judge

Row = Sequence[str | int | float]


def figures(groups: Iterable[tuple[str, Shares]], period: str) -> Iterator[Row]:
    """The head, then for each group (name, shares) and figure: kept, counted and the share in per cent."""
    yield [
        label(f"target.column.{name}") for name in ("period", "place", "figure", "kept", "counted", "percent")
    ]
    for name, shares in groups:
        for figure in Figure:
            share = shares[figure]
            percent: str | float = "" if share.tenths is None else share.tenths / 10
            yield [period, name, label(f"target.{figure.value}"), share.kept, share.counted, percent]


def cases(
    matters: Iterable[Matter], figure: Figure, county: dict[str, str], station: dict[int, str]
) -> Iterator[Row]:
    """The head, then each case: number, what, shop, topic, state, received, office, kept or not."""
    names = ("number", "subject", "shop", "topic", "state", "received", "county", "station", "kept")
    yield [label(f"target.column.{name}") for name in names]
    for matter in matters:
        yield [
            matter.number,
            label(f"target.subject.{matter.subject.value}"),
            matter.shop_name,
            label(f"complaint.topic.{matter.topic}"),
            label(f"{matter.subject.value}.state.{matter.state}"),
            matter.received_on.isoformat(),
            county.get(matter.region_code[:6], ""),
            station.get(matter.station_id or 0, ""),
            label("target.kept" if judge(matter, figure) else "target.missed"),
        ]
