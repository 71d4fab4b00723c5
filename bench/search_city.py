"""A city of a million shops to search in, in one database, with all that the filters ask for. May be kept.

``BENCH_SEARCH_KEEP=<folder>`` keeps both databases there (some 5 GB): the next run brings them to the newest revision
and measures at once. PostgreSQL runs on its kept cluster; nothing else is told to it than to the tests' own.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.support import databases, services
from webapp import create_app
from webapp.accounts.models import Account, AccountKind
from webapp.codes.models import TrustCode
from webapp.commitments import operations as commitments
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core import clock
from webapp.core.db import db
from webapp.core.transaction import unit
from webapp.demo.city import DemoShop, generate
from webapp.demo.writer import entry_of
from webapp.finding import indexing
from webapp.honours.models import Honour
from webapp.merchants import opening_weeks
from webapp.merchants.models import Mall, MallTenant, Operator, Shop, ShopFigures
from webapp.ratings.models import RatingScore
from webapp.regions import operations as regions

SHOPS = int(os.environ.get("BENCH_SEARCH_SHOPS", "1000000"))
KEEP = os.environ.get("BENCH_SEARCH_KEEP", "")
KINDS = ("SQLite", "PostgreSQL")
CHUNK = 5000
_MALL_OF = 400  # every so many shops one is in a mall; there are as many malls as fifty shops each make
_RETURNS_OF = 150  # every so many shops one takes goods back
_RATED_OF = 4
_SUSPENDED_OF = 50


@contextlib.contextmanager
def city(kind: str) -> Iterator[tuple[Flask, dict[str, float]]]:
    """The city on SQLite or PostgreSQL, and what is known of its making: {"shops", "index_cpu_s", "made_s"}."""
    with contextlib.ExitStack() as stack:
        kept = Path(KEEP) if KEEP else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kept.mkdir(parents=True, exist_ok=True)
        folder = kept / kind.lower()
        if kind == "SQLite":
            folder.mkdir(exist_ok=True)
            address = f"sqlite:///{folder}/search.sqlite"
        else:
            folder.mkdir(exist_ok=True)
            address = stack.enter_context(services.postgres(folder if KEEP else None))
        data = kept / "data"
        data.mkdir(exist_ok=True)
        databases.migrate(address, data)
        app = create_app(databases.settings_for(data, address))
        with app.app_context():
            note = kept / f"{kind.lower()}.json"
            if not note.exists():
                made = _fill(kept)
                note.write_text(json.dumps(made))
            with unit():
                indexing.complete()
            yield app, json.loads(note.read_text())


def _fill(kept: Path) -> dict[str, float]:
    started, now, indexed, rows_seen = time.monotonic(), clock.now(), 0.0, 0
    with unit():
        regions.sync()
        commitments.sync()
        owner, account, templates = _people(now)
    with unit(), indexing.in_bulk(db.session.connection()) as index:
        for chunk in _shops(kept):
            batch = _rows(chunk, owner, account, templates, now)
            for table, rows in batch.items():
                if rows:
                    db.session.execute(sa.insert(table), rows)
            shops = batch[Shop.__table__]
            opening_weeks.keep(db.session.connection(), shops[0]["id"], shops[-1]["id"])
            before = time.process_time()
            index([entry_of(row, active=row["id"] % _SUSPENDED_OF != 0) for row in shops])
            indexed += time.process_time() - before
            rows_seen += len(chunk)
            if rows_seen % 50_000 == 0:
                spent = time.monotonic() - started
                print(f"· {db.engine.dialect.name}: {rows_seen} shops, {spent:.0f} s", flush=True)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    db.session.remove()
    return {"shops": rows_seen, "index_cpu_s": indexed, "made_s": time.monotonic() - started}


def add_market(now: datetime) -> Operator:
    """The operator of all shops of a benchmark's city, stored."""
    operator = Operator(
        uscc="91371500726715726X",
        name="市场",
        kind="enterprise",
        legal_representative="王建国",
        registered_address="保定市",
        authority="保定市市场监督管理局",
        created_at=now,
    )
    db.session.add(operator)
    db.session.flush()
    return operator


