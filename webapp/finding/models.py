"""The tables of the index: what each shop is found by, and which shops each token finds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import BIG, Base

#: Tokens are compared letter by letter, in the order of their code points (UTF-8), on both databases.
TOKEN = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


class ShopEntry(Base):
    """The tokens of a shop as the lists have them, with a blank between. No entry, no list knows the shop."""

    __tablename__ = "shop_entry"

    shop_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    tokens: Mapped[str]


class FreshEntry(Base):
    """The tokens of a shop that were written since the lists were: for this shop the lists are not asked.

    `version` counts how often it was written, so that what is written while the lists are is not taken for listed.
    """

    __tablename__ = "shop_entry_fresh"

    shop_id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    tokens: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


class TokenList(Base):
    """The numbers of the shops that have a token: a bitmap in the portable Roaring format (RoaringFormatSpec)."""

    __tablename__ = "token_list"

    token: Mapped[str] = mapped_column(TOKEN, primary_key=True)
    shops: Mapped[bytes]


class Merging(Base):
    """One row: how often the lists were written. Who writes them locks it, so that one does at a time."""

    __tablename__ = "token_list_merging"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
