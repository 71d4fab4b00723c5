"""Who works on what: pieces stay whole, long ones begin first, every test is given out once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest
from tests.support import turns
from tests.support.sources import ROOT


class Worker:
    """Takes tests and does them when it is told to."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.shutting_down = False
        self.left: list[int] = []
        self.done: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.left += indices

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.mark.parametrize("beginning", [*turns.TOGETHER, *turns.LONG])
def test_each_beginning_is_of_something(beginning: str) -> None:
    assert (ROOT / beginning.partition("::")[0]).exists()


def test_pieces_stay_whole_and_long_tests_begin_first() -> None:
    names = [f"tests/a/test_small.py::test_{n}" for n in range(30)]
    names += [f"{beginning}::test_{n}" for beginning in turns.LONG for n in range(3)]
    names += [f"{piece}x.py::test_{n}" for piece in reversed(turns.TOGETHER) for n in range(5)]
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    conftest.pytest_collection_modifyitems(items)
    collected = [item.nodeid for item in items]
    workers = [Worker("gw0"), Worker("gw1")]
    config: Any = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=True), getvalue=lambda _name: ["2*popen"]
    )
    schedule: Any = conftest.pytest_xdist_make_scheduler(config, None)
    for worker in workers:
        schedule.add_node(worker)
        schedule.add_node_collection(worker, collected)
    schedule.schedule()
    while busy := [worker for worker in workers if worker.left]:
        for worker in busy:
            index = worker.left.pop(0)
            worker.done.append(index)
            schedule.mark_test_complete(worker, index)
    assert sorted(workers[0].done + workers[1].done) == list(range(len(names)))
    assert not schedule.has_pending
    of = [[collected[index] for index in worker.done] for worker in workers]
    for piece in turns.TOGETHER:
        assert sum(any(name.startswith(piece) for name in mine) for mine in of) == 1
    for mine in of:
        assert [turns.turn_of(name) for name in mine] == sorted(turns.turn_of(name) for name in mine)
    assert abs(len(of[0]) - len(of[1])) <= 5
