"""The language of a page: simplified Chinese as it is written, traditional made from it, English from catalogues.

Traditional (zh-Hant) is the whole finished page converted by OpenCC's phrases, so that every page has it. What somebody
typed (inputs, text areas) and what is marked ``translate="no"`` stays as it is.

English is looked up sentence by sentence: each feature's ``words/en.po`` (gettext, read by Babel) has the Chinese as
msgid. Consumers' templates are Chinese as they are written; :mod:`.sentences` makes look-ups of it when they are
compiled. What Python says (``words.label``) is looked up when it is shown, places and all. Officers' pages stay
Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date, format_datetime
from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup, escape

from webapp.core import clock
from webapp.core.language import Language

from . import english, filters, sentences
from .negotiation import view_of
from .words import Filled, label

HANS, HANT, EN = Language
_speaking: ContextVar[Language | None] = ContextVar("speaking", default=None)
#: As it stands in the address and the cookie → what people read on the switch, each in its own words.
CHOICES: Final = {"hans": "简体", "hant": "繁體", "en": "English"}
_BY_CODE: Final = {"hans": HANS, "hant": HANT, "en": EN}
#: Without English: officers' pages and printers' (they work in Chinese by law and habit).
_CHINESE_ONLY = re.compile(r"/office(?:/|$)|/handover/|/outbox")
#: A place that says how its value is to be written.
_FORMATTED = re.compile(r"{\w*[:!]")
#: What stands between the places.
_BETWEEN = re.compile(r"[^{}]+(?![^{]*})")
#: 2026年11月28日 周六 15:30, with or without year, weekday and time.
_DATE = re.compile(
    r"(?:(\d{4})\u5e74)?([1-9]|1[0-2])\u6708([1-9]|[12]\d)\u65e5(?: \u5468.)?(?: (\d\d:\d\d))?"
)
#: Left as it is in a converted page: what was typed, programs, and what says so itself.
_KEPT = re.compile(
    r'<textarea\b.*?</textarea>|<script\b.*?</script>|<(\w+)[^>]*\btranslate="no"[^>]*>.*?</\1>|\bvalue="[^"]*"',
    re.DOTALL,
)


def of_code(code: str) -> Language:
    """The language that the switch calls `code`."""
    return _BY_CODE[code]


def name_of(language: Language) -> str:
    """What the switch calls the `language`, in its own words."""
    return next(words for code, words in CHOICES.items() if _BY_CODE[code] is language)


def language_of(view: str) -> str:
    """The language within a view (see :func:`.negotiation.view_of`)."""
    return next((_BY_CODE[part] for part in view.split(".") if part in _BY_CODE), HANS)


def language() -> str:
    """The language that the present request is answered in: zh-Hans, zh-Hant or en."""
    if (spoken := _speaking.get()) is not None:
        return spoken
    if not has_request_context():
        return HANS
    environ = request.environ
    wanted: str | None = environ.get("ydym.language")
    if wanted is None:
        wanted = language_of(view_of(environ))
        if wanted == EN and _CHINESE_ONLY.match(request.path):
            wanted = HANS
        environ["ydym.language"] = wanted
    return wanted


@contextmanager
def speaking(other: Language) -> Iterator[None]:
    """Within it all is said in the `other` language, whatever the request's: what is written to somebody else."""
    token = _speaking.set(other)
    try:
        yield
    finally:
        _speaking.reset(token)


def chosen() -> str:
    """The language that the visitor chose, as the switch names it (hans, hant, en), also where a page lacks it."""
    name = language_of(view_of(request.environ)) if has_request_context() else HANS
    return next(code for code, of_code in _BY_CODE.items() if of_code == name)


def translate(text: str, /, **details: Any) -> str:
    """A Chinese sentence in the language of the request (traditional is made of the finished page), places filled.

    Only for what is shown now. What is stored or sent is ``words.label``: its reader may read another language.
    """
    if language() == EN:
        text = english.find(text, details) or text
        details = {name: word(value) for name, value in details.items()}
    return text.format(**details) if details else text


def say(key: str, /, **details: Any) -> str:
    """The words of a catalogue's `key`, as :func:`translate`."""
    text = label(key)
    if language() == EN:
        text = english.of_key(key, text)
    return translate(text, **details)


class Later(str):
    """A sentence that is looked up each time it is shown: files of macros keep it for all requests."""

    __slots__ = ()

    def __str__(self) -> str:
        return translate(str.__str__(self))

    def __html__(self) -> str:
        return str(escape(str(self)))


def sentence(text: str, /, **places: Any) -> Markup:
    """A sentence of a template in an attribute or a title (see :mod:`.sentences`)."""
    if language() == EN:
        text = english.find(text, places) or text
        places = {name: word(value) for name, value in places.items()}
    return sentences.filled(text, places)


def data_sentence(text: str, /, **places: Any) -> Markup:
    """The same in running text, where the Chinese of its data can be marked."""
    if language() != EN:
        return sentences.filled(text, places)
    marked = {name: data(value) for name, value in places.items()}
    said = sentences.filled(english.find(text, places) or text, marked)
    # One element, so that a flex box does not make a column of each mark and swallow the spaces between.
    return (
        Markup("<span>{}</span>").format(said)
        if any(marked[name] is not places[name] for name in places)
        else said
    )


