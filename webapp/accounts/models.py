"""Accounts, their posts and their sessions."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.actor import Actor, Post, Role
from webapp.core.db import BIG, Base, Code, Id, Instant, Name, choice, fk
from webapp.core.language import Language, language_column
from webapp.core.secrets import EncryptedText

from . import memberships


class AccountKind(enum.StrEnum):
    """The two kinds of account; consumers need none."""

    MERCHANT = "merchant"
    OFFICER = "officer"


class Account(Base):
    """Somebody who signs in. Merchants by phone, officers by username (or single sign-on)."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint("kind <> 'merchant' OR phone_hash IS NOT NULL", name="merchant_has_phone"),
        sa.CheckConstraint("kind <> 'officer' OR username IS NOT NULL", name="officer_has_username"),
        sa.UniqueConstraint("kind", "phone_hash"),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject"),
    )

    id: Mapped[Id]
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind, "kind"))
    name: Mapped[Name]
    username: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    #: An officer's, for the daily overview of deadlines.
    email: Mapped[str | None] = mapped_column(EncryptedText)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    #: Given out by an administrator: the owner chooses another at the next sign-in.
    password_temporary: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText)
    totp_last_step: Mapped[int | None] = mapped_column(
        BIG
    )  # a one-time password is taken once (RFC 6238 §5.2)
    oidc_issuer: Mapped[str | None] = mapped_column(sa.String(300))
    oidc_subject: Mapped[str | None] = mapped_column(sa.String(300))
    #: In which SMS and e-mails are written to the person.
    language: Mapped[Language] = language_column("language")
    created_at: Mapped[Instant]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    #: Since then nothing here leads to a person; the number stays because decisions name it.
    erased_at: Mapped[datetime | None]

    posts: Mapped[list[OfficerPost]] = relationship(lazy="selectin", order_by="OfficerPost.id")

    def actor(self) -> Actor:
        """This account as the Actor of an operation."""
        if self.kind is AccountKind.MERCHANT:
            operators = memberships.operator_ids_of(self.id)
            bodies = memberships.body_ids_of(self.id)
            return Actor(self.id, self.name, Role.MERCHANT, operator_ids=operators, body_ids=bodies)
        posts = tuple(
            Post(post.role, post.region_code, post.station_id, post.department_code) for post in self.posts
        )
        aside = memberships.aside_from(self.id)
        return Actor(self.id, self.name, posts[0].role if posts else Role.CONSUMER, posts, aside_from=aside)


class OfficerPost(Base):
    """A role held in a region subtree, perhaps only for one station or department."""

    __tablename__ = "officer_post"

    id: Mapped[Id]
    account_id: Mapped[int] = fk("account.id")
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    region_code: Mapped[str] = mapped_column(sa.String(9))
    station_id: Mapped[int | None] = fk("station.id")
    department_code: Mapped[str | None] = mapped_column(sa.ForeignKey("department.code"))


class LoginSession(Base):
    """One signed-in browser. The cookie holds a random token; only its hash is kept."""

    __tablename__ = "login_session"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int] = fk("account.id")
    created_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(sa.String(120))


class OneTimeCode(Base):
    """A code sent by SMS because somebody (`asker_hash`) asked: hashed, short-lived, few attempts, used once."""

    __tablename__ = "one_time_code"

    id: Mapped[Id]
    phone_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    asker_hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    purpose: Mapped[Code]
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Failed attempts for one key (an account, or an account from an address): delays grow, others are untouched."""

    __tablename__ = "login_throttle"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[Instant]
    blocked_until: Mapped[datetime | None]
