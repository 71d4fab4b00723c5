"""Where work comes from when no request asked for it: the job or command that runs, on which machine.

The audit trail writes it down beside each change. A request's own origin is found by ``webapp.web.requests``.
"""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import click

#: Longest text that the columns take; a machine's name may have 64 characters by itself.
LONGEST = 120


@dataclass(frozen=True)
class Origin:
    """`place` is an address, ``job:name@machine``, ``command:words@machine`` or "" (nothing is kept).

    `request_id` is one random number for everything that one request, or one turn of a job, does.
    """

    place: str
    request_id: str


#: How a command begins, however it was started.
_PROGRAM = re.compile(r"^\S*(python\S*)? ?(-m )?flask ")

_task: ContextVar[Origin | None] = ContextVar("origin_task", default=None)


def new_id() -> str:
    """A fresh request id: 32 hexadecimal digits."""
    return secrets.token_hex(16)


@contextmanager
def job(name: str) -> Iterator[None]:
    """Everything inside is done by one turn of the job `name`."""
    token = _task.set(Origin(_here("job", name), new_id()))
    try:
        yield
    finally:
        _task.reset(token)


def outside_requests() -> Origin:
    """The job or command that is running; of a bare process only the machine is known."""
    task = _task.get()
    if task is not None:
        return task
    context = click.get_current_context(silent=True)
    words = "" if context is None else _PROGRAM.sub("", context.command_path)
    root = None if context is None else context.find_root()
    if root is None:
        return Origin(_here("command", words), "")
    return Origin(_here("command", words), root.meta.setdefault("ydym.request_id", new_id()))


def _here(kind: str, name: str) -> str:
    return f"{kind}:{name}@{socket.gethostname()}"[:LONGEST]
