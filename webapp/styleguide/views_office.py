"""The style page for officers: every state in light, dark and large beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.web import access

from . import forced, modes, sample_data, samples, tokens

bp = Blueprint("styleguide", __name__)
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
    """The modes as rules under an attribute; hover and focus as rules under a name."""
    return Response(modes.sheet(_folder()) + forced.sheet(_folder()), mimetype="text/css")


def _page(found: list[samples.Sample], words: str = "", alone: samples.Sample | None = None) -> str:
    data = sample_data.context()
    once: dict[str, str] = {}

    def draw(sample: samples.Sample, state: samples.State, place: str) -> Markup:
        if state.code not in once:
            once[state.code] = samples.rendered(sample, state, data)
        return samples.placed(once[state.code], sample, state, place)

    values = tokens.read(_folder() / "tokens.css")
    return render_template(
        "styleguide/office_show.html",
        # The samples show the large view; a large frame would be larger still.
        elder=False,
        modes=modes.MODES,
        found=found,
        words=words,
        alone=alone,
        calls=samples.calls(),
        draw=draw,
        reacts=lambda sample: samples.reacts(sample, data),
        users=samples.users(),
        swatches=tokens.swatches(values),
        dark=tokens.read(_folder() / "tokens.css", dark=True),
        large=tokens.read(_folder() / "tokens.css", elder=True),
        sizes=tokens.sizes(values),
    )
