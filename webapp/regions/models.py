"""Regions (GB/T 2260), stations and departments."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import Base, Code, Id, Name, fk


class Region(Base):
    """An administrative division. `code` has its trailing zeros cut: 2, 4, 6 or 9 digits; a subtree is a prefix."""

    __tablename__ = "region"
    __table_args__ = (sa.CheckConstraint("length(code) IN (2, 4, 6, 9)", name="code_length"),)

    code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    parent: Mapped[str | None] = mapped_column(sa.ForeignKey("region.code"), index=True)
    level: Mapped[Code]
    name: Mapped[Name]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    station_id: Mapped[int | None] = fk("station.id")  # streets: the station that serves them


class Station(Base):
    """市场监管所: a station serves streets of one county."""

    __tablename__ = "station"

    id: Mapped[Id]
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    name: Mapped[Name] = mapped_column(unique=True)
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    contact: Mapped[str | None] = mapped_column(sa.String(80))


class Department(Base):
    """行业主管部门: a department that answers for industries."""

    __tablename__ = "department"

    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]


class Industry(Base):
    """A line of business: its consumer category (吃住游购娱) and responsible department (1+N)."""

    __tablename__ = "industry"

    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]
    category: Mapped[Code] = mapped_column(index=True)  # eat, stay, tour, shop, play
    department_code: Mapped[str] = mapped_column(sa.ForeignKey("department.code"))
    position: Mapped[int] = mapped_column(default=0)
