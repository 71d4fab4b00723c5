"""Where private halves live: files, the environment, a hardware module, a key service. None lets a key out."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from qrservice import KeyRefused, KeyState, Payload, decode, generate_private_pem, issue
from qrservice.keys import PemSigner
from tests.factories.merchants import NOW
from tests.factories.shopfront import make_vouched
from tests.support.vault import TOKEN, Vault, vault_server
from webapp.core import clock
from webapp.core.errors import Conflict
from webapp.settings import Settings, SettingsError
from webapp.signing import hsm
from webapp.signing.sources import FileSource, SignerUnavailable
from webapp.signing.store import KeyStore, NoSigningKey

HOST = "signing.test"
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")


def signs(keys: KeyStore, kid: int) -> None:
    """A code by the present signer holds under the published ring."""
    signer = keys.signer()
    assert signer.kid == kid
    assert decode(issue(Payload(kid, 7, 1), HOST, signer), HOST, keys.ring()).kid == kid


# --- the environment --------------------------------------------------------------------------------------------------


def entry(kid: int, passphrase: bytes) -> str:
    """One entry of YDYM_SIGNING_KEYS."""
    return f"{kid}:{base64.b64encode(generate_private_pem(passphrase)).decode()}"


def test_keys_from_the_environment_are_taken_up_one_by_one(settings: Settings) -> None:
    passphrase = KeyStore(settings).passphrase
    first, second = entry(0, passphrase), entry(4, passphrase)
    keys = KeyStore(replace(settings, signer="environment", signing_keys=(first,)))
    assert keys.ensure(NOW)
    signs(keys, 0)
    with pytest.raises(Conflict, match="key_not_supplied"):
        keys.rotate(NOW)
    keys = KeyStore(replace(settings, signer="environment", signing_keys=(first, second)))
    assert keys.rotate(NOW) == 4
    signs(keys, 4)
    assert not list(settings.keys_dir.glob("*.pem")), "nothing private is written"


@pytest.mark.parametrize("kind", ["clear", "not base64", "no number", "other passphrase"])
def test_broken_entries_are_refused(settings: Settings, kind: str) -> None:
    clear = base64.b64encode(generate_private_pem()).decode()
    broken = {
        "clear": f"0:{clear}",
        "not base64": "0:!!",
        "no number": entry(0, b"x").partition(":")[2],
        "other passphrase": entry(0, b"another"),
    }
    keys = KeyStore(replace(settings, signer="environment", signing_keys=(broken[kind],)))
    with pytest.raises(KeyRefused):
        keys.ensure(NOW)
    assert len(keys.ring()) == 0


def test_a_private_half_that_is_not_the_rings_never_signs(settings: Settings) -> None:
    keys = KeyStore(settings)
    keys.ensure(NOW)
    (settings.keys_dir / "sticker-0.pem").write_bytes(generate_private_pem(keys.passphrase))
    with pytest.raises(KeyRefused, match="not the published"):
        KeyStore(settings).signer()


def test_files_are_found_by_their_names(settings: Settings) -> None:
    source = FileSource(settings.keys_dir, b"pass")
    assert source.held() == frozenset()
    settings.keys_dir.mkdir(parents=True)
    source.make(3)
    (settings.keys_dir / "sticker-4.pem.new").write_bytes(b"half")
    (settings.keys_dir / "sticker-99.pem").write_bytes(b"other")
    assert source.held() == {3}


# --- the choice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"signer": "paper"}, "YDYM_SIGNER"),
        ({"signer": "environment"}, "YDYM_SIGNING_KEYS"),
        ({"signer": "pkcs11", "pkcs11_module": "/x.so", "pkcs11_token": "t"}, "YDYM_PKCS11_PIN"),
        ({"signer": "vault", "vault_url": "http://127.0.0.1:1"}, "YDYM_VAULT_TOKEN"),
    ],
)
def test_a_half_named_place_stops_the_start(
    settings: Settings, changes: dict[str, str], missing: str
) -> None:
    with pytest.raises(SettingsError, match=missing):
        replace(settings, **changes).check()


# --- a key service ----------------------------------------------------------------------------------------------------


@pytest.fixture
def vault() -> Iterator[Vault]:
    with vault_server() as server:
        yield server


@pytest.fixture
def with_vault(settings: Settings, vault: Vault) -> Settings:
    return replace(settings, signer="vault", vault_url=vault.url, vault_token=TOKEN)


def test_a_key_service_makes_keeps_and_signs(with_vault: Settings, vault: Vault) -> None:
    keys = KeyStore(with_vault)
    keys.ensure(NOW)
    signs(keys, 0)
    assert keys.rotate(NOW) == 1
    signs(keys, 1)
    signs(KeyStore(with_vault), 1)
    assert set(vault.keys) == {"ydym-sticker-0", "ydym-sticker-1"}
    assert not list(with_vault.keys_dir.glob("*.pem")), "the private half stays in the service"


def test_keys_of_before_the_choice_go_on_signing(settings: Settings, with_vault: Settings) -> None:
    KeyStore(settings).ensure(NOW)
    keys = KeyStore(with_vault)
    signs(keys, 0)
    assert keys.rotate(NOW) == 1
    place = keys.place_of(1)
    assert place is not None
    assert place.name == "vault"


@pytest.mark.parametrize("how", ["down", "sealed", "lying", "strange"])
def test_a_service_that_fails_signs_nothing(with_vault: Settings, vault: Vault, how: str) -> None:
    keys = KeyStore(with_vault)
    keys.ensure(NOW)
    vault.broken = how
    with pytest.raises(SignerUnavailable):
        KeyStore(with_vault).signer().sign(b"message")
    vault.broken = ""
    signs(KeyStore(with_vault), 0)
    assert decode(issue(Payload(0, 7, 1), HOST, keys.signer()), HOST, keys.ring()).serial == 1


def test_a_service_that_is_away_changes_no_ring(with_vault: Settings, vault: Vault) -> None:
    keys = KeyStore(with_vault)
    keys.ensure(NOW)
    before = keys.mark()
    vault.broken = "down"
    with pytest.raises(SignerUnavailable):
        keys.rotate(NOW)
    assert keys.mark() == before
    with pytest.raises(SignerUnavailable):
        KeyStore(replace(with_vault, vault_url="http://127.0.0.1:1")).signer()


def test_a_wrong_token_is_no_empty_service(with_vault: Settings) -> None:
    with pytest.raises(SignerUnavailable, match="signer_unavailable"):
        KeyStore(replace(with_vault, vault_token="other")).ensure(NOW)


# --- a hardware module ------------------------------------------------------------------------------------------------


@pytest.fixture
def token(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A fresh token of SoftHSM, the module of Debian's package softhsm2."""
    assert shutil.which("softhsm2-util"), (
        "SoftHSM is missing: run `make test` once as root, or apt-get install softhsm2"
    )
    folder = tmp_path / "hsm"
    (folder / "tokens").mkdir(parents=True)
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    label = f"ydym-{tmp_path.name[-12:]}"
    words = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        label,
        "--so-pin",
        "12345678",
        "--pin",
        "87654321",
    ]
    subprocess.run(words, check=True, capture_output=True)
    # The library read its configuration when it was first loaded in this process: let it read again.
    import pkcs11

    module = pkcs11.lib(str(SOFTHSM))
    module.reinitialize()
    yield replace(
        settings, signer="pkcs11", pkcs11_module=str(SOFTHSM), pkcs11_token=label, pkcs11_pin="87654321"
    )
    hsm.forget((str(SOFTHSM), label))


