"""Open data: rows without anybody in them, figures that anybody counts to the same byte."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import complaints as make
from tests.factories.complaints import NAME, PHONE
from tests.factories.merchants import NOW
from webapp.complaints import operations as complaints
from webapp.complaints.rules import Route
from webapp.core import clock, policy
from webapp.core.actor import CONSUMER, SYSTEM
from webapp.core.db import db, may_write
from webapp.core.transaction import unit
from webapp.disclosure import opendata, queries, recount
from webapp.disclosure.models import OpenSnapshot
from webapp.merchants.models import Shop
from webapp.merchants.queries import figures_of
from webapp.scans.models import ScanDay

FILES = ("complaints.csv", "complaints.json", "complaint-figures.json")
SECRET = "秘密的经过"
LATER = NOW + timedelta(days=3)


def row(**facts: str) -> dict[str, str]:
    usual = dict.fromkeys(recount.COLUMNS, "") | {
        "shop": "7",
        "region": "130606",
        "industry": "6210",
        "topic": "price",
        "demand": "refund",
        "route": "settle_first",
        "received_on": "2026-05-01",
        "outcome": "open",
    }
    return usual | facts


def city(shop: Shop) -> None:
    """Complaints of every end, made by the real operations."""
    merchant = make.merchant_actor(shop)
    officer = make.make_officer().actor()
    for number in range(6):
        filed = make.make_complaint(shop, NOW + timedelta(hours=number), story=f"{SECRET}{number}")
        make.move(
            filed, ("answer", merchant), ("confirm_resolved", CONSUMER), now=NOW + timedelta(hours=number + 2)
        )
    for end in ("settle", "end"):
        filed = make.make_complaint(shop, story=SECRET, amount_fen=None)
        complaints.act(filed.id, "refer", SYSTEM, NOW + timedelta(hours=30), text="late")
        make.move(filed, ("accept", officer), (end, officer), now=NOW + timedelta(hours=31))
    make.make_complaint(shop, story=SECRET)  # still open
    db.session.add(ScanDay(shop_id=shop.id, day=clock.day_of(NOW).isoformat(), serial=1, count=40))
    make.make_complaint(shop, LATER, story="today's: not in yet")


def test_who_was_not_asked_to_answer_first_is_neither_on_time_nor_late(app_on: Flask) -> None:
    """Straight to the authority: the column stays empty, answered or not, before and after what is due next."""
    with app_on.app_context():
        token = may_write.set(True)
        shop = make.make_shop_with_policy()
        straight = {"route": Route.AUTHORITY, "story": SECRET}
        make.make_complaint(shop, **straight)
        make.move(make.make_complaint(shop, **straight), ("answer", make.merchant_actor(shop)))
        make.make_complaint(shop, story=SECRET)
        made = opendata.make(NOW + timedelta(days=40))
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(made.csv).decode())))
        assert sorted((one["route"], one["on_time"]) for one in rows) == [
            ("authority", ""),
            ("authority", ""),
            ("settle_first", "no"),
        ]
        [counted] = [json.loads(gzip.decompress(made.figures))["all"]]
        assert counted["answers_due"] == 1
        may_write.reset(token)


def test_a_shop_page_counts_answers_as_the_open_data_do(app_on: Flask) -> None:
    """Asked first, answered and on time: the kept figures, the published ones and the rows agree, whatever the end."""
    with app_on.app_context():
        token = may_write.set(True)
        shop = make.make_shop_with_policy()
        merchant, late = make.merchant_actor(shop), NOW + timedelta(days=2)
        straight = {"route": Route.AUTHORITY, "story": SECRET}
        make.move(make.make_complaint(shop, **straight), ("answer", merchant))
        make.answered(shop)
        make.move(make.make_complaint(shop), ("answer", merchant), now=late)
        make.move(
            make.make_complaint(shop), ("withdraw", CONSUMER), now=NOW + timedelta(hours=1)
        )  # was not due yet
        make.move(make.make_complaint(shop), ("withdraw", CONSUMER), now=late)  # was due, and nothing came
        make.make_complaint(shop)
        now = NOW + timedelta(days=3)
        made = opendata.make(now)
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(made.csv).decode())))
        first = [one for one in rows if one["route"] == "settle_first"]
        kept = figures_of(shop.id)
        assert kept is not None
        assert (kept.complaints, kept.complaints_settle_first) == (len(rows), len(first)) == (6, 5)
        assert kept.complaints_answered == sum(bool(one["answered_on"]) for one in first) == 2
        assert kept.complaints_answered_on_time == sum(one["on_time"] == "yes" for one in rows) == 1
        counted = json.loads(gzip.decompress(made.figures))["all"]  # what the front page shows
        assert (counted["answers_on_time"], counted["answers_due"]) == (1, 4)
        may_write.reset(token)


@pytest.fixture
def shop(app_on: Flask) -> Iterator[Shop]:
    with app_on.app_context():
        token = may_write.set(True)
        shop = make.make_shop_with_policy()
        city(shop)
        opendata.make(LATER)
        yield shop
        may_write.reset(token)
        db.session.rollback()


def files() -> dict[str, bytes]:
    snapshot = queries.newest_snapshot()
    assert snapshot is not None
    return {
        name: gzip.decompress(queries.snapshot_file(snapshot.day, name))
        for name in ("csv", "json", "figures")
    }


def test_the_published_figures_are_counted_from_the_published_rows(shop: Shop) -> None:
    made = files()
    assert recount.recount(made["csv"], 5) == made["figures"]
    document = json.loads(made["figures"])
    assert document["rows_sha256"] == hashlib.sha256(made["csv"]).hexdigest()
    mine = document["shops"][str(shop.id)]
    assert mine == document["all"]
    assert (mine["complaints"], mine["settled"], mine["settle_first_ended"]) == (9, 6, 8)
    assert mine["settlement_rate"] == 7500
    assert (mine["mediation_agreed"], mine["mediation_ended"], mine["mediation_rate"]) == (1, 2, None)
    assert mine["by_outcome"] == {"resolved": 7, "closed": 1, "open": 1}
    assert b"." not in made["figures"].replace(b'"', b"")
    assert json.loads(made["json"]) == list(csv.DictReader(io.StringIO(made["csv"].decode())))


def test_counts_stand_beside_volume(shop: Shop) -> None:
    found = queries.figure("shops", str(shop.id))
    assert found is not None
    assert (found.figures["complaints"], found.scans) == (9, 40)
    assert queries.figure("shops", "999999") is None


def test_nobody_is_in_the_rows(shop: Shop) -> None:
    for text in (data.decode() for data in files().values()):
        assert SECRET not in text
        assert NAME not in text
        assert PHONE[3:] not in text
        assert "TS2" not in text  # no number of a complaint
        assert "T0" not in text  # no time of day
        assert "3550" not in text  # no exact sum


def test_a_day_has_one_snapshot_and_old_ones_go(shop: Shop) -> None:
    assert opendata.make_due(LATER) == 0
    first = files()["csv"]
    opendata.make(LATER)
    assert files()["csv"] == first
    for days in range(1, 12):
        assert opendata.make_due(LATER + timedelta(days=days)) == 1
    assert db.session.query(OpenSnapshot).count() == opendata.KEPT + 1


def test_anybody_recounts_without_the_product(shop: Shop, app_on: Flask, tmp_path: Path) -> None:
    made = files()
    db.session.commit()
    path = tmp_path / "rows.csv"
    path.write_bytes(made["csv"])
    script = Path(recount.__file__)
    alone = subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(path), "--min-sample", "5"],
        check=True,
        capture_output=True,
    )
    assert alone.stdout == made["figures"]
    ours = app_on.test_cli_runner().invoke(args=["disclosures", "recompute", str(path)])
    assert ours.stdout_bytes == made["figures"]
    path.write_bytes(b"a,b\n1,2\n")
    refused = app_on.test_cli_runner().invoke(args=["disclosures", "recompute", str(path)])
    assert refused.exit_code == 1
    assert "complaints.csv" in refused.output


def test_the_files_are_served_with_their_hash_as_tag(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit():
        policy.sync()
    assert {client.get(f"/open-data/{name}").status_code for name in FILES} == {404}
    assert "数据还没有生成" in client.get("/open-data/complaints").text
    with app.app_context(), unit():
        city(make.make_shop_with_policy())
        opendata.make(LATER)
    for name in FILES:
        answer = client.get(f"/open-data/{name}")
        assert answer.status_code == 200
        tag = answer.headers["ETag"]
        assert tag == f'"{hashlib.sha256(answer.data).hexdigest()}"'
        again = client.get(f"/open-data/{name}", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        packed = client.get(f"/open-data/{name}", headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["Content-Encoding"], packed.headers["ETag"]) == ("gzip", f"W/{tag}")
        assert gzip.decompress(packed.data) == answer.data
    figures = json.loads(client.get("/open-data/complaint-figures.json").data)
    assert client.get("/open-data/complaint-figures.json").data == recount.canonical(figures)
    assert client.get("/open-data/other.csv").status_code == 404


# --- the pure function ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "name"),
    [
        (None, "none"),
        (0, "0-100"),
        (10000, "0-100"),
        (10001, "100-500"),
        (2_000_000, "5000-20000"),
        (2_000_001, "20000+"),
    ],
)
def test_bands(fen: int | None, name: str) -> None:
    assert opendata.band(fen) == name


def test_rates_are_whole_numbers_half_up_above_the_sample_only() -> None:
    rows = [row(on_time="yes")] * 2 + [row(on_time="no")]
    assert recount.figures(rows, 3)["all"]["on_time_rate"] == 6667
    assert recount.figures(rows, 4)["all"]["on_time_rate"] is None
    assert recount.figures([], 1)["all"]["on_time_rate"] is None
    assert recount.figures([], 0)["all"]["on_time_rate"] is None  # never divided by nothing


def test_the_median_is_the_lower_one() -> None:
    days = ["2026-05-02", "2026-05-03", "2026-05-10", "2026-05-30"]
    rows = [row(ended_on=day, outcome="resolved") for day in days]
    assert recount.figures(rows, 1)["all"]["median_days"] == 2


_ROWS = st.lists(
    st.builds(
        row,
        shop=st.sampled_from(["1", "2"]),
        on_time=st.sampled_from(["yes", "no", ""]),
        outcome=st.sampled_from(["resolved", "closed", "lapsed", "withdrawn", "open"]),
        accepted_on=st.sampled_from(["", "2026-05-02"]),
        route=st.sampled_from(["settle_first", "authority"]),
    ),
    max_size=30,
)


@given(_ROWS, st.integers(0, 8))
def test_groups_add_up_and_order_does_not_matter(rows: list[dict[str, Any]], least: int) -> None:
    counted = recount.figures(rows, least)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert recount.canonical(recount.figures(shuffled, least)) == recount.canonical(counted)
    for name in ("complaints", "ended", "settled", "mediation_ended", "answers_due"):
        assert sum(group[name] for group in counted["shops"].values()) == counted["all"][name]
    for part, whole, rate in (("settled", "settle_first_ended", "settlement_rate"),):
        assert counted["all"][part] <= counted["all"][whole]
        given_out = counted["all"][rate]
        assert (given_out is None) == (counted["all"][whole] < max(least, 1))
        assert given_out is None or 0 <= given_out <= 10_000
