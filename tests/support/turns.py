"""Which tests stay with one worker, and which begin first.

Tests of one file or folder that share something costly (a server with its city, a reader's engine, drawn pictures) go
to one worker in one piece: in two workers it would be made twice. Long pieces begin first, so that no worker is still
busy with one when the others have nothing left.

(Not by the mark ``xdist_group``: pytest-xdist 3.8 writes it where pytest 9.2 no longer looks, and nothing says so.)
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: Beginnings of test ids, the longest piece first.
TOGETHER = (
    "tests/journeys/",
    "tests/readback/",
    "tests/architecture/test_access.py",
    "tests/architecture/test_eyes.py",
    "tests/qrservice/test_vectors.py",
    "tests/demo/test_writer.py",
)
#: Tests that take many seconds each: after the pieces, before everything else.
LONG = (
    "tests/signing/test_rotation.py",
    "tests/feed/test_workers.py",
)


def piece_of(test: str) -> str:
    """What the test stays together with: the piece's beginning, or the test itself."""
    return next((piece for piece in TOGETHER if test.startswith(piece)), test)


def turn_of(test: str) -> int:
    """By which tests are sorted; equal ones stay in the order of their files."""
    for turn, beginning in enumerate((*TOGETHER, *LONG)):
        if test.startswith(beginning):
            return turn
    return len(TOGETHER) + len(LONG)


class Turns(LoadScopeScheduling):
    """Gives the pieces to the workers in the order in which the tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return piece_of(nodeid)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Note a test as done. Finished pieces are forgotten: what is left is counted after every test."""
        test = self.registered_collections[node][item_index]
        work, piece = self.assigned_work[node], self._split_scope(test)
        work[piece][test] = True
        if all(work[piece].values()):
            del work[piece]
        self._reschedule(node)
