"""Settings: read from the environment, refused with the variable's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.settings import DEVELOPMENT_SECRET, Settings, SettingsError

PRODUCTION = {
    "YDYM_ENV": "production",
    "YDYM_SECRET_KEYS": "x" * 32,
    "YDYM_KEY_PASSPHRASE": "long and secret",
    "YDYM_PUBLIC_SCHEME": "https",
    "YDYM_PUBLIC_HOST": "fx.baoding.gov.cn",
}


def test_production_with_everything_starts() -> None:
    settings = Settings.from_env(PRODUCTION)
    assert (settings.env, settings.secret_keys) == ("production", ("x" * 32,))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("YDYM_SECRET_KEYS", DEVELOPMENT_SECRET),
        ("YDYM_SECRET_KEYS", "short"),
        ("YDYM_SECRET_KEYS", f"{'x' * 40},{DEVELOPMENT_SECRET}"),
        ("YDYM_KEY_PASSPHRASE", ""),
        ("YDYM_PUBLIC_SCHEME", "http"),
        ("YDYM_PUBLIC_HOST", "127.0.0.1:8000"),
        ("YDYM_FEED_POLL_MS", "0"),
        ("YDYM_FEED_POLL_MS", "1001"),
    ],
)
def test_production_refuses(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env(PRODUCTION | {variable: value})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("YDYM_ENV", "staging"),
        ("YDYM_RATE_LIMITS", "maybe"),
        ("YDYM_FEED_POLL_MS", "-1"),
        ("YDYM_FEED_POLL_MS", "２００"),
    ],
)
def test_a_value_that_cannot_be_read(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_env({variable: value})


def test_development_is_refused_on_an_https_site() -> None:
    with pytest.raises(SettingsError, match="YDYM_ENV"):
        Settings.from_env({"YDYM_PUBLIC_SCHEME": "https"})


def test_lists_and_numbers() -> None:
    settings = Settings.from_env(
        {"YDYM_SECRET_KEYS": "a, b,", "YDYM_FEED_POLL_MS": "50", "YDYM_S3_SECURE": "no"}
    )
    assert (settings.secret_keys, settings.feed_poll_ms, settings.s3_secure) == (("a", "b"), 50, False)


def test_the_host_of_make_runs_own_city_is_known_to_commands_too(tmp_path: Path) -> None:
    own = {"YDYM_DATA_DIR": str(tmp_path)}
    assert Settings.from_env(own).public_host == "127.0.0.1:8000"
    (tmp_path / "public-host").write_text("127.0.0.1:8150\n")
    assert Settings.from_env(own).public_host == "127.0.0.1:8150"
    assert Settings.from_env(own | {"YDYM_PUBLIC_HOST": "codes.test"}).public_host == "codes.test"
    for other in ({"YDYM_ENV": "test"}, {"YDYM_DATABASE_URL": "sqlite:///elsewhere.sqlite"}):
        assert Settings.from_env(own | other).public_host == "127.0.0.1:8000"
