"""The style page for officers: light, dark and large by the address, whatever one's own view is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.web import access

from . import forced, sample_data, samples, tokens

bp = Blueprint("styleguide", __name__)
#: mode → (large, dark)
MODES: Final = {
    "light": (False, False),
    "dark": (False, True),
    "elder": (True, False),
    "elder-dark": (True, True),
}
LONGEST: Final = 40


def _folder() -> Path:
    return Path(current_app.static_folder or "") / "css"


@bp.route("/office/style", methods=["GET", "POST"])
@access.officer("office.home")
def show() -> ResponseReturnValue:
    """Every component, or those that match; a sample that is sent comes back here and changes nothing."""
    if request.method == "POST":
        return redirect(url_for("styleguide.show"), 303)
    words = request.args.get("q", "").strip()[:LONGEST]
    return _page([one for one in samples.everything() if one.matches(words)], words=words)


@bp.route("/office/style/<name>")
@access.officer("office.home")
def one(name: str) -> ResponseReturnValue:
    """One component alone."""
    found = [sample for sample in samples.everything() if sample.name == name]
    return _page(found, alone=found[0]) if found else abort(404)


@bp.route("/office/style/states.css")
@access.officer("office.home")
def states() -> ResponseReturnValue:
    """Hover and focus as rules under a name."""
    return Response(forced.sheet(_folder()), mimetype="text/css")


def _page(found: list[samples.Sample], words: str = "", alone: samples.Sample | None = None) -> str:
    asked = request.args.get("mode", "light")
    mode = asked if asked in MODES else "light"
    elder, dark = MODES[mode]
    data = sample_data.context()
    values = tokens.read(_folder() / "tokens.css", dark=dark, elder=elder)
    return render_template(
        "styleguide/office_show.html",
        mode=mode,
        elder=elder,
        theme="dark" if dark else "light",
        found=found,
        words=words,
        alone=alone,
        draw=lambda sample, state, place: samples.drawn(sample, state, place, data),
        reacts=lambda sample: samples.reacts(sample, data),
        users=samples.users(),
        swatches=tokens.swatches(values),
        sizes=tokens.sizes(values),
    )
