"""Everything on a shop's trust page, in nine queries (two more with talks or orders, two with ratings), nothing
decided yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased, lazyload

from webapp.audit.models import AuditEvent
from webapp.codes.models import SuspensionGround, TrustCode
from webapp.commitments.queries import PublicCommitment
from webapp.commitments.queries import standing as standing_commitments
from webapp.core.db import db
from webapp.disclosure.models import OpenFigure, OpenSnapshot
from webapp.disclosure.opendata import TRADES
from webapp.feed.models import Change
from webapp.files.models import StoredFile
from webapp.honours.models import Honour
from webapp.honours.queries import public_of_shop as honours_of_shop
from webapp.inspections.models import Inspection
from webapp.inspections.queries import has_any as has_inspections
from webapp.inspections.queries import public_of_shop as inspections_of_shop
from webapp.licences.models import Licence, LicenceCopy, LicenceKind, LicenceRequirement
from webapp.licences.rules import LicenceState
from webapp.listings.models import Listing
from webapp.listings.queries import black_listed, gone_ids, public_of_shop
from webapp.mediation import serving
from webapp.mediation.models import MediationBody
from webapp.mediation.rules import MediatorKind
from webapp.merchants.models import Operator, Shop, ShopFigures, ShopPhoto
from webapp.oversight import queries as oversight
from webapp.oversight.models import Correction, Talk
from webapp.publiclog.queries import newest_of_shop, shop_history
from webapp.ratings.models import Rating
from webapp.ratings.queries import latest as latest_ratings
from webapp.regions.models import Industry, Region, Station
from webapp.regions.queries import path_names
from webapp.registry.models import RegistryRecord
from webapp.reminders.models import Reminder
from webapp.reminders.queries import for_shop
from webapp.stickers.models import Sticker
from webapp.stickers.reading import Paper

from .values import Policies, in_force

HISTORY = 20
RATINGS = 3
#: The ground of a code that was revoked for an entry of the black list: it is told no longer than the entry stands.
BLACK_LISTED = "black_listed"


@dataclass(frozen=True)
class Gathered:
    """The rows. `seq` is the newest change known before any of them was read.

    `helper` is the service station (消费维权服务站) that serves the shop, `online` the ODR enterprise.
    `log_number` is where the newest decision on the shop's code stands in the public log, counted from 1; `proofs`
    where each line of the history does, by the audit row's number. `year` and `trade` are the newest open figures of
    the shop (None without complaints) and of its trade in its district, counted up to `counted_on`.
    """

    seq: int
    shop: Shop
    operator: Operator
    record: RegistryRecord | None
    station: Station | None
    helper: MediationBody | None
    online: MediationBody | None
    industry: Industry | None
    figures: ShopFigures | None
    photo: StoredFile | None
    sticker: Sticker | None
    county: str
    street: str
    code: TrustCode | None
    grounds: list[SuspensionGround]
    required_names: dict[str, str]
    licences: list[tuple[LicenceKind, Licence]]
    pictures: dict[int, tuple[int, StoredFile]]
    commitments: list[PublicCommitment]
    listings: list[Listing]
    honours: list[Honour]
    reminders: list[Reminder]
    oversight: list[Talk | Correction]
    history: list[AuditEvent]
    proofs: dict[int, int]
    ratings: list[Rating]
    inspections: list[Inspection]
    policies: Policies
    log_number: int | None
    year: OpenFigure | None
    trade: OpenFigure | None
    counted_on: date | None


def gather(shop_id: int, paper: Paper | None, today: date) -> Gathered | None:
    """The shop's rows, with the sticker that `paper` is when one was scanned; None when there is no such shop."""
    row = _shop(shop_id, paper)
    if row is None:
        return None
    shop: Shop = row.Shop
    code, grounds = _code(shop_id)
    required, licences, pictures = _licences(shop)
    photo, county, street = row.StoredFile, row.county or "", row.street or ""
    history, proofs = _history(shop_id, today)
    policies = in_force(today)
    if shop.shown_as is not None:
        photo, county, street = _shown_before(shop)
    return Gathered(
        seq=row.seq,
        shop=shop,
        operator=row.Operator,
        record=row.RegistryRecord,
        station=row.Station,
        helper=row.helper,
        online=row.online,
        industry=row.Industry,
        figures=row.ShopFigures,
        photo=photo,
        sticker=row.Sticker,
        county=county,
        street=street,
        code=code,
        grounds=grounds,
        required_names=required,
        licences=licences,
        pictures=pictures,
        commitments=standing_commitments(shop_id),
        listings=public_of_shop(shop_id, today),
        honours=honours_of_shop(shop_id, today),
        reminders=for_shop(shop, today),
        oversight=oversight.public_of_shop(shop_id, today) if row.has_oversight else [],
        history=history,
        proofs=proofs,
        ratings=latest_ratings(shop_id, RATINGS) if row.ShopFigures and row.ShopFigures.ratings else [],
        policies=policies,
        inspections=inspections_of_shop(shop_id, today, policies.inspections_days)
        if row.has_inspections
        else [],
        year=row.year,
        trade=row.trade,
        counted_on=row.counted_on,
        log_number=None if row.log_position is None else row.log_position + 1,
    )


