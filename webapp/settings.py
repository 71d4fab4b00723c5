"""Settings: one frozen record read once from the environment.

Every knob of the product stands here with its default; the README's table is made from this file.
Production refuses to start with development secrets (``SettingsError``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "development-only-secret-not-for-production"


class SettingsError(RuntimeError):
    """A setting is missing or unusable; the message names the variable and says what to do."""


def keeps_secrets(address: str) -> bool:
    """May a secret go to this address: https, or plain http that never leaves the machine?

    A name counts as the machine only when it is ``localhost``: what any other resolves to is not ours to know.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme != "http":
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _setting(variable: str, default: object, doc: str) -> Any:
    return field(default=default, metadata={"variable": variable, "doc": doc})


@dataclass(frozen=True)
class Settings:
    """All settings. Construct directly in tests, or with :meth:`from_env`."""

    env: str = _setting("YDYM_ENV", "development", "development, test or production")
    data_dir: Path = _setting("YDYM_DATA_DIR", ROOT / "var", "folder of database, keys and uploads")
    database_url: str = _setting(
        "YDYM_DATABASE_URL", "", "SQLAlchemy address; empty: SQLite in the data folder"
    )
    redis_url: str = _setting(
        "YDYM_REDIS_URL", "", "Redis for rate limits; empty or down: memory of each worker"
    )
    public_scheme: str = _setting("YDYM_PUBLIC_SCHEME", "http", "http in development, https in production")
    public_host: str = _setting(
        "YDYM_PUBLIC_HOST", "127.0.0.1:8000", "host printed in and signed into every code"
    )
    secret_keys: tuple[str, ...] = _setting(
        "YDYM_SECRET_KEYS",
        (DEVELOPMENT_SECRET,),
        "comma separated, newest first: cookies, hashes, column encryption",
    )
    key_passphrase: str = _setting("YDYM_KEY_PASSPHRASE", "", "passphrase of the sticker signing keys")
    signer: str = _setting(
        "YDYM_SIGNER", "file", "where new signing keys live: file, environment, pkcs11 or vault"
    )
    signing_keys: tuple[str, ...] = _setting(
        "YDYM_SIGNING_KEYS",
        (),
        "for environment: encrypted keys as `flask keys pem` prints them, comma separated",
    )
    pkcs11_module: str = _setting("YDYM_PKCS11_MODULE", "", "for pkcs11: path of the module's library")
    pkcs11_token: str = _setting("YDYM_PKCS11_TOKEN", "", "for pkcs11: label of the token")
    pkcs11_pin: str = _setting("YDYM_PKCS11_PIN", "", "for pkcs11: user PIN of the token")
    vault_url: str = _setting("YDYM_VAULT_URL", "", "for vault: address of HashiCorp Vault or OpenBao")
    vault_token: str = _setting("YDYM_VAULT_TOKEN", "", "for vault: token that may use the transit keys")
    vault_mount: str = _setting(
        "YDYM_VAULT_MOUNT", "transit", "for vault: where the transit engine is mounted"
    )
    city_region: str = _setting("YDYM_CITY_REGION", "1306", "GB/T 2260 prefix of the city served")
    city_name: str = _setting("YDYM_CITY_NAME", "保定市", "the city's name as shown")
    bureau_name: str = _setting(
        "YDYM_BUREAU_NAME", "保定市市场监督管理局", "the bureau's name as shown and printed"
    )
    brand: str = _setting(
        "YDYM_BRAND",
        "",
        "TOML file with emblem, colours and names for stickers (docs/brand.md); empty: the usual",
    )
    letter_place: str = _setting(
        "YDYM_LETTER_PLACE", "冀保", "province and city as official documents' numbers begin"
    )
    letter_number: str = _setting(
        "YDYM_LETTER_NUMBER",
        "{organisation}{kind}〔{year}〕{number}号",
        "pattern of official documents' numbers",
    )
    letters_dir_setting: str = _setting(
        "YDYM_LETTERS_DIR",
        "",
        "the bureau's own forms, names, fonts and seals for documents; empty: letters in the data folder",
    )
    platform_name: str = _setting("YDYM_PLATFORM_NAME", "放心消费一码通", "the platform's name as shown")
    sms_url: str = _setting("YDYM_SMS_URL", "", "SMS gateway endpoint; empty: local outbox page")
    sms_token: str = _setting("YDYM_SMS_TOKEN", "", "bearer token for the SMS gateway")
    sms_templates: str = _setting("YDYM_SMS_TEMPLATES", "", "file of approved texts (docs/messages.md)")
    smtp_url: str = _setting(
        "YDYM_SMTP_URL",
        "",
        "mail server, smtp://user:password@host:587 or smtps://…; empty: local outbox page",
    )
    smtp_from: str = _setting("YDYM_SMTP_FROM", "", "sender's address of e-mails")
    registry_url: str = _setting(
        "YDYM_REGISTRY_URL",
        "",
        "register service, address of its changes (docs/register-service.md); empty: files only, offline",
    )
    registry_token_url: str = _setting(
        "YDYM_REGISTRY_TOKEN_URL", "", "where the register service gives OAuth 2 tokens (client credentials)"
    )
    registry_client_id: str = _setting("YDYM_REGISTRY_CLIENT_ID", "", "client id at the register service")
    registry_client_secret: str = _setting(
        "YDYM_REGISTRY_CLIENT_SECRET", "", "client secret at the register service"
    )
    registry_scope: str = _setting("YDYM_REGISTRY_SCOPE", "", "OAuth 2 scope asked for, if it wants one")
    registry_mapping: str = _setting(
        "YDYM_REGISTRY_MAPPING", "default", "name or path of the mapping that names the service's fields"
    )
    oidc_issuer: str = _setting(
        "YDYM_OIDC_ISSUER", "", "OpenID provider of the officers; empty: no single sign-on"
    )
    oidc_client_id: str = _setting("YDYM_OIDC_CLIENT_ID", "", "client id at the OpenID provider")
    oidc_client_secret: str = _setting("YDYM_OIDC_CLIENT_SECRET", "", "client secret at the OpenID provider")
    wechat_app_id: str = _setting(
        "YDYM_WECHAT_APP_ID",
        "",
        "official account by which consumers may sign in (docs/consumer-sign-in.md); empty: by phone only",
    )
    wechat_app_secret: str = _setting("YDYM_WECHAT_APP_SECRET", "", "its secret")
    wechat_authorize_url: str = _setting(
        "YDYM_WECHAT_AUTHORIZE_URL",
        "https://open.weixin.qq.com/connect/oauth2/authorize",
        "where WeChat asks who somebody is",
    )
    wechat_token_url: str = _setting(
        "YDYM_WECHAT_TOKEN_URL",
        "https://api.weixin.qq.com/sns/oauth2/access_token",
        "where WeChat says who it was",
    )
    s3_endpoint: str = _setting(
        "YDYM_S3_ENDPOINT", "", "host:port of S3-compatible storage; empty: local folder"
    )
    s3_bucket: str = _setting("YDYM_S3_BUCKET", "ydym", "bucket of uploads")
    s3_access_key: str = _setting("YDYM_S3_ACCESS_KEY", "", "S3 access key")
    s3_secret_key: str = _setting("YDYM_S3_SECRET_KEY", "", "S3 secret key")
    s3_secure: bool = _setting("YDYM_S3_SECURE", True, "https to the S3 endpoint")
    upload_max_bytes: int = _setting(
        "YDYM_UPLOAD_MAX_BYTES", 12 * 1024 * 1024, "largest single upload, bytes"
    )
    metrics_token: str = _setting("YDYM_METRICS_TOKEN", "", "bearer token for /metrics; empty: loopback only")
    trusted_proxies: int = _setting(
        "YDYM_TRUSTED_PROXIES", 0, "number of reverse proxies whose headers are believed"
    )
    feed_poll_ms: int = _setting(
        "YDYM_FEED_POLL_MS", 200, "milliseconds between looks for changes; 0: never (tests)"
    )
    page_cache_entries: int = _setting("YDYM_PAGE_CACHE_ENTRIES", 20000, "pages kept in a worker's memory")
    tiles: str = _setting(
        "YDYM_TILES",
        "",
        "tiles under the map: osm, amap, tianditu or an address with {z} {x} {y}; empty: outlines only, offline",
    )
    tiles_key: str = _setting("YDYM_TILES_KEY", "", "tianditu's key")
    tiles_datum: str = _setting(
        "YDYM_TILES_DATUM", "wgs84", "coordinate system of one's own tiles: wgs84, gcj02, bd09"
    )
    open_data_licence: str = _setting(
        "YDYM_OPEN_DATA_LICENCE", "CC BY 4.0（署名）", "licence of the open data, as shown"
    )
    open_data_licence_url: str = _setting(
        "YDYM_OPEN_DATA_LICENCE_URL",
        "https://creativecommons.org/licenses/by/4.0/deed.zh-hans",
        "where that licence can be read",
    )
    rate_limits: bool = _setting("YDYM_RATE_LIMITS", True, "rate limits on (off only for load tests)")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read every setting from `environ`; raise :class:`SettingsError` naming the variable that is wrong."""
        values: dict[str, object] = {}
        for entry in fields(cls):
            raw = environ.get(entry.metadata["variable"])
            if raw is not None and raw != "":
                values[entry.name] = _convert(entry.metadata["variable"], raw, entry.default)
        settings = cls(**values)  # type: ignore[arg-type]
        if "public_host" not in values:
            settings = replace(settings, public_host=settings._kept_host() or settings.public_host)
        settings.check()
        return settings

    def _kept_host(self) -> str:
        """The host that ``make run`` signed into its own city's codes: commands by hand must know the same one."""
        kept = self.data_dir / "public-host"
        if self.env != "development" or self.database_url or not kept.is_file():
            return ""
        return kept.read_text(encoding="ascii").strip()

    def check(self) -> None:
        """Refuse to start in production with anything that is only fit for development."""
        if self.env not in {"development", "test", "production"}:
            raise SettingsError(f"YDYM_ENV is {self.env!r}: use development, test or production")
        if self.env == "development" and self.public_scheme == "https":
            raise SettingsError(
                "YDYM_ENV is development on an https site: messages with codes would be public"
            )
        self._check_signer()
        self._check_mail()
        self._check_registry()
        self._check_wechat()
        if self.env != "production":
            return
        if DEVELOPMENT_SECRET in self.secret_keys or any(len(key) < 32 for key in self.secret_keys):
            raise SettingsError("YDYM_SECRET_KEYS must hold secrets of at least 32 characters in production")
        if not self.key_passphrase:
            raise SettingsError("YDYM_KEY_PASSPHRASE must be set in production")
        if self.public_scheme != "https":
            raise SettingsError("YDYM_PUBLIC_SCHEME must be https in production")
        if self.public_host == "127.0.0.1:8000":
            raise SettingsError("YDYM_PUBLIC_HOST must be the city's own host name in production")
        if not 0 < self.feed_poll_ms <= 1000:
            # Every worker must hear of a change within a second, and scan counts are written down in the same turn.
            raise SettingsError("YDYM_FEED_POLL_MS must be between 1 and 1000 in production")

    def _check_mail(self) -> None:
        """A mail server is named whole, with the address that mails come from."""
        if not self.smtp_url:
            return
        try:
            parts = urlsplit(self.smtp_url)
            whole = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise SettingsError("YDYM_SMTP_URL must be smtp://user:password@host:port or smtps://…")
        if "@" not in self.smtp_from:
            raise SettingsError("YDYM_SMTP_URL is set: set YDYM_SMTP_FROM to the sender's address")

    def _check_wechat(self) -> None:
        """An official account is named with its secret, which goes over https only."""
        if not self.wechat_app_id:
            return
        if not self.wechat_app_secret:
            raise SettingsError("YDYM_WECHAT_APP_ID is set: set YDYM_WECHAT_APP_SECRET")
        addresses = (self.wechat_authorize_url, self.wechat_token_url)
        if self.env == "production" and not all(address.startswith("https://") for address in addresses):
            raise SettingsError(
                "YDYM_WECHAT_AUTHORIZE_URL and YDYM_WECHAT_TOKEN_URL must be https in production"
            )
        if not all(keeps_secrets(address) for address in addresses):
            raise SettingsError(
                "YDYM_WECHAT_AUTHORIZE_URL and YDYM_WECHAT_TOKEN_URL must be https: plain http is for this machine"
            )

    def _check_registry(self) -> None:
        """A register service is named whole, and its secret goes over https only."""
        if not self.registry_url:
            return
        for variable, value in {
            "YDYM_REGISTRY_TOKEN_URL": self.registry_token_url,
            "YDYM_REGISTRY_CLIENT_ID": self.registry_client_id,
            "YDYM_REGISTRY_CLIENT_SECRET": self.registry_client_secret,
        }.items():
            if not value:
                raise SettingsError(f"YDYM_REGISTRY_URL is set: set {variable}")
        addresses = (self.registry_url, self.registry_token_url)
        if self.env == "production" and not all(address.startswith("https://") for address in addresses):
            raise SettingsError("YDYM_REGISTRY_URL and YDYM_REGISTRY_TOKEN_URL must be https in production")
        if not all(keeps_secrets(address) for address in addresses):
            raise SettingsError(
                "YDYM_REGISTRY_URL and YDYM_REGISTRY_TOKEN_URL must be https: plain http is for this machine alone"
            )

    def _check_signer(self) -> None:
        """The chosen place of the signing keys must be fully named."""
        needed: dict[str, dict[str, object]] = {
            "file": {},
            "environment": {"YDYM_SIGNING_KEYS": self.signing_keys},
            "pkcs11": {
                "YDYM_PKCS11_MODULE": self.pkcs11_module,
                "YDYM_PKCS11_TOKEN": self.pkcs11_token,
                "YDYM_PKCS11_PIN": self.pkcs11_pin,
            },
            "vault": {"YDYM_VAULT_URL": self.vault_url, "YDYM_VAULT_TOKEN": self.vault_token},
        }
        if self.signer not in needed:
            raise SettingsError(f"YDYM_SIGNER is {self.signer!r}: use file, environment, pkcs11 or vault")
        for variable, value in needed[self.signer].items():
            if not value:
                raise SettingsError(f"YDYM_SIGNER is {self.signer}: set {variable}")
        if self.signer == "vault" and self.env == "production" and not self.vault_url.startswith("https://"):
            raise SettingsError(
                "YDYM_VAULT_URL must be https in production: the token goes with every request"
            )

    @property
    def effective_database_url(self) -> str:
        """The database address; SQLite under the data folder when none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'ydym.sqlite'}"

    @property
    def letters_dir(self) -> Path:
        """Folder of what the bureau brings for its documents; it need not be there."""
        return Path(self.letters_dir_setting) if self.letters_dir_setting else self.data_dir / "letters"

    @property
    def keys_dir(self) -> Path:
        """Folder of the sticker signing keys."""
        return self.data_dir / "keys"

    @property
    def uploads_dir(self) -> Path:
        """Folder of uploads when no S3 endpoint is set."""
        return self.data_dir / "uploads"


def _convert(variable: str, raw: str, default: object) -> object:
    if isinstance(default, bool):
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off"}:
            return False
        raise SettingsError(f"{variable} is {raw!r}: use true or false")
    if isinstance(default, int):
        if not (raw.isascii() and raw.isdigit()):
            raise SettingsError(f"{variable} is {raw!r}: use a whole number")
        return int(raw)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(default, Path):
        return Path(raw).resolve()
    return raw
