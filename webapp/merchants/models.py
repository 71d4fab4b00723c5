"""Operators (经营主体), their members, their shops (门店)."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.actor import Scope
from webapp.core.db import BIG, Base, Id, Instant, Name, choice, fk
from webapp.core.secrets import EncryptedText


class OperatorKind(enum.StrEnum):
    """Kinds by the first two characters of the unified social credit code (GB 32100-2015)."""

    ENTERPRISE = "enterprise"  # 91
    SELF_EMPLOYED = "self_employed"  # 92
    COOPERATIVE = "cooperative"  # 93
    OTHER = "other"


class Operator(Base):
    """A legal person, self-employed household or co-operative. Its facts come from the register record."""

    __tablename__ = "operator"

    id: Mapped[Id]
    uscc: Mapped[str] = mapped_column(sa.String(18), unique=True)
    name: Mapped[Name]
    kind: Mapped[OperatorKind] = mapped_column(choice(OperatorKind, "kind"))
    legal_representative: Mapped[str] = mapped_column(sa.String(80))
    registered_address: Mapped[Name]
    authority: Mapped[Name]
    established_on: Mapped[date | None]
    created_at: Mapped[Instant]

    shops: Mapped[list[Shop]] = relationship(back_populates="operator", order_by="Shop.id")


class MemberRole(enum.StrEnum):
    """What a merchant account is to an operator."""

    OWNER = "owner"
    CLERK = "clerk"


class OperatorMember(Base):
    """A merchant account that acts for an operator."""

    __tablename__ = "operator_member"
    __table_args__ = (sa.UniqueConstraint("operator_id", "account_id"),)

    id: Mapped[Id]
    operator_id: Mapped[int] = fk("operator.id")
    account_id: Mapped[int] = fk("account.id")
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "role"))
    created_at: Mapped[Instant]


class Recusal(Base):
    """回避: an officer who must not decide on an operator (own shop, kin)."""

    __tablename__ = "recusal"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(sa.ForeignKey("operator.id"), primary_key=True)
    declared_at: Mapped[Instant]


_OPEN_INVITATION = sa.text("accepted_at IS NULL AND ended_at IS NULL")


class OperatorInvitation(Base):
    """An owner asks the person with this phone number to act for the operator; it holds once that person accepts."""

    __tablename__ = "operator_invitation"
    __table_args__ = (
        sa.Index(
            "uq_operator_invitation_open",
            "operator_id",
            "phone_hash",
            unique=True,
            sqlite_where=_OPEN_INVITATION,
            postgresql_where=_OPEN_INVITATION,
        ),
    )

    id: Mapped[Id]
    operator_id: Mapped[int] = fk("operator.id")
    phone: Mapped[str] = mapped_column(EncryptedText)
    phone_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    invited_by_id: Mapped[int] = fk("account.id")
    created_at: Mapped[Instant]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # declined, or taken back


class Category(enum.StrEnum):
    """吃住游购娱."""

    EAT = "eat"
    STAY = "stay"
    TOUR = "tour"
    SHOP = "shop"
    PLAY = "play"


class Shop(Base):
    """One place of business. `id` is the shop number in codes and addresses (u32).

    `region_code` is the street's (9 digits) or county's (6) GB/T 2260 code; position is WGS-84 degrees.
    `opening_hours` maps weekday 1..7 to a list of ["HH:MM", "HH:MM"]. `version` guards concurrent edits.
    """

    __tablename__ = "shop"
    __table_args__ = (
        sa.CheckConstraint("id BETWEEN 1 AND 4294967295", name="number_u32"),
        sa.CheckConstraint("latitude IS NULL OR latitude BETWEEN -90 AND 90", name="latitude"),
        sa.CheckConstraint("longitude IS NULL OR longitude BETWEEN -180 AND 180", name="longitude"),
        sa.Index("ix_shop_position", "latitude", "longitude"),
    )

    id: Mapped[Id]
    operator_id: Mapped[int] = fk("operator.id")
    name: Mapped[Name]
    branch: Mapped[str] = mapped_column(sa.String(80), default="")
    address: Mapped[Name] = mapped_column(default="")
    region_code: Mapped[str] = mapped_column(sa.String(9), index=True)
    station_id: Mapped[int | None] = fk("station.id")
    category: Mapped[Category | None] = mapped_column(choice(Category, "category"), index=True)
    industry_code: Mapped[str | None] = mapped_column(sa.ForeignKey("industry.code"), index=True)
    department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code"))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    phone: Mapped[str] = mapped_column(sa.String(40), default="")  # the shop's public number
    opening_hours: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1)
    #: What the public goes on seeing of a shop whose trust code was revoked, until it has another
    #: (`operations.keep_shown`): the merchant may meanwhile state anything.
    shown_as: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    operator: Mapped[Operator] = relationship(back_populates="shops")
    photos: Mapped[list[ShopPhoto]] = relationship(
        order_by="ShopPhoto.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention

    @property
    def full_name(self) -> str:
        """Name with branch: 老槐树面馆（裕华路店）."""
        return f"{self.name}（{self.branch}）" if self.branch else self.name

    @property
    def public_name(self) -> str:
        """The name that the public sees."""
        return str(self._shown("name"))

    @property
    def public_branch(self) -> str:
        """The branch that the public sees."""
        return str(self._shown("branch"))

    @property
    def public_full_name(self) -> str:
        """Name with branch as the public sees them."""
        return f"{self.public_name}（{self.public_branch}）" if self.public_branch else self.public_name

    @property
    def public_address(self) -> str:
        """The address that the public sees."""
        return str(self._shown("address"))

    @property
    def public_region(self) -> str:
        """The GB/T 2260 code of where the public sees it."""
        return str(self._shown("region_code"))

    @property
    def public_position(self) -> tuple[float, float] | None:
        """Latitude and longitude that the public sees, WGS-84 degrees."""
        latitude, longitude = self._shown("latitude"), self._shown("longitude")
        return None if latitude is None or longitude is None else (latitude, longitude)

    def _shown(self, fact: str) -> Any:
        return getattr(self, fact) if self.shown_as is None else self.shown_as[fact]

    @property
    def scope(self) -> Scope:
        """Where this shop belongs, for deciding who may touch it."""
        return Scope(self.region_code, self.station_id, self.department_code, self.operator_id)

    @property
    def shown_photos(self) -> list[ShopPhoto]:
        """The photos that no officer took off the public page, in their order."""
        return [photo for photo in self.photos if photo.hidden_at is None]


class ShopPhoto(Base):
    """A photo of the storefront; position 0 is shown first. One that an officer hid stays here and is not public."""

    __tablename__ = "shop_photo"
    __table_args__ = (sa.UniqueConstraint("shop_id", "file_id"),)

    id: Mapped[Id]
    shop_id: Mapped[int] = fk("shop.id")
    file_id: Mapped[int] = fk("stored_file.id")
    position: Mapped[int] = mapped_column(default=0)
    hidden_at: Mapped[datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(BIG)
    hidden_reason_code: Mapped[str | None] = mapped_column(sa.String(60))
    hidden_reason: Mapped[str | None]


class ShopFigures(Base):
    """Counts shown on public pages, kept in the same transaction as what they count.

    `hearts_*` are sums of 1..5 over `ratings`. `complaints_answered` and `…_on_time` are those of
    `complaints_settle_first`, the complaints that the merchant was asked to answer first. Demo and repair commands can
    recompute them from the rows.
    """

    __tablename__ = "shop_figures"

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), primary_key=True, autoincrement=False)
    ratings: Mapped[int] = mapped_column(default=0)
    hearts_environment: Mapped[int] = mapped_column(default=0)
    hearts_quality: Mapped[int] = mapped_column(default=0)
    hearts_price: Mapped[int] = mapped_column(default=0)
    hearts_service: Mapped[int] = mapped_column(default=0)
    hearts_redress: Mapped[int] = mapped_column(default=0)
    complaints: Mapped[int] = mapped_column(default=0)
    complaints_settle_first: Mapped[int] = mapped_column(default=0, server_default="0")
    complaints_answered: Mapped[int] = mapped_column(default=0)
    complaints_answered_on_time: Mapped[int] = mapped_column(default=0)
    complaints_resolved: Mapped[int] = mapped_column(default=0)
    complaints_unresolved: Mapped[int] = mapped_column(default=0)


class Mall(Base):
    """A mall or shopping street (商圈、商场) whose shops answer complaints within its own, tighter time.

    The time itself is a dated policy value (``malls.KEY``): this row says which mall it is and where.
    """

    __tablename__ = "mall"
    __table_args__ = (sa.UniqueConstraint("region_code", "name"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.String(80))
    region_code: Mapped[str] = mapped_column(sa.String(9))
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    opened_by_id: Mapped[int] = mapped_column(BIG)
    opened_at: Mapped[Instant]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own convention


class MallTenant(Base):
    """A shop lies in one mall at most; the history is in the audit trail."""

    __tablename__ = "mall_tenant"

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id"), primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = fk("mall.id")
    since: Mapped[Instant]
    by_id: Mapped[int] = mapped_column(BIG)


class OpeningWeek(Base):
    """A week of opening hours that some shop has or had, as its JSON is written: some hundreds in a city of a million
    shops (``opening_weeks.py``)."""

    __tablename__ = "opening_week"

    hours: Mapped[str] = mapped_column(sa.String(1000), primary_key=True)
