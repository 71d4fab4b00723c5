"""Times of day as people say them: "早9点到晚9点半" becomes "9:00到21:30" (pure).

Only what has one meaning is turned: "9点到5点" closes at five in the morning or in the afternoon, so it stays as
typed and is asked about.
"""

from __future__ import annotations

import re
from typing import Final

#: Words for parts of the day, the longer ones first: small hours, morning, noon, afternoon and evening, the next day.
_SMALL: Final = "\u51cc\u6668|\u6b21\u65e5|\u7b2c\u4e8c\u5929"
_MORNING: Final = "\u65e9\u4e0a|\u65e9\u6668|\u4e0a\u5348|\u65e9"
_NOON: Final = "\u4e2d\u5348"
_LATE: Final = "\u4e0b\u5348|\u508d\u665a|\u665a\u4e0a|\u665a"
#: An hour said with 点 or 时; then half past, a quarter, or minutes; or an hour and minutes written after such a word.
_SAID: Final = re.compile(
    f"(?:(?P<small>{_SMALL})|(?P<morning>{_MORNING})|(?P<noon>{_NOON})|(?P<late>{_LATE}))?\\s*"
    "(?P<hour>[0-9]{1,2})(?:[\u70b9\u65f6](?:(?P<half>\u534a)|(?P<quarter>\u4e00\u523b)|(?P<minute>[0-9]{1,2})\u5206?)?"
    "|:(?P<written>[0-5][0-9]))"
)


def written(text: str) -> str:
    """`text`, whose spans have "-" between their times, with spoken times as "H:MM"; what may mean two things stays."""
    return _SAID.sub(_written, text)


def _written(said: re.Match[str]) -> str:
    hour = int(said["hour"])
    parted = any(said[part] for part in ("small", "morning", "noon", "late"))
    if said["written"] and not parted:
        return said[0]
    if not parted and hour < 12 and (hour < 5 or said.string[: said.start()].rstrip().endswith("-")):
        return said[0]
    if (said["late"] and 1 <= hour < 12) or (said["noon"] and hour < 3):
        hour += 12
    elif said["late"] and hour == 12 and "\u665a" in said["late"]:
        hour = 24
    elif said["small"] and hour == 12:
        hour = 0
    minute = 30 if said["half"] else 15 if said["quarter"] else int(said["minute"] or said["written"] or 0)
    return f"{hour}:{minute:02}"