def _shown_before(shop: Shop) -> tuple[StoredFile | None, str, str]:
    """Photo, county and street of a shop whose code was revoked, as they stood then. A photo that is gone or hidden by
    now is not shown, nor is one that nobody has looked at.
    """
    _province, _city, county, street = (*path_names(shop.public_region), "", "", "", "")[:4]
    statement = (
        sa.select(StoredFile)
        .join(ShopPhoto, sa.and_(ShopPhoto.file_id == StoredFile.id, ShopPhoto.shop_id == shop.id))
        .where(
            StoredFile.id.in_((shop.shown_as or {}).get("photos", [])),
            StoredFile.erased_at.is_(None),
            ShopPhoto.hidden_at.is_(None),
        )
        .order_by(ShopPhoto.position, ShopPhoto.id)
        .limit(1)
    )
    return db.session.scalar(statement), county, street


def _history(shop_id: int, today: date) -> tuple[list[AuditEvent], dict[int, int]]:
    """The public history, and where its rows stand in the public log.

    A list entry that has ended leaves it too (信用修复: publication stops as a whole).
    """
    events, proofs = shop_history(shop_id, HISTORY)
    told = [event for event in events if event.subject_type == "listing" or event.reason_code == BLACK_LISTED]
    if not told:
        return events, proofs
    gone = gone_ids(shop_id, today)
    black = bool(black_listed([shop_id], today))
    standing = [
        event
        for event in events
        if (event.subject_type != "listing" or event.subject_id not in gone)
        and (black or event.reason_code != BLACK_LISTED)
    ]
    return standing, {event.id: proofs[event.id] for event in standing if event.id in proofs}


def _shop(shop_id: int, paper: Paper | None) -> sa.Row[tuple[object, ...]] | None:
    """The feed's head comes with the first query: what is read later can only be newer."""
    county, street = aliased(Region), aliased(Region)
    helper, online = aliased(MediationBody, name="helper"), aliased(MediationBody, name="online")
    year, trade = aliased(OpenFigure, name="year"), aliased(OpenFigure, name="trade")
    head = sa.select(sa.func.coalesce(sa.func.max(Change.seq), 0)).scalar_subquery()
    first_photo = (
        sa.select(ShopPhoto.file_id)
        .where(ShopPhoto.shop_id == Shop.id, ShopPhoto.hidden_at.is_(None))
        .order_by(ShopPhoto.position, ShopPhoto.id)
        .limit(1)
        .correlate(Shop)
        .scalar_subquery()
    )
    placed = newest_of_shop(Shop.id).correlate(Shop).scalar_subquery()
    scanned = (
        [sa.false()] if paper is None else [Sticker.serial == paper.serial, Sticker.token == paper.token]
    )
    statement = (
        sa.select(
            head.label("seq"),
            placed.label("log_position"),
            sa.select(sa.func.max(OpenSnapshot.day)).scalar_subquery().label("counted_on"),
            year,
            trade,
            oversight.has_any(Shop.id).label("has_oversight"),
            has_inspections(Shop.id).label("has_inspections"),
            Shop,
            Operator,
            RegistryRecord,
            Station,
            helper,
            online,
            Industry,
            ShopFigures,
            StoredFile,
            Sticker,
            county.name.label("county"),
            street.name.label("street"),
        )
        .join(Operator, Operator.id == Shop.operator_id)
        .outerjoin(RegistryRecord, RegistryRecord.uscc == Operator.uscc)
        .outerjoin(Station, Station.id == Shop.station_id)
        .outerjoin(helper, helper.id == serving.nearest(MediatorKind.STATION))
        .outerjoin(online, online.id == serving.nearest(MediatorKind.ODR))
        .outerjoin(year, sa.and_(year.kind == "shops", year.code == sa.cast(Shop.id, sa.String)))
        .outerjoin(
            trade,
            sa.and_(
                trade.kind == TRADES,
                trade.code == sa.func.substr(Shop.region_code, 1, 6) + ":" + Shop.industry_code,
            ),
        )
        .outerjoin(Industry, Industry.code == Shop.industry_code)
        .outerjoin(ShopFigures, ShopFigures.shop_id == Shop.id)
        .outerjoin(StoredFile, sa.and_(StoredFile.id == first_photo, StoredFile.erased_at.is_(None)))
        .outerjoin(Sticker, sa.and_(Sticker.shop_id == Shop.id, *scanned))
        .outerjoin(county, county.code == sa.func.substr(Shop.region_code, 1, 6))
        .outerjoin(street, sa.and_(street.code == Shop.region_code, sa.func.length(street.code) == 9))
        .where(Shop.id == shop_id)
    )
    return db.session.execute(statement).one_or_none()


