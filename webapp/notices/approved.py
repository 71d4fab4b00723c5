"""Templates that an SMS gateway has approved: carriers let only such texts through, and each language is its own.

The file (``YDYM_SMS_TEMPLATES``) is TOML, a table for each message with the gateway's code by language::

    ["accounts.sms.code"]
    zh-Hans = "SMS_480001"
    en = "SMS_480002"

A message that is named there leaves in another language only where that has a code; else in simplified Chinese.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from webapp.core.language import USUAL, Language
from webapp.settings import SettingsError

#: Parts of the keys of SMS texts in the catalogues.
_PARTS = ("sms", "sms_shop")


@dataclass(frozen=True)
class Approved:
    """The gateway's codes: message key → language → code. Empty: it takes any text, under the message's own key."""

    codes: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)

    def language(self, key: str, wanted: Language) -> Language:
        """The language in which the message `key` may leave for somebody who reads `wanted`."""
        return wanted if not self.codes or wanted in self.codes.get(key, {}) else USUAL

    def code(self, key: str, language: Language) -> str:
        """What the gateway calls the template; the message's own key where the file names none."""
        return self.codes.get(key, {}).get(language, key)


def is_sms(key: str) -> bool:
    """Is the catalogue's `key` the text of an SMS?"""
    parts = key.split(".")
    return parts[0] != "error" and any(part in _PARTS for part in parts)


def load(path: str, words: Mapping[str, str]) -> Approved:
    """Read the file; raises SettingsError that names what is wrong in it. `words`: the catalogue of message texts."""
    if not path:
        return Approved()
    try:
        with Path(path).open("rb") as stream:
            given = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"YDYM_SMS_TEMPLATES: {path} cannot be read: {error}") from error
    return Approved({key: _codes(path, key, table, words) for key, table in given.items()})


def _codes(path: str, key: str, table: object, words: Mapping[str, str]) -> dict[Language, str]:
    if key not in words or not is_sms(key):
        raise SettingsError(f"YDYM_SMS_TEMPLATES: {path} names {key}, which is no SMS of this release")
    if not isinstance(table, dict) or USUAL.value not in table:
        raise SettingsError(f"YDYM_SMS_TEMPLATES: {path} must give {key} a code for {USUAL.value}")
    for language, code in table.items():
        if language not in list(Language):
            known = ", ".join(Language)
            raise SettingsError(f"YDYM_SMS_TEMPLATES: {path}: {key}: {language} is none of {known}")
        if not isinstance(code, str) or not code.strip():
            raise SettingsError(
                f"YDYM_SMS_TEMPLATES: {path}: {key}: the code for {language} must be a text in quotes"
            )
    return {Language(language): code.strip() for language, code in table.items()}
