"""The database handle, its column types and its SQLite manners.

SQLite runs in WAL with our own BEGIN: a request that may write says ``BEGIN IMMEDIATE``, because a deferred
transaction that turns into a writer fails at once when another writes (241 of 300 in a measured run).
"""

from __future__ import annotations

import enum
import json
import sqlite3
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column, registry
from sqlalchemy.types import TypeDecorator

#: True while the running request or command may write; decides SQLite's kind of BEGIN.
may_write: ContextVar[bool] = ContextVar("may_write", default=True)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware datetimes only, UTC inside; SQLite keeps it naive, so it is made aware on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        try:
            value = value.astimezone(UTC)
        except (
            OverflowError
        ):  # midnight of the calendar's first day in China is no instant in UTC: nothing is earlier
            value = datetime.min.replace(tzinfo=UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

Id = Annotated[int, mapped_column(BIG, primary_key=True)]
Big = Annotated[int, mapped_column(BIG)]
Code = Annotated[str, mapped_column(sa.String(40))]
Name = Annotated[str, mapped_column(sa.String(200))]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Json = Annotated[dict[str, Any], mapped_column(sa.JSON)]


class Base(DeclarativeBase):
    """Base of all tables. The registry is given whole: Flask-SQLAlchemy 3.1 drops a bare type_annotation_map."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime,
            date: sa.Date,
            str: sa.Text,
            dict[str, Any]: sa.JSON,
            list[Any]: sa.JSON,
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def choice(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """Column type for a StrEnum: stored as its value, repeated by the database as a CHECK called `name`."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def fk(target: str, **options: Any) -> Any:
    """Foreign key column (indexed unless told otherwise) to ``table.column``."""
    options.setdefault("index", True)
    ondelete = options.pop("ondelete", None)
    return mapped_column(BIG, sa.ForeignKey(target, ondelete=ondelete), **options)


def among(
    column: sa.ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]
) -> sa.ColumnElement[bool]:
    """Condition: the column has one of many values. For statements that are repeated with thousands of them.

    PostgreSQL gets them as one array. A list of a thousand parameters is prepared after a few rounds with one plan for
    all lists, which walks the table and compares each row with each of them: 6 s instead of 10 ms at 100 000 rows.
    SQLite, which takes 32 766 parameters at most, gets many as one JSON text.
    """
    wanted = list(values)
    if db.engine.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(wanted, postgresql.ARRAY(column.type)))
    if len(wanted) > _PARAMETERS:
        return column.in_(sa.select(sa.func.json_each(json.dumps(wanted)).table_valued("value").c.value))
    return column.in_(wanted)


#: Values that SQLite gets as parameters of their own.
_PARAMETERS: Final = 500


@event.listens_for(Engine, "connect")
def _sqlite_connect(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    # FULL: an acknowledged complaint survives a power cut, not only a killed process.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=8000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _sqlite_begin(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write.get() else "BEGIN")
