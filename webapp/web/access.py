"""Access: default deny. A view that does not say who may open it is open to nobody, and stops the start.

    @bp.get("/office/applications/<int:application_id>")
    @access.officer("application.read", on=queries.scope_of)
    def show(application_id): ...

`on` is called with the address's arguments and returns the :class:`Scope` of the thing, or raises NotFound.
A thing outside one's reach answers 404, so that guessing numbers tells nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.core.actor import CONSUMER, OFFICER_ROLES, Actor, Post, Role, Scope
from webapp.core.errors import Forbidden, NotFound

from .permissions import PERMISSIONS

View = TypeVar("View", bound=Callable[..., Any])
ScopeOf = Callable[..., Scope]


class Audience(enum.StrEnum):
    """The kinds of openness a route can declare."""

    PUBLIC = "public"
    CONSUMER = "consumer"
    SIGNED_IN = "signed_in"
    MERCHANT = "merchant"
    MEDIATOR = "mediator"
    OFFICER = "officer"


@dataclass(frozen=True)
class Rule:
    """Who may open a route. `permission` for officers; `on` finds the scope of the thing addressed."""

    audience: Audience
    permission: str | None = None
    on: ScopeOf | None = None


_CONSUMERS = "ydym.consumers"
_ATTRIBUTE = "__access_rule__"
#: Asking these changes nothing; every other method is a deed.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ROLES = {Audience.MERCHANT: frozenset({Role.MERCHANT}), Audience.MEDIATOR: frozenset({Role.MEDIATOR})}


def _declare(rule: Rule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, rule)
        return view

    return mark


def public(view: View) -> View:
    """Open to everybody, signed in or not."""
    return _declare(Rule(Audience.PUBLIC))(view)


def consumer(view: View) -> View:
    """Open to a consumer who chose to sign in, whatever else the browser is signed in for; nobody else."""
    return _declare(Rule(Audience.CONSUMER))(view)


def know_consumers(app: Flask, signed_in: Callable[[], object | None], door: str) -> None:
    """`signed_in` tells the present consumer, or None, who is then sent to the endpoint `door`."""
    app.extensions[_CONSUMERS] = signed_in, door


def signed_in(view: View) -> View:
    """Open to any signed-in account; the view itself looks at nothing but that account."""
    return _declare(Rule(Audience.SIGNED_IN))(view)


def merchant(on: ScopeOf | None = None) -> Callable[[View], View]:
    """Open to merchants; with `on`, to members of the operator that the scope names."""
    return _declare(Rule(Audience.MERCHANT, on=on))


def mediator(on: ScopeOf | None = None) -> Callable[[View], View]:
    """Open to those who act for a mediating body; with `on`, to the people of the body that the scope names."""
    return _declare(Rule(Audience.MEDIATOR, on=on))


def officer(permission: str, on: ScopeOf | None = None) -> Callable[[View], View]:
    """Open to officers with `permission`; with `on`, where one of their posts covers the scope."""
    if permission not in PERMISSIONS:
        raise KeyError(f"no such permission: {permission}")
    return _declare(Rule(Audience.OFFICER, permission, on))


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """The rule that the endpoint's view declares, or None."""
    return cast("Rule | None", getattr(app.view_functions.get(endpoint), _ATTRIBUTE, None))


def current_actor() -> Actor:
    """Who is asking: the signed-in account as an Actor, or the anonymous consumer."""
    if "actor" not in g:
        g.actor = current_user.actor() if current_user.is_authenticated else CONSUMER
    return cast("Actor", g.actor)


def may(permission: str, scope: Scope | None = None) -> bool:
    """For templates and views: does the present actor hold `permission` (here)?

    Who must stand aside (回避) from the operator may still read: no permission but the reading ones then holds.
    """
    actor = current_actor()
    if not permission.endswith(".read") and actor.must_stand_aside(scope):
        return False
    return bool(actor.posts) and actor.holds(PERMISSIONS[permission] & OFFICER_ROLES, scope)


def must_stand_aside(scope: Scope) -> bool:
    """For views: must the present actor keep from deciding here (回避)? The page then says so."""
    return current_actor().must_stand_aside(scope)


def reach(actor: Actor, permission: str) -> tuple[Post, ...]:
    """The posts by which `actor` holds `permission`: lists are narrowed to what they cover."""
    return tuple(post for post in actor.posts if post.role in PERMISSIONS[permission])


def decide(rule: Rule | None, actor: Actor, arguments: dict[str, Any], *, deed: bool = False) -> None:
    """Raise Forbidden or NotFound unless `rule` lets `actor` in. No rule, no entry.

    A `deed` (a request that may change something) on an operator from which the officer must stand aside (回避) is
    refused with ``must_stand_aside``.
    """
    if rule is None:
        raise Forbidden("no_access")
    if rule.audience is Audience.PUBLIC:
        return
    if rule.audience is Audience.CONSUMER:
        raise Forbidden(
            "sign_in_first"
        )  # no account of another side opens it; `guard` looks for the consumer
    if rule.audience is Audience.SIGNED_IN:
        if actor.account_id is None:
            raise Forbidden("sign_in_first")
        return
    roles = _ROLES.get(rule.audience) or PERMISSIONS[rule.permission or ""]
    if not actor.holds(roles):
        raise Forbidden("no_access")
    if rule.on is None:
        return
    scope = rule.on(**arguments)
    if not actor.holds(roles, scope):
        raise NotFound("no_such_thing")
    if deed and actor.must_stand_aside(scope):
        raise Forbidden("must_stand_aside")


def guard() -> ResponseReturnValue | None:
    """Before every request: apply the route's rule; send a stranger to the right sign-in page."""
    if request.endpoint is None:
        return None  # the router answers 404 or 405 itself
    rule = rule_of(current_app, request.endpoint)
    if rule is not None and rule.audience is Audience.CONSUMER:
        return _guard_consumer()
    actor = CONSUMER if rule is not None and rule.audience is Audience.PUBLIC else current_actor()
    try:
        decide(rule, actor, request.view_args or {}, deed=request.method not in _READING)
    except Forbidden as refusal:
        if refusal.code == "must_stand_aside":
            raise  # its page says why
        if actor.account_id is None and rule is not None and request.method in {"GET", "HEAD"}:
            side = (
                "accounts.office_login" if request.path.startswith("/office") else "accounts.merchant_login"
            )
            return redirect(url_for(side, next=request.full_path.rstrip("?")))
        abort(401 if actor.account_id is None else 403)
    return None


def _guard_consumer() -> ResponseReturnValue | None:
    find, door = current_app.extensions[_CONSUMERS]
    if find() is not None:
        return None
    if request.method not in {"GET", "HEAD"}:
        abort(401)
    return redirect(url_for(door, next=request.full_path.rstrip("?")))


def check_all_declared(app: Flask) -> None:
    """Stop the start when a route has not said who may open it."""
    silent = sorted(rule.endpoint for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None)
    if silent:
        raise RuntimeError(f"routes without an access rule: {', '.join(silent)}")
