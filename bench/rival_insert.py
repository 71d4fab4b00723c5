"""The yardstick of a form that is stored: a plain Flask view that inserts one row by SQLAlchemy Core.

It writes to the database of the product (``BENCH_DATABASE_URL``), to a table of its own, as durably: WAL and FULL on
SQLite, ``BEGIN IMMEDIATE`` so that writers wait for each other instead of failing.
"""

import os
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)
engine = sa.create_engine(os.environ["BENCH_DATABASE_URL"])
told = sa.Table(
    "bench_told",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("submission", sa.String(200), unique=True, nullable=False),
    sa.Column("shop_id", sa.Integer, index=True, nullable=False),
    sa.Column("topic", sa.String(40), nullable=False),
    sa.Column("story", sa.Text, nullable=False),
)

if engine.dialect.name == "sqlite":

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=8000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@app.post("/s/<int:shop_id>/complain")
def tell(shop_id: int) -> ResponseReturnValue:
    """Store what the form says."""
    values = {name: request.form[name] for name in ("submission", "topic", "story")}
    with engine.begin() as connection:
        number = connection.scalar(sa.insert(told).values(shop_id=shop_id, **values).returning(told.c.id))
    return redirect(f"/told/{number}", 303)


def make() -> None:
    """Make the table anew. Called once, before the server starts."""
    told.drop(engine, checkfirst=True)
    told.create(engine)


if __name__ == "__main__":
    make()
