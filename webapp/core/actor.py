"""Who acts. Operations get an :class:`Actor`, never a session user."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """The roles of the system; officers hold theirs in posts (role × region × station × department)."""

    CONSUMER = "consumer"
    MERCHANT = "merchant"
    MEDIATOR = "mediator"
    STATION_OFFICER = "station_officer"
    BUREAU_OFFICER = "bureau_officer"
    DEPARTMENT_OFFICER = "department_officer"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


OFFICER_ROLES = frozenset(
    {Role.STATION_OFFICER, Role.BUREAU_OFFICER, Role.DEPARTMENT_OFFICER, Role.ADMINISTRATOR}
)


@dataclass(frozen=True)
class Scope:
    """Where a thing belongs, for deciding who may touch it.

    `region_code` is a GB/T 2260 code without its trailing zeros (2, 4, 6 or 9 digits), so that a
    subtree is a prefix. A thing of several places (a licence that serves all shops of an operator) has the others in
    `also`: whoever covers one of its places covers it.
    """

    region_code: str = ""
    station_id: int | None = None
    department_code: str | None = None
    operator_id: int | None = None
    also: tuple[Scope, ...] = ()
    body_id: int | None = None  # the mediating body that it is entrusted to


@dataclass(frozen=True)
class Post:
    """One office held by an officer. Empty `station_id` and `department_code` mean all of the region."""

    role: Role
    region_code: str
    station_id: int | None = None
    department_code: str | None = None

    def covers(self, scope: Scope) -> bool:
        """True when `scope`, or a place beside it, lies in this post's region subtree, station and department."""
        return any(self._covers(place) for place in (scope, *scope.also))

    def _covers(self, place: Scope) -> bool:
        return (
            bool(place.region_code)
            and place.region_code.startswith(self.region_code)
            and (self.station_id is None or self.station_id == place.station_id)
            and (self.department_code is None or self.department_code == place.department_code)
        )


@dataclass(frozen=True)
class Actor:
    """A person (or the system) doing something. `operator_ids` are the operators a merchant belongs to, `body_ids` the
    mediating bodies that a person with the same kind of account acts for.

    `aside_from` are the operators on which an officer must not decide (回避): their own, and those declared.
    """

    account_id: int | None
    name: str
    role: Role
    posts: tuple[Post, ...] = ()
    operator_ids: frozenset[int] = frozenset()
    aside_from: frozenset[int] = frozenset()
    body_ids: frozenset[int] = frozenset()

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held: the base role and those of the posts."""
        held = {self.role, *(post.role for post in self.posts)}
        return frozenset(held | {Role.MEDIATOR} if self.body_ids else held)

    def holds(self, roles: frozenset[Role], scope: Scope | None = None) -> bool:
        """True when one of `roles` is held, for officers by a post that covers `scope`."""
        if self.posts:
            return any(post.role in roles and (scope is None or post.covers(scope)) for post in self.posts)
        if self.role is Role.MERCHANT and scope is not None:
            of_operator = Role.MERCHANT in roles and scope.operator_id in self.operator_ids
            return of_operator or (Role.MEDIATOR in roles and scope.body_id in self.body_ids)
        return bool(self.roles & roles)

    def must_stand_aside(self, scope: Scope | None) -> bool:
        """True when `scope` is of an operator on which this officer must not decide (回避)."""
        return scope is not None and scope.operator_id in self.aside_from


SYSTEM = Actor(None, "system", Role.SYSTEM)
CONSUMER = Actor(None, "consumer", Role.CONSUMER)
