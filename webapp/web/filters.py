"""Template filters and globals: dates with weekday, money, phones, hashed static addresses."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from webapp.core import clock
from webapp.core.identifiers import format_phone

from . import slots

WEEKDAYS = "一二三四五六日"


def day(value: date | datetime | None) -> str:
    """2026年11月22日 周日, in China's calendar; empty for None."""
    if value is None:
        return ""
    on = clock.day_of(value) if isinstance(value, datetime) else value
    return f"{on.year}年{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"


def short_day(value: date | datetime | None) -> str:
    """2026.11.22; empty for None."""
    if value is None:
        return ""
    on = clock.day_of(value) if isinstance(value, datetime) else value
    return f"{on.year}.{on.month:02}.{on.day:02}"


def moment(value: datetime | None) -> str:
    """11月22日 15:30 (with the year when it is not this year's), China's time; empty for None."""
    if value is None:
        return ""
    local = value.astimezone(clock.SHANGHAI)
    year = "" if local.year == clock.today().year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"


def yuan(fen: int | None) -> str:
    """Integer fen as ¥1,234.50; empty for None."""
    return "" if fen is None else f"¥{fen / 100:,.2f}"


def mask_phone(phone: str | None) -> str:
    """138****1234 of an E.164 or national number; landlines keep their last four digits."""
    if not phone:
        return ""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"


@lru_cache(maxsize=512)
def _fingerprint(path: Path, _changed: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Address of a static file with its content's hash, so that it may be kept for a year."""
    path = Path(current_app.static_folder or "") / name
    mark = _fingerprint(path, path.stat().st_mtime) if path.is_file() else ""
    return url_for("static", filename=name, v=mark) if mark else url_for("static", filename=name)


def csrf_field() -> Markup:
    """The hidden input that every form posts back."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def register(app: Flask) -> None:
    """Give templates the filters and globals."""
    app.jinja_env.filters.update(
        day=day, short_day=short_day, moment=moment, yuan=yuan, phone=format_phone, mask_phone=mask_phone
    )

    def menu(side: str) -> list[slots.MenuEntry]:
        return slots.menu(app, side)

    def slot(name: str, **context: Any) -> list[Any]:
        return slots.collect(app, name, **context)

    settings = app.extensions["ydym.settings"]
    app.jinja_env.globals.update(
        static_url=static_url,
        csrf_field=csrf_field,
        menu=menu,
        slot=slot,
        now=clock.now,
        today=clock.today,
        platform_name=settings.platform_name,
        bureau_name=settings.bureau_name,
        city_name=settings.city_name,
        public_host=settings.public_host,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
