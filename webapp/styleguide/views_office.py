"""The style page for officers: light, dark and large by the address, whatever one's own view is."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from webapp.openapi.offering import offered
from webapp.web import access

bp = Blueprint("styleguide", __name__)
MODES = ("light", "dark", "elder", "elder-dark")


class SampleForm(FlaskForm):
    """Two fields of a form class, as the adapter draws them."""

    named = StringField("店名")
    agreed = BooleanField("同意公开")


@bp.route("/office/style", methods=["GET", "POST"])
@access.officer("office.home")
def show() -> ResponseReturnValue:
    """Every component; a sample that is sent comes back here and changes nothing."""
    if request.method == "POST":
        return redirect(url_for("styleguide.show"), 303)
    asked = request.args.get("mode", "light")
    mode = asked if asked in MODES else "light"
    return render_template(
        "styleguide/office_show.html",
        mode=mode,
        elder=mode.startswith("elder"),
        theme="dark" if mode.endswith("dark") else "light",
        form=SampleForm(formdata=None),
        data=offered("red-list", ("csv", "json", "rss")),
    )