def _code(shop_id: int) -> tuple[TrustCode | None, list[SuspensionGround]]:
    """The shop's newest code with the grounds that stand, oldest first."""
    newest = sa.select(sa.func.max(TrustCode.id)).where(TrustCode.shop_id == shop_id).scalar_subquery()
    statement = (
        sa.select(TrustCode, SuspensionGround)
        .outerjoin(
            SuspensionGround,
            sa.and_(SuspensionGround.trust_code_id == TrustCode.id, SuspensionGround.ended_at.is_(None)),
        )
        .where(TrustCode.id == newest)
        .options(lazyload(TrustCode.grounds))
        .order_by(SuspensionGround.id)
    )
    rows = db.session.execute(statement).all()
    return (rows[0].TrustCode if rows else None), [row[1] for row in rows if row[1] is not None]


def _licences(
    shop: Shop,
) -> tuple[dict[str, str], list[tuple[LicenceKind, Licence]], dict[int, tuple[int, StoredFile]]]:
    """The kinds that the industry needs (name by code), the verified licences that stand (ended ones too), and by
    licence the covered picture that may be shown of it: the copy's number and its file.
    """
    statement = (
        sa.select(
            LicenceKind, LicenceRequirement.required, Licence, LicenceCopy.id.label("copy_id"), StoredFile
        )
        .outerjoin(
            LicenceRequirement,
            sa.and_(
                LicenceRequirement.kind_code == LicenceKind.code,
                LicenceRequirement.industry_code == shop.industry_code,
            ),
        )
        .outerjoin(
            Licence,
            sa.and_(
                Licence.kind_code == LicenceKind.code,
                Licence.operator_id == shop.operator_id,
                sa.or_(Licence.shop_id == shop.id, Licence.shop_id.is_(None)),
                Licence.state == LicenceState.VERIFIED,
                Licence.replaced_at.is_(None),
            ),
        )
        .outerjoin(
            LicenceCopy, sa.and_(LicenceCopy.licence_id == Licence.id, LicenceCopy.withdrawn_at.is_(None))
        )
        .outerjoin(StoredFile, sa.and_(StoredFile.id == LicenceCopy.file_id, StoredFile.erased_at.is_(None)))
        .where(sa.or_(Licence.id.is_not(None), LicenceRequirement.required))
        .order_by(LicenceKind.position, Licence.id)
    )
    rows = db.session.execute(statement).all()
    required = {row.LicenceKind.code: row.LicenceKind.name for row in rows if row.required}
    pictures = {row.Licence.id: (row.copy_id, row.StoredFile) for row in rows if row.StoredFile is not None}
    return required, [(row.LicenceKind, row.Licence) for row in rows if row.Licence is not None], pictures
