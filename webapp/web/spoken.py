"""What leaves the house as plain text (SMS, e-mail): in the language of who gets it, not of who looks at a page."""

from __future__ import annotations

from typing import Any, Final

from webapp.core.language import Language

from . import languages
from .words import label

#: Places filled with what somebody is called, or with what is typed again: never converted.
AS_WRITTEN: Final = frozenset({"shop", "name", "place", "number", "receipt", "code", "host", "url", "lines"})


def said_to(language: Language, key: str, /, **details: Any) -> str:
    """The words of a catalogue's `key` in `language`, places filled: the template and whatever of them is words.

    English that is missing is Chinese. Several words for one place are given as a tuple.
    """
    if language is Language.EN:
        with languages.speaking(Language.EN):
            return str(languages.say(key, **{name: _english(value) for name, value in details.items()}))
    text = label(key)
    comma = label("notices.comma")
    known = {
        name: comma.join(value) if isinstance(value, tuple) else value for name, value in details.items()
    }
    if language is Language.HANT:
        text = languages.traditional(text)
        known = {
            name: languages.traditional(value) if isinstance(value, str) and name not in AS_WRITTEN else value
            for name, value in known.items()
        }
    return text.format(**known) if known else text


def _english(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return languages.say("notices.comma").join(str(languages.word(part)) for part in value)


def of_request() -> Language:
    """The language of the page that is asked for: somebody who signs in or files something there reads it."""
    return Language(languages.language())
