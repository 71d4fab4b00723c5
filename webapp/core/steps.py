"""Lifecycles: one table of steps per thing feeds the guard, the buttons, the tests and the drawing.

A :class:`Steps` is immutable. `step.sources` → `step.target`; who may take it and whether it needs a reason
stand beside it. Nothing else in the code changes a status.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .actor import Actor, Role, Scope
from .errors import Forbidden, Invalid, StepRefused

State = TypeVar("State", bound=enum.StrEnum)


@dataclass(frozen=True)
class Step(Generic[State]):
    """One permitted change of state."""

    action: str
    sources: frozenset[State]
    target: State
    roles: frozenset[Role]
    needs_reason: bool = False


class Steps(Generic[State]):
    """A lifecycle: its states, first state and steps."""

    def __init__(self, name: str, first: State, steps: Iterable[Step[State]]) -> None:
        self.name, self.first = name, first
        self._steps = tuple(steps)
        self.states: type[State] = type(first)
        seen: set[tuple[str, State]] = set()
        for step in self._steps:
            for source in step.sources:
                if (step.action, source) in seen:
                    raise ValueError(f"{name}: two steps {step.action!r} from {source.value!r}")
                seen.add((step.action, source))

    def __iter__(self) -> Iterator[Step[State]]:
        return iter(self._steps)

    def find(self, state: State, action: str) -> Step[State]:
        """The step called `action` from `state`; raises :class:`StepRefused` when there is none."""
        for step in self._steps:
            if step.action == action and state in step.sources:
                return step
        raise StepRefused("step_refused", lifecycle=self.name, state=state.value, action=action)

    def check(
        self, state: State, action: str, actor: Actor, scope: Scope | None = None, reason: str | None = None
    ) -> Step[State]:
        """The step, if this actor may take it here with this reason; raises StepRefused, Forbidden or Invalid."""
        step = self.find(state, action)
        permit(actor, step.roles, scope, lifecycle=self.name, action=action)
        if step.needs_reason and not (reason or "").strip():
            raise Invalid("reason_required", field="reason")
        return step

    def open_to(self, state: State, actor: Actor, scope: Scope | None = None) -> list[Step[State]]:
        """The steps this actor may take from `state`, in table order: these are the buttons."""
        if actor.must_stand_aside(scope):
            return []
        return [step for step in self._steps if state in step.sources and actor.holds(step.roles, scope)]

    def ends(self) -> frozenset[State]:
        """States that nothing leaves."""
        left = {source for step in self._steps for source in step.sources}
        return frozenset(state for state in self.states if state not in left)

    def drawing(self) -> str:
        """The lifecycle as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.first.value}"]
        for step in self._steps:
            lines += [
                f"    {source.value} --> {step.target.value}: {step.action}"
                for source in sorted(step.sources)
            ]
        lines += [f"    {state.value} --> [*]" for state in sorted(self.ends())]
        return "\n".join(lines)


def permit(
    actor: Actor,
    roles: frozenset[Role],
    scope: Scope | None,
    refusal: str = "step_forbidden",
    **details: Any,
) -> None:
    """The one guard of every deed: Forbidden unless `actor` holds one of `roles` here and need not stand aside.

    Every step of a lifecycle passes through it, and an operation that is no step calls it itself, so that nobody
    decides on their own shop (回避) in any feature.
    """
    if not actor.holds(roles, scope):
        raise Forbidden(refusal, **details)
    if actor.must_stand_aside(scope):
        raise Forbidden("must_stand_aside")


def step(
    action: str,
    sources: Iterable[State],
    target: State,
    by: Iterable[Role],
    *,
    needs_reason: bool = False,
) -> Step[State]:
    """Write one row of a table of steps."""
    return Step(action, frozenset(sources), target, frozenset(by), needs_reason)
