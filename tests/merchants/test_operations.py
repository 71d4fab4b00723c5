"""What members and the register may change of operators and shops."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import files, merchants, regions
from tests.factories.merchants import NOW
from webapp.audit.models import AuditEvent
from webapp.core.actor import SYSTEM, Actor, Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.feed.models import Change
from webapp.files.models import FilePurpose
from webapp.merchants import operations, queries
from webapp.merchants.models import Category, MemberRole, Shop, ShopFigures

pytestmark = pytest.mark.each_database


@pytest.fixture
def owner(context: Flask) -> Actor:
    """A merchant who owns an operator in a city with its reference tables."""
    regions.sync_reference()
    operator, account = merchants.make_operator(), merchants.make_account()
    merchants.make_member(operator, account)
    return merchants.actor_of(account)


def operator_of(actor: Actor) -> int:
    return next(iter(actor.operator_ids))


def stated(**more: Any) -> dict[str, Any]:
    return {"name": "老槐树面馆", "region_code": "130606003", "actor": SYSTEM, "now": NOW} | more


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def test_the_first_owner_comes_freely_the_second_only_through_the_first(context: Flask) -> None:
    operator = merchants.make_operator()
    first, second = merchants.make_account(), merchants.make_account()
    operations.join(first.id, operator.id, MemberRole.OWNER, now=NOW)
    operations.join(first.id, operator.id, MemberRole.OWNER, now=NOW)
    with pytest.raises(Conflict, match="operator_has_owner"):
        operations.join(second.id, operator.id, MemberRole.OWNER, now=NOW)
    operations.join(second.id, operator.id, MemberRole.OWNER, actor=merchants.actor_of(first), now=NOW)
    assert queries.owner_ids(operator.id) == {first.id, second.id}
    assert queries.operator_ids_of(second.id) == {operator.id}


def test_a_shop_takes_station_department_and_category_from_where_and_what_it_is(owner: Actor) -> None:
    shop = operations.create_shop(
        operator_of(owner),
        **stated(
            actor=owner,
            branch=" 裕华路店 ",
            industry_code="6130",
            phone="１３８ 0013 8000",
            latitude=38.86211234,
            longitude=115.5,
            opening_hours={"6": [["9:00", "24:00"]], "1": [["09:00", "18:00"]]},
        ),
    )
    assert shop.full_name == "老槐树面馆（裕华路店）"
    assert (shop.category, shop.department_code) == (Category.STAY, "culture_tourism")
    assert shop.station_id is not None
    assert shop.phone == "+8613800138000"
    assert shop.latitude == 38.862112
    assert list(shop.opening_hours) == ["1", "6"]
    assert db.session.get(ShopFigures, shop.id) is not None
    assert actions() == ["shop.create"]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"name": " "}, "required", "name"),
        ({"name": "长" * 61}, "too_long", "name"),
        ({"region_code": "999999"}, "region_unknown", "region_code"),
        ({"region_code": "1306"}, "region_unknown", "region_code"),
        ({"industry_code": "0000"}, "industry_unknown", "industry_code"),
        ({"industry_code": "6130", "category": "eat"}, "industry_category", "industry_code"),
        ({"category": "war"}, "category_unknown", "category"),
        ({"latitude": 115.4, "longitude": 38.8}, "position_outside", "lat"),
        ({"latitude": 38.8}, "position_half", "lng"),
        ({"phone": "123"}, "shop_phone_length", "phone"),
        ({"opening_hours": {"8": []}}, "weekday_unknown", "hours"),
    ],
)
def test_a_wrong_fact_names_its_field_and_leaves_nothing(
    owner: Actor, wrong: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        operations.create_shop(operator_of(owner), **stated(actor=owner, **wrong))
    assert (caught.value.code, caught.value.field) == (code, field)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Shop)) == 0


def test_an_edit_says_what_changed_and_only_that(owner: Actor) -> None:
    shop = operations.create_shop(operator_of(owner), **stated(actor=owner, industry_code="6220"))
    assert operations.edit_shop(shop.id, actor=owner, now=NOW, name="老槐树面馆") == {}
    assert operations.edit_shop(shop.id, actor=owner, now=NOW, phone="0312-5901234", name="老槐树面馆") == {
        "phone": "+863125901234"
    }
    assert operations.edit_shop(shop.id, actor=owner, now=NOW, category="eat") == {}
    assert actions() == ["shop.create", "shop.edit"]
    db.session.commit()
    assert db.session.scalars(sa.select(Change.shop_id)).all() == [shop.id]
    with pytest.raises(TypeError, match="operator_id"):
        operations.edit_shop(shop.id, actor=owner, now=NOW, operator_id=7)


def test_the_second_of_two_editors_is_told(owner: Actor) -> None:
    shop = operations.create_shop(operator_of(owner), **stated(actor=owner))
    opened = shop.version
    operations.edit_shop(shop.id, actor=owner, now=NOW, version=opened, phone="13800138000")
    with pytest.raises(Conflict, match="changed_meanwhile"):
        operations.edit_shop(shop.id, actor=owner, now=NOW, version=opened, phone="13900139000")


@pytest.mark.parametrize("role", [Role.CONSUMER, Role.BUREAU_OFFICER, Role.MERCHANT])
def test_strangers_cannot_touch_a_shop(owner: Actor, role: Role) -> None:
    shop = operations.create_shop(operator_of(owner), **stated(actor=owner))
    stranger = Actor(merchants.make_account().id, "x", role, operator_ids=frozenset({shop.operator_id}))
    for attempt in (
        lambda: operations.edit_shop(shop.id, actor=stranger, now=NOW, name="别人的"),
        lambda: operations.set_photos(shop.id, [], actor=stranger, now=NOW),
        lambda: operations.create_shop(shop.operator_id, **stated(actor=stranger)),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_photos_keep_their_order_and_belong_to_the_operator(owner: Actor) -> None:
    shop = operations.create_shop(operator_of(owner), **stated(actor=owner))
    photos = [files.make_file(actor=owner) for _ in range(3)]
    ids = [photo.id for photo in photos]
    operations.set_photos(shop.id, ids, actor=owner, now=NOW)
    operations.set_photos(shop.id, [ids[2], ids[0], ids[2]], actor=owner, now=NOW)
    db.session.commit()
    db.session.expire_all()
    assert [photo.file_id for photo in queries.get_shop(shop.id).photos] == [ids[2], ids[0]]
    assert {(photo.owner_type, photo.owner_id) for photo in photos} == {("operator", shop.operator_id)}


def test_photos_of_others_of_other_purposes_and_too_many_are_refused(owner: Actor) -> None:
    shop = operations.create_shop(operator_of(owner), **stated(actor=owner))
    stranger = merchants.actor_of(merchants.make_account())
    theirs = files.make_file(actor=stranger)
    licence = files.make_file(FilePurpose.LICENCE, owner)
    for wrong in ([theirs.id], [licence.id], [99999]):
        with pytest.raises(NotFound):
            operations.set_photos(shop.id, wrong, actor=owner, now=NOW)
    with pytest.raises(Invalid, match="photos_too_many"):
        operations.set_photos(shop.id, list(range(1, 8)), actor=owner, now=NOW)
    assert queries.get_shop(shop.id).photos == []
