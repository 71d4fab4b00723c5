"""Arguments that need no row: static files, the open data's names, the style page."""

from __future__ import annotations

from .world import Maker, fixed

SAMPLES: dict[str, Maker] = {
    "openapi.listed:name": fixed("listings"),
    "openapi.single:name": fixed("regions"),
    "openapi.single:key": fixed("130606"),
    "open_data.show:name": fixed("listings"),
    "open_data.download:name": fixed("listings"),
    "open_data.download:form": fixed("csv"),
    "filename": fixed("img/favicon.svg"),
    "atlas:app": fixed("amap"),
    "styleguide.one:name": fixed("badge"),
}
