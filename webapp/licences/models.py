"""Licences and which ones an industry needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base, Code, Id, Instant, Name, choice, fk

from .rules import LicenceState


class LicenceKind(Base):
    """A kind of licence (营业执照, 食品经营许可证, …). `per_shop` False: one serves all shops of the operator."""

    __tablename__ = "licence_kind"

    code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Name]
    number_hint: Mapped[Name]
    per_shop: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class LicenceRequirement(Base):
    """Which licences an industry needs: the table that the entry gate reads."""

    __tablename__ = "licence_requirement"

    industry_code: Mapped[str] = mapped_column(sa.ForeignKey("industry.code"), primary_key=True)
    kind_code: Mapped[str] = mapped_column(sa.ForeignKey("licence_kind.code"), primary_key=True)
    required: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str]


class Licence(Base):
    """One licence of a shop (or of all the operator's shops when `shop_id` is empty).

    `number` is empty while the merchant has only uploaded the image. `checks` holds the machine checks' results as
    ``core.checks.Check`` writes them, on the day it was stated. `refused_reason` stands while it is refused.
    `proposed_cover` is what the merchant marked to be covered: {"of": the picture's sha256, "cells": see LicenceCopy}.
    """

    __tablename__ = "licence"
    __table_args__ = (
        # Standing at once: at most one verified and one other (a renewal that waits) of a kind, per shop or operator.
        *(
            sa.Index(
                f"uq_licence_{name}_{whose}",
                *columns,
                "kind_code",
                unique=True,
                sqlite_where=sa.text(f"replaced_at IS NULL AND {state} AND {shop}"),
                postgresql_where=sa.text(f"replaced_at IS NULL AND {state} AND {shop}"),
            )
            for name, state in (("verified", "state = 'verified'"), ("stated", "state <> 'verified'"))
            for whose, columns, shop in (
                ("shop", ("shop_id",), "shop_id IS NOT NULL"),
                ("operator", ("operator_id",), "shop_id IS NULL"),
            )
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_until >= valid_from", name="period"
        ),
        sa.CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name="verified_when"),
    )

    id: Mapped[Id]
    operator_id: Mapped[int] = fk("operator.id")
    shop_id: Mapped[int | None] = fk("shop.id")
    kind_code: Mapped[str] = mapped_column(sa.ForeignKey("licence_kind.code"))
    number: Mapped[str] = mapped_column(sa.String(60))
    scope: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    file_id: Mapped[int | None] = fk("stored_file.id")
    state: Mapped[LicenceState] = mapped_column(choice(LicenceState, "state"), default=LicenceState.STATED)
    checks: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    verified_by_id: Mapped[int | None] = fk("account.id")
    verified_at: Mapped[datetime | None]
    verified_how: Mapped[str | None] = mapped_column(sa.String(60))
    refused_reason: Mapped[str | None]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    replaced_at: Mapped[datetime | None]  # a newer licence took its place
    proposed_cover: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class LicenceCopy(Base):
    """The picture of a licence as the public sees it: personal parts covered, watermarked, made once and kept.

    `cells` are the covered cells of the grid (`showing.COLUMNS` × `showing.ROWS`, from 0, row by row). At most one of
    a licence stands; one that was taken back keeps its row, its file is erased.
    """

    __tablename__ = "licence_copy"
    __table_args__ = (
        sa.Index(
            "uq_licence_copy_standing",
            "licence_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by"),
    )

    id: Mapped[Id]
    licence_id: Mapped[int] = fk("licence.id")
    file_id: Mapped[int] = fk("stored_file.id")
    source_sha256: Mapped[str] = mapped_column(sa.String(64))
    cells: Mapped[list[Any]] = mapped_column(sa.JSON)
    mark: Mapped[str] = mapped_column(sa.String(200))
    made_by_id: Mapped[int] = fk("account.id")
    made_at: Mapped[Instant]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(BIG)