def test_a_module_makes_keeps_and_signs(token: Settings) -> None:
    keys = KeyStore(token)
    keys.ensure(NOW)
    signs(keys, 0)
    assert keys.rotate(NOW) == 1
    signs(KeyStore(token), 1)
    assert keys.place_of(0) is not None
    assert not list(token.keys_dir.glob("*.pem")), "the private half stays in the module"
    hsm.forget((token.pkcs11_module, token.pkcs11_token))
    signs(KeyStore(token), 1)


def test_a_private_half_cannot_be_read_out_of_the_module(token: Settings) -> None:
    import pkcs11

    keys = KeyStore(token)
    keys.ensure(NOW)
    source = keys.sources()[0]
    assert isinstance(source, hsm.Pkcs11Source)

    def look(session: pkcs11.Session) -> tuple[bool, bool]:
        private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="ydym-sticker-0")
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            private[pkcs11.Attribute.VALUE]
        return private[pkcs11.Attribute.SENSITIVE], private[pkcs11.Attribute.EXTRACTABLE]

    assert source.ask(look) == (True, False)


@pytest.mark.parametrize(
    "change", [{"pkcs11_pin": "00000000"}, {"pkcs11_token": "another"}, {"pkcs11_module": "/no.so"}]
)
def test_a_module_that_refuses_is_said_to_be_away(token: Settings, change: dict[str, str]) -> None:
    with pytest.raises(SignerUnavailable):
        KeyStore(replace(token, **change)).ensure(NOW)


# --- which key signs --------------------------------------------------------------------------------------------------


def test_a_loaded_key_is_dropped_with_its_right_to_sign(settings: Settings) -> None:
    keys, other = KeyStore(settings), KeyStore(settings)
    keys.ensure(NOW)
    assert keys.signer().kid == 0
    assert other.compromise(0, NOW, NOW) == 1
    assert keys.signer().kid == 1
    state = keys.ring().find(0)
    assert state is not None
    assert state.state is KeyState.COMPROMISED


def test_without_any_private_half_nothing_signs(settings: Settings) -> None:
    keys = KeyStore(settings)
    keys.ensure(NOW)
    (settings.keys_dir / "sticker-0.pem").unlink()
    with pytest.raises(NoSigningKey):
        KeyStore(settings).signer()
    assert isinstance(keys, KeyStore)


def test_a_signer_is_a_real_one(settings: Settings) -> None:
    keys = KeyStore(settings)
    keys.ensure(NOW)
    assert isinstance(keys.signer(), PemSigner)


def test_published_statements_ask_the_service_once_and_outlive_it(
    make_app: Callable[..., Flask], vault: Vault
) -> None:
    """The key set and the lists are public: a crowd must not reach the service, nor its rest silence them."""
    app = make_app(signer="vault", vault_url=vault.url, vault_token=TOKEN)
    with app.app_context():
        make_vouched()
    client = app.test_client()
    addresses = ["/.well-known/ydym-keys.json", "/.well-known/ydym-status", "/.well-known/ydym-status/0"]
    first = [client.get(address) for address in addresses]
    assert [answer.status_code for answer in first] == [200, 200, 200]
    assert "signed" in first[0].get_json(force=True)
    asked = len(vault.asked)
    vault.broken = "down"
    assert [client.get(address).data for address in addresses] == [answer.data for answer in first]
    assert len(vault.asked) == asked
    then = clock.now() + timedelta(hours=2)
    with clock.use(then):
        later = [client.get(address) for address in addresses]
        assert later[0].status_code == 200
        assert "signed" not in later[0].get_json(force=True), "verifiers keep what they have"
        assert later[1].status_code == 503
        assert later[2].data == first[2].data, "it says itself how old it is"
        vault.broken = ""
        assert client.get(addresses[2]).data == first[2].data, "not asked again within half a minute"
    with clock.use(then + timedelta(seconds=31)):
        assert client.get(addresses[2]).data != first[2].data
