"""The seal on a page is the seal on a sticker: the template's drawings are the library's, written out."""

from __future__ import annotations

from pathlib import Path

from qrservice.seal import Status, seal_parts

DRAWINGS = Path(__file__).resolve().parents[2] / "templates" / "components" / "_seal_drawings.html"
HEAD = "{#- Written by `python -m tests.web.test_seal_component` from the sticker library's seals; do not edit. -#}\n"


def drawings() -> str:
    """The text of the template: one Jinja mapping from status to the seal's paths."""
    lines = [HEAD + "{%- set drawings = {"]
    for status in Status:
        parts = "".join(
            f'<path class="seal-{part.role}" fill="{part.colour or "currentColor"}" fill-rule="evenodd"'
            f' d="{part.path.svg(1)}"/>'
            for part in seal_parts(status)
        )
        lines.append(f"{status.value!r}: {parts!r},")
    return "\n".join([*lines, "} -%}"]) + "\n"


def test_the_page_draws_the_same_seals_as_the_sticker() -> None:
    assert DRAWINGS.read_text(encoding="utf-8") == drawings()


if __name__ == "__main__":
    DRAWINGS.write_text(drawings(), encoding="utf-8")
