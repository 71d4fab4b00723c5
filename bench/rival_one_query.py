"""The yardstick of a page that was never asked for before: a plain Flask view that makes one indexed query.

It reads the same database as the product (``BENCH_DATABASE_URL``) by SQLAlchemy Core and prints two columns.
"""

import os

import sqlalchemy as sa
from flask import Flask, abort

app = Flask(__name__)
engine = sa.create_engine(os.environ["BENCH_DATABASE_URL"])
QUERY = sa.text("SELECT name, address FROM shop WHERE id = :id")


@app.get("/shop/<int:shop_id>")
def shop(shop_id: int) -> str:
    """Name and address of one shop."""
    with engine.connect() as connection:
        row = connection.execute(QUERY, {"id": shop_id}).one_or_none()
    if row is None:
        abort(404)
    return f"<!doctype html><title>{row.name}</title><h1>{row.name}</h1><p>{row.address}</p>"
