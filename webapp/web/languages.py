"""The language of a page: simplified Chinese as it is written, traditional made from it, English from catalogues.

Traditional (zh-Hant) is the whole finished page converted by OpenCC's phrases, so that every page has it. What somebody
typed (inputs, text areas) and what is marked ``translate="no"`` stays as it is.

English is looked up sentence by sentence: templates write ``_("中文")``, and each feature's ``words/en.po`` (gettext,
read by Babel) has the Chinese as msgid. A page says ``{% set speaks_english = true %}`` once all of it is there; the
others stay Chinese for an English reader and say so.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from flask import Flask, Response, current_app, g, has_request_context, request
from jinja2 import pass_context
from jinja2.runtime import Context

from webapp.core import clock

from . import filters
from .negotiation import view_of
from .words import label

HANS, HANT, EN = "zh-Hans", "zh-Hant", "en"
#: As it stands in the address and the cookie → what people read on the switch, each in its own words.
CHOICES: Final = {"hans": "简体", "hant": "繁體", "en": "English"}
_BY_CODE: Final = {"hans": HANS, "hant": HANT, "en": EN}
#: Left as it is in a converted page: what was typed, programs, and what says so itself.
_KEPT = re.compile(
    r'<textarea\b.*?</textarea>|<script\b.*?</script>|<(\w+)[^>]*\btranslate="no"[^>]*>.*?</\1>|\bvalue="[^"]*"',
    re.DOTALL,
)


def language_of(view: str) -> str:
    """The language within a view (see :func:`.negotiation.view_of`)."""
    return next((_BY_CODE[part] for part in view.split(".") if part in _BY_CODE), HANS)


def language() -> str:
    """The language of the present request: zh-Hans, zh-Hant or en."""
    return language_of(view_of(request.environ)) if has_request_context() else HANS


def language_code() -> str:
    """The language of the present request as the switch names it: hans, hant or en."""
    return next(code for code, name in _BY_CODE.items() if name == language())


def load(package: Path) -> dict[str, str]:
    """All English under `package` (``*/words/en.po``) by its Chinese; two different ones of the same is an error."""
    words: dict[str, str] = {}
    for path in sorted(package.glob("*/words/en.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="en", charset="utf-8"):
                if not message.id:
                    continue
                chinese, english = str(message.id), str(message.string)
                if words.setdefault(chinese, english) != english:
                    raise ValueError(f"{path}: {chinese} has another translation elsewhere")
    return words


def translate(text: str, /, **details: Any) -> str:
    """A Chinese sentence in the language of the request (traditional is made of the finished page), places filled.

    Only for what is shown now. What is stored or sent is ``words.label``: its reader may read another language.
    """
    if language() == EN:
        words: dict[str, str] = current_app.extensions["ydym.english"]
        text = words.get(text) or text
    return text.format(**details) if details else text


@pass_context
def framed(context: Context, text: str) -> str:
    """A sentence of the frame around a page: English only where the page itself is (`speaks_english`)."""
    return translate(text) if context.get("speaks_english") else text


def say(key: str, /, **details: Any) -> str:
    """The words of a catalogue's `key`, as :func:`translate`."""
    return translate(label(key), **details)


def said_day(value: date | datetime | None) -> str:
    """A day with its weekday: 11月28日 周六; Sat 28 Nov; with the year when it is not this year's. Empty for None."""
    if value is None:
        return ""
    on = clock.day_of(value) if isinstance(value, datetime) else value
    same = on.year == clock.today().year
    if language() != EN:
        return filters.day(on).partition("年")[2] if same else filters.day(on)
    return format_date(on, "EEE d MMM" if same else "EEE d MMM y", locale="en")


def said_date(value: date | datetime | None) -> str:
    """The same without the weekday, where there is little room: 11月28日; 28 Nov."""
    if value is not None and language() == EN:
        on = clock.day_of(value) if isinstance(value, datetime) else value
        return format_date(on, "d MMM" if on.year == clock.today().year else "d MMM y", locale="en")
    return said_day(value).partition(" ")[0]


def said_moment(value: datetime | None) -> str:
    """A moment in China's time: 11月28日 15:30; 28 Nov 15:30. Empty for None."""
    if value is None or language() != EN:
        return filters.moment(value)
    return format_datetime(value.astimezone(clock.SHANGHAI), "d MMM HH:mm", locale="en")


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are not needed before somebody asks for them

    return OpenCC("s2tw")


def traditional(text: str) -> str:
    """A plain text in traditional characters."""
    converted: str = _converter().convert(text)
    return converted


def traditional_page(html: str) -> str:
    """A finished page in traditional characters, but for what must stay."""
    parts, end = [], 0
    for kept in _KEPT.finditer(html):
        parts += [traditional(html[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, traditional(html[end:])])


def shown(text: str) -> str:
    """A name or sentence for an answer that is no page (JSON): traditional where it is asked for."""
    return traditional(text) if language() == HANT else text


def finish(html: str) -> str:
    """A page that is kept or stored, in the language of its view. Whoever calls this converts once for all."""
    if language() != HANT:
        return html
    g.traditional = True
    return traditional_page(html)


def _convert(response: Response) -> Response:
    if (
        language() == HANT
        and response.mimetype == "text/html"
        and not response.is_streamed
        and not response.direct_passthrough
        and not g.get("traditional")
    ):
        response.set_data(traditional_page(response.get_data(as_text=True)))
    return response


def register(app: Flask) -> None:
    """Load the catalogues; give templates ``_`` and `language`; convert finished pages."""
    app.extensions["ydym.english"] = load(Path(app.root_path))
    app.jinja_env.globals.update(
        _=translate,
        say=say,
        framed=framed,
        language=language,
        language_code=language_code,
        language_choices=CHOICES,
    )
    app.jinja_env.filters.update(said_day=said_day, said_date=said_date, said_moment=said_moment)
    app.after_request(_convert)
