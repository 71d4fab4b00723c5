"""一店一码: the web application. This module only wires; every feature is a folder of its own."""

from __future__ import annotations

import os
from importlib import import_module

from dotenv import load_dotenv
from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from .core import commands, migrations, secrets
from .core.db import db, may_write
from .core.transaction import commit, rollback
from .features import FEATURES
from .settings import ROOT, Settings
from .web import access, errors, filters, flashed, headers, languages, logs, packed, throttle, views, words
from .web.requests import FormRequest

__all__ = ["App", "create_app"]

csrf = CSRFProtect()


class App(Flask):
    """Flask with one transaction per request: committed before the answer leaves, undone if it is an error."""

    request_class = FormRequest

    def preprocess_request(self) -> ResponseReturnValue | None:
        # Before the access rule asks its first question: on SQLite the first statement decides the kind of BEGIN.
        may_write.set(request.method not in {"GET", "HEAD", "OPTIONS"})
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        response = self.make_response(super().dispatch_request())
        if response.status_code < 400:
            commit()
        else:
            rollback()
        return response


def create_app(settings: Settings | None = None) -> App:
    """Build the application. Without `settings`, read them from the environment (and ``.env`` in development)."""
    if settings is None:
        if os.environ.get("YDYM_ENV", "development") == "development":
            load_dotenv(ROOT / ".env")
        settings = Settings.from_env(os.environ)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = App(
        "webapp", root_path=str(ROOT / "webapp"), template_folder="../templates", static_folder="../static"
    )
    app.extensions["ydym.settings"] = settings
    app.config.update(_flask_config(settings))
    secrets.configure(settings.secret_keys)
    _install(app)
    for name in FEATURES:
        module = import_module(f"webapp.{name}")
        if hasattr(module, "register"):
            module.register(app)
    access.check_all_declared(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    secure = settings.public_scheme == "https"
    # hide_parameters: what somebody typed must not stand in the log because a statement failed.
    engine: dict[str, object] = {"pool_pre_ping": True, "hide_parameters": True}
    if settings.effective_database_url.startswith("postgresql"):
        engine.update(pool_size=8, max_overflow=8, pool_timeout=5, connect_args={"connect_timeout": 1})
    return {
        "TESTING": settings.env == "test",
        "SECRET_KEY": secrets_for_cookies(settings)[0],
        "SECRET_KEY_FALLBACKS": secrets_for_cookies(settings)[1:],
        "SQLALCHEMY_DATABASE_URI": settings.effective_database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SESSION_COOKIE_NAME": "__Host-ydym" if secure else "ydym",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "MAX_CONTENT_LENGTH": 8 * settings.upload_max_bytes,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 400,
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch must not be lost
        "WTF_CSRF_SSL_STRICT": False,  # Referer is stripped by some in-app browsers; the token is the guard
        "PROPAGATE_EXCEPTIONS": settings.env == "test",
        "RATELIMIT_ENABLED": settings.rate_limits,
    }


def secrets_for_cookies(settings: Settings) -> list[str]:
    """Cookie signing keys, newest first, derived so that no secret signs two kinds of thing."""
    return [secrets.derive("cookies", secret).hex() for secret in settings.secret_keys]


def _install(app: App) -> None:
    packed.register(app)  # first of all: what is added first looks at an answer last
    logs.register(app)
    db.init_app(app)
    if os.environ.get("FLASK_RUN_FROM_CLI"):
        migrations.install(app)
    headers.register(app)  # refuses chunked bodies before anything reads one
    csrf.init_app(app)
    words.register(app)
    filters.register(app)
    languages.register(app)
    flashed.register(app)
    errors.register(app)
    throttle.register(app)
    commands.register(app)
    views.register(app)
    app.before_request(access.guard)
