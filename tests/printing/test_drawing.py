"""Memory does not grow with a job, and what is written cannot be sought in."""

from __future__ import annotations

import gc
import io
import tracemalloc
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask

from qrservice import matrix, pdf_fonts
from tests.factories.merchants import NOW
from webapp.printing import drawing
from webapp.printing.models import FileForm, PrintJob
from webapp.printing.queries import Drawn
from webapp.stickers import printing

_cut_font = pdf_fonts._subset


class Sink:
    """Takes bytes and forgets them; neither tells where it stands nor goes back."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


def drawn(token: str, count: int) -> Iterator[Drawn]:
    for number in range(1, count + 1):
        yield Drawn(number, token, f"{number:06d}-01", f"老槐树面馆{number % 50}", "裕华路店", "")


@pytest.mark.parametrize("form", [FileForm.SHEETS, FileForm.PAGES])
def test_memory_is_flat(
    app: Flask, papers: list[str], form: FileForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = cache(lambda face, numbers: _cut_font(face, list(numbers)))  # what it takes is not what is measured
    monkeypatch.setattr(pdf_fonts, "_subset", lambda face, numbers: cut(face, tuple(numbers)))
    with app.app_context():
        job = PrintJob(
            id=1,
            at=NOW,
            count=60,
            template="till",
            language="zh-Hans",
            form=form,
            bleed=3,
            face=drawing.face_facts(),
        )

        def peak(count: int) -> tuple[int, int]:
            sink = Sink()
            gc.collect()
            tracemalloc.start()
            drawing.write(job, drawn(papers[0], count), sink)  # type: ignore[arg-type]
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most, sink.size

        drawing.write(job, drawn(papers[0], 120), Sink())  # type: ignore[arg-type]  # fonts, tables: once a process
        few, small = peak(60)
        many, large = peak(600)
    assert large > 5 * small
    assert many < few + 400_000, f"{few:,} bytes for 60 stickers, {many:,} for 600"


@pytest.mark.parametrize("form", [FileForm.SHEETS, FileForm.SVG])
def test_symbols_by_table_make_the_same_file(
    app: Flask, papers: list[str], form: FileForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        made = []
        for threshold in (10**9, 1):
            monkeypatch.setattr(drawing, "_TABLE_FROM", threshold)
            monkeypatch.setattr(matrix, "_tables", {})
            printing._symbol.cache_clear()
            out = io.BytesIO()
            job = PrintJob(id=1, at=NOW, count=3, template="till", language="en", form=form, bleed=0)
            job.face = drawing.face_facts("en")
            drawing.write(job, drawn(papers[0], 3), out)
            assert bool(matrix._tables) is (threshold == 1)
            made.append(out.getvalue())
        assert made[0] == made[1]
