"""One transaction per request: the view's changes are committed if it answers below 400, else undone.

Work that must happen only once the commit holds (waking the messenger, say) is handed to :func:`after_commit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from .db import db, may_write
from .errors import Conflict

_KEY = "after_commit"


def after_commit(work: Callable[[], None]) -> None:
    """Run `work` once the present transaction is committed; forgotten on rollback."""
    db.session.info.setdefault(_KEY, []).append(work)


def commit() -> None:
    """Commit the session and run what waits for it.

    A stale version or a broken uniqueness means that somebody else was first: :class:`Conflict`.
    """
    try:
        db.session.commit()
    except StaleDataError as error:
        rollback()
        raise Conflict("changed_meanwhile") from error
    except IntegrityError as error:
        rollback()
        raise Conflict("already_done") from error
    except OperationalError as error:
        rollback()
        if "locked" in str(error.orig) or "deadlock" in str(error.orig) or "serialize" in str(error.orig):
            raise Conflict("busy") from error
        raise
    for work in db.session.info.pop(_KEY, []):
        work()


def rollback() -> None:
    """Undo the session and forget what waited for its commit."""
    db.session.info.pop(_KEY, None)
    db.session.rollback()


def note_afterwards(note: Callable[[], object]) -> None:
    """Write what a reading request has to leave behind, in a small transaction of its own after the reading one.

    A GET begins as a reader; on SQLite it must not become a writer half way.
    """
    rollback()
    with unit():
        note()


@contextmanager
def unit() -> Iterator[None]:
    """One transaction for a command or a job: commit at the end, roll back on any error."""
    token = may_write.set(True)
    try:
        yield
        commit()
    except BaseException:
        rollback()
        raise
    finally:
        may_write.reset(token)