def joined(text: str, /, **places: Any) -> str:
    """What a template joins by ``~``, its parts named: its English sentence, or else its pieces one by one."""
    if language() != EN:
        return _fill(text, places)
    whole = english.find(text, places)
    pieces = whole or _BETWEEN.sub(lambda piece: english.find(piece[0], {}) or piece[0], text)
    known = {name: word(value) for name, value in places.items()}
    return Filled(pieces, known) if whole and not _has_markup(known) else _fill(pieces, known)


def _has_markup(places: Mapping[str, Any]) -> bool:
    return any(hasattr(value, "__html__") for value in places.values())


def _fill(text: str, places: Mapping[str, Any]) -> str:
    return Markup("{}").format(text).format(**places) if _has_markup(places) else text.format(**places)


def data(value: Any) -> Any:
    """What a template prints in running text; on an English page the Chinese in it is marked."""
    if language() != EN:
        return value
    if isinstance(value, Filled) and _can_be_marked(value):
        return data_sentence(value.pattern, **value.places)
    return sentences.in_chinese(word(value))


def _can_be_marked(value: Filled) -> bool:
    """Is there English for it? The pattern of what a template joined is English already."""
    if _FORMATTED.search(value.pattern):
        return False
    return not sentences.HAN.search(value.pattern) or english.find(value.pattern, value.places) is not None


def word(value: Any) -> Any:
    """What a template prints where no markup may stand. Names of tables and catalogues have an English of their own."""
    if language() != EN:
        return value
    if isinstance(value, Filled):
        known = english.find(value.pattern, value.places)
        return translate(value.pattern, **value.places) if known else str(value)
    return (english.find(value, {}) or _dated(value)) if type(value) is str else value


def _dated(text: str) -> str:
    """A Chinese date that was written down in words, as English has it; any other text as it is."""
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    year, month, number, at = found.groups()
    on = date(int(year or clock.today().year), int(month), int(number))
    return f"{said_date(on)} {at}" if at else said_date(on)


def said_day(value: date | datetime | None) -> str:
    """A day with its weekday: 11月28日 周六; Sat 28 Nov; with the year when it is not this year's. Empty for None."""
    if value is None:
        return ""
    on = clock.day_of(value) if isinstance(value, datetime) else value
    same = on.year == clock.today().year
    if language() != EN:
        return filters.day(on).partition("年")[2] if same else filters.day(on)
    return format_date(on, "EEE d MMM" if same else "EEE d MMM y", locale="en")


def full_day(value: date | datetime | None) -> str:
    """A day with its year and weekday: 2026年11月28日 周六; Sat 28 Nov 2026. Empty for None."""
    if value is None or language() != EN:
        return filters.day(value)
    return format_date(
        clock.day_of(value) if isinstance(value, datetime) else value, "EEE d MMM y", locale="en"
    )


def short_day(value: date | datetime | None) -> str:
    """A day in digits: 2026.11.28; 28 Nov 2026. Empty for None."""
    if value is None or language() != EN:
        return filters.short_day(value)
    return format_date(clock.day_of(value) if isinstance(value, datetime) else value, "d MMM y", locale="en")


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
    local = value.astimezone(clock.SHANGHAI)
    pattern = "d MMM HH:mm" if local.year == clock.today().year else "d MMM y HH:mm"
    return format_datetime(local, pattern, tzinfo=clock.SHANGHAI, locale="en")


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are not needed before somebody asks for them

    return OpenCC("s2tw")


def traditional(text: str) -> str:
    """A plain text in traditional characters."""
    converted: str = _converter().convert(text)
    wrong, right = _corrections()
    return wrong.sub(lambda found: right[found[0]], converted)


@lru_cache(maxsize=1)
def _corrections() -> tuple[re.Pattern[str], dict[str, str]]:
    """What the phrases get wrong in our sentences: as converted, then as it is to be."""
    lines = (Path(__file__).parent / "words" / "traditional.tsv").read_text("utf-8").splitlines()
    right = dict(line.split("\t") for line in lines)
    return re.compile("|".join(map(re.escape, right))), right


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
    # What is said in somebody's language is no answer for everybody.
    if "ydym.language" in request.environ:
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def register(app: Flask) -> None:
    """Load the catalogues; give templates ``_`` and `language`; convert finished pages."""
    app.extensions["ydym.english"] = english.load(Path(app.root_path))
    app.jinja_env.add_extension(sentences.Sentences)
    for name in ("platform_name", "bureau_name"):  # also where a template joins them to a sentence
        app.jinja_env.globals[name] = Later(app.jinja_env.globals[name])
    app.jinja_env.globals.update(
        _=translate,
        _string=translate,
        _joined=joined,
        _later=Later,
        _sentence=sentence,
        _data_sentence=data_sentence,
        _data=data,
        _word=word,
        say=say,
        label=say,
        framed=translate,
        language=language,
        chosen_language=chosen,
        language_choices=CHOICES,
        language_codes=_BY_CODE,
    )
    app.jinja_env.filters.update(
        said_day=said_day,
        said_date=said_date,
        said_moment=said_moment,
        day=full_day,
        short_day=short_day,
        moment=said_moment,
    )
    app.after_request(_convert)
