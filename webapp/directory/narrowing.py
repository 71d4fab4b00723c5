"""The filters of the directory, twice: as tokens of the search's index, for lists, and as conditions on the tables, for
what is counted by place (the map) or read in the order of the table (open interfaces). Both give the same shops.
"""

from __future__ import annotations

import sqlalchemy as sa

from webapp.codes.models import TrustCode
from webapp.codes.rules import CodeState
from webapp.commitments.models import Commitment, CommitmentTemplate
from webapp.core import clock
from webapp.finding import terms
from webapp.honours import queries as honours
from webapp.honours.models import Honour
from webapp.merchants.figures import hearts_total
from webapp.merchants.models import Category, Mall, MallTenant, Shop, ShopFigures

from . import facts, opening
from .wanted import Wanted

Conditions = list[sa.ColumnElement[bool]]


def tokens(wanted: Wanted) -> list[terms.Wanted]:
    """The filters that the index knows of the directory (:mod:`.facts`), beside those of its own."""
    found: list[terms.Wanted] = []
    if wanted.mall is not None:
        found.append(facts.mall(wanted.mall))
    if wanted.promise:
        found.append(facts.promise(wanted.promise))
    if wanted.hearts:
        found.append(facts.hearts(wanted.hearts))
    if wanted.returns:
        found += [facts.returns(clock.today()), terms.ACTIVE]
    if wanted.open_now:
        found.append(facts.open_in(opening.open_weeks(clock.now())))
    return found


def conditions(wanted: Wanted) -> Conditions:
    """All filters; what was typed is not among them."""
    return seen(wanted) + indexed(wanted) + rest(wanted)


def seen(wanted: Wanted) -> Conditions:
    """Of shops that ever had a code; of those whose code is active when only trusted ones are asked for."""
    own = TrustCode.shop_id == Shop.id
    active = [TrustCode.state == CodeState.ACTIVE] if wanted.trusted else []
    return [sa.exists().where(own, *active)]


def indexed(wanted: Wanted) -> Conditions:
    """District, street, category and trade."""
    found: Conditions = []
    if wanted.district:
        found.append(Shop.region_code.startswith(wanted.district, autoescape=True))
    if wanted.category:
        found.append(Shop.category == Category(wanted.category))
    if wanted.industry:
        found.append(Shop.industry_code == wanted.industry)
    if wanted.street:
        found.append(Shop.region_code == wanted.street)
    return found


def rest(wanted: Wanted) -> Conditions:
    """Mall, promise, hearts, goods that can be given back, and hours."""
    found: Conditions = []
    if wanted.mall is not None:
        in_mall = sa.select(MallTenant.shop_id).join(Mall, Mall.id == MallTenant.mall_id)
        found.append(Shop.id.in_(in_mall.where(Mall.id == wanted.mall, Mall.closed_at.is_(None))))
    if wanted.promise:
        stands = (
            sa.select(Commitment.id)
            .join(CommitmentTemplate)
            .where(
                Commitment.shop_id == Shop.id,
                Commitment.withdrawn_at.is_(None),
                CommitmentTemplate.code == wanted.promise,
            )
        )
        found.append(stands.exists())
    if wanted.hearts:
        found.append(_rated(wanted.hearts))
    if wanted.returns:
        given_back = sa.select(Honour.shop_id).join(Shop, Shop.id == Honour.shop_id)
        kinds = Honour.kind.in_(honours.RETURNS)
        found.append(Shop.id.in_(given_back.where(kinds, *honours.visible(clock.today())).correlate(None)))
    if wanted.open_now:
        found.append(opening.is_open_at(clock.now()))
    return found


def _rated(least: int) -> sa.ColumnElement[bool]:
    """Shops whose plain mean of all hearts is `least` or more; those without a rating are not among them."""
    reached = hearts_total() >= least * 5 * ShopFigures.ratings
    return sa.exists().where(ShopFigures.shop_id == Shop.id, ShopFigures.ratings > 0, reached)