def _people(now: datetime) -> tuple[int, int, dict[str, int]]:
    operator = add_market(now)
    account = Account(kind=AccountKind.OFFICER, name="甲", username="bench", created_at=now)
    other = Account(kind=AccountKind.OFFICER, name="乙", username="bench2", created_at=now)
    db.session.add_all([account, other])
    db.session.flush()
    for number in range(max(1, SHOPS // _MALL_OF // 50)):
        db.session.add(
            Mall(
                id=number + 1,
                name=f"商场{number}",
                region_code="130602",
                opened_by_id=account.id,
                opened_at=now,
            )
        )
    rows = db.session.execute(sa.select(CommitmentTemplate.code, CommitmentTemplate.id))
    return operator.id, account.id, dict(rows.tuples().all())


def _shops(kept: Path) -> Iterator[list[dict[str, Any]]]:
    """The shops, `CHUNK` at a time: drawn once, read from a file for the second database."""
    path = kept / f"shops-{SHOPS}.pickle"
    if path.exists():
        with path.open("rb") as file:
            while True:
                try:
                    yield pickle.load(file)
                except EOFError:
                    return
    stream, part = generate(1, SHOPS, clock.today()), path.with_suffix(".part")
    with part.open("wb") as file:
        while chunk := [_plain(shop) for shop in islice(stream, CHUNK)]:
            pickle.dump(chunk, file)
            yield chunk
    part.rename(path)


def _plain(shop: DemoShop) -> dict[str, Any]:
    names = ["name", "branch", "address", "region_code", "category", "industry_code"]
    names += ["latitude", "longitude", "phone", "commitments"]
    return {"id": shop.index + 1, "opening_hours": dict(shop.opening_hours)} | {
        name: getattr(shop, name) for name in names
    }


def _rows(
    chunk: list[dict[str, Any]], owner: int, account: int, templates: dict[str, int], now: Any
) -> dict[Any, list[dict[str, Any]]]:
    shops, codes, signed, figures, scores, tenants, returns = [], [], [], [], [], [], []
    for one in chunk:
        number, draw = one["id"], random.Random(one["id"])
        shop = {name: value for name, value in one.items() if name != "commitments"}
        shops.append(shop | {"operator_id": owner, "version": 1, "created_at": now, "updated_at": now})
        codes.append(
            {
                "shop_id": number,
                "state": "suspended" if number % _SUSPENDED_OF == 0 else "active",
                "issued_at": now,
                "issued_by_id": None,
                "changed_at": now,
            }
        )
        signed += [
            {
                "shop_id": number,
                "template_id": templates[code],
                "signed_by_id": account,
                "signed_name": "王建国",
                "signed_at": now,
            }
            for code in one["commitments"]
            if code in templates
        ]
        rated = number % _RATED_OF == 0
        hearts = [draw.randrange(2, 6) for _ in range(5)] if rated else [0] * 5
        names = ("environment", "quality", "price", "service", "redress")
        figures.append(
            {"shop_id": number, "ratings": int(rated)}
            | {f"hearts_{name}": value for name, value in zip(names, hearts, strict=True)}
        )
        if rated:
            scores.append({"shop_id": number, "score": sum(hearts) * 200 + draw.randrange(200), "count": 1})
        if number % _MALL_OF == 0:
            mall = number // _MALL_OF % max(1, SHOPS // _MALL_OF // 50) + 1
            tenants.append({"shop_id": number, "mall_id": mall, "since": now, "by_id": account})
        if number % _RETURNS_OF == 0:
            returns.append(_return(number, account, now))
    tables = (Shop, TrustCode, Commitment, ShopFigures, RatingScore, MallTenant, Honour)
    return {
        table.__table__: rows
        for table, rows in zip(tables, (shops, codes, signed, figures, scores, tenants, returns), strict=True)
    }


def _return(number: int, account: int, now: Any) -> dict[str, Any]:
    return {
        "shop_id": number,
        "kind": "no_reason_return",
        "state": "published",
        "days": 7,
        "terms": "七日无理由退货",
        "proposed_by_id": account,
        "proposed_at": now,
        "decided_by_id": account + 1,
        "decided_at": now,
        "published_at": now,
        "version": 1,
    }
