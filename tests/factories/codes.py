"""Trust codes for tests: rows as they stand, without the news that issuing and moving them would send; a small town."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import accounts, merchants, stickers
from tests.factories.merchants import NOW
from webapp.accounts.models import Account
from webapp.codes.models import SuspensionGround, TrustCode
from webapp.codes.rules import CodeState
from webapp.core import policy
from webapp.core.actor import Actor, Role
from webapp.core.db import db
from webapp.merchants.models import Shop

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_VERSION = re.compile(r'name="version" value="(\d+)"')


def make_code(
    shop: Shop, state: CodeState = CodeState.ACTIVE, grounds: tuple[str, ...] = (), by_id: int | None = None
) -> TrustCode:
    """The shop's code in `state`; suspended on `grounds`, revoked on the first of them."""
    is_revoked = state is CodeState.REVOKED
    code = TrustCode(
        shop_id=shop.id,
        state=state,
        issued_at=NOW,
        changed_at=NOW,
        revoked_at=NOW if is_revoked else None,
        revoked_ground=grounds[0] if is_revoked and grounds else None,
    )
    for ground in () if is_revoked else grounds:
        code.grounds.append(
            SuspensionGround(
                ground=ground, reason=f"because of {ground}", started_at=NOW, started_by_id=by_id
            )
        )
    db.session.add(code)
    db.session.flush()
    return code


@dataclass
class Town:
    """Ids of what stands in the database, committed."""

    shop: int
    merchant: int
    station: int
    bureau: int
    second: int
    elsewhere: int
    department: int
    admin: int

    def actor(self, account_id: int) -> Actor:
        """The account as an actor."""
        return db.session.get_one(Account, account_id).actor()


def build() -> Town:
    """The town's rows, not committed."""
    policy.sync()
    stickers.make_key()
    shop = merchants.make_shop()
    owner = merchants.make_account()
    merchants.make_member(shop.operator, owner)
    make_code(shop)
    return Town(
        shop=shop.id,
        merchant=owner.id,
        station=accounts.make_officer(Role.STATION_OFFICER, "130606", station_id=shop.station_id).id,
        bureau=accounts.make_officer(Role.BUREAU_OFFICER, "1306", name="王海涛").id,
        second=accounts.make_officer(Role.BUREAU_OFFICER, "1306", name="赵明").id,
        elsewhere=accounts.make_officer(Role.BUREAU_OFFICER, "130602", name="孙外").id,
        department=accounts.make_officer(
            Role.DEPARTMENT_OFFICER, "1306", department_code=shop.department_code, name="刘文静"
        ).id,
        admin=accounts.make_officer(Role.ADMINISTRATOR, "1306", name="管理员").id,
    )


def token(page: str) -> str:
    """The form token of a page."""
    found = _TOKEN.search(page)
    assert found, "no form on the page"
    return found.group(1)


def send(client: FlaskClient, path: str, page: str, **data: str) -> TestResponse:
    """Open `page` for its token and the version that it shows, then post `data` to `path`."""
    text = client.get(page).text
    version = _VERSION.search(text)
    fields = {"csrf_token": token(text), "version": version.group(1) if version else ""}
    return client.post(path, data=fields | data)
