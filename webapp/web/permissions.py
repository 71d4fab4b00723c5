"""Who may do what: the policy, readable as one table. A route names a permission; a permission names roles."""

from __future__ import annotations

from webapp.core.actor import Role

STATION, BUREAU, DEPARTMENT, ADMIN = (
    Role.STATION_OFFICER,
    Role.BUREAU_OFFICER,
    Role.DEPARTMENT_OFFICER,
    Role.ADMINISTRATOR,
)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "office.home": frozenset({STATION, BUREAU, DEPARTMENT, ADMIN}),
    "application.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "application.review": frozenset({STATION, BUREAU}),
    "application.note": frozenset({STATION, BUREAU, DEPARTMENT}),
    "shop.read": frozenset({STATION, BUREAU, DEPARTMENT, ADMIN}),
    "file.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "change.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "change.review": frozenset({STATION, BUREAU}),
    "photo.hide": frozenset({STATION, BUREAU}),
    "code.suspend": frozenset({STATION, BUREAU}),
    "code.restore": frozenset({BUREAU}),
    "code.revoke": frozenset({BUREAU}),
    "sticker.print": frozenset({STATION, BUREAU}),
    "copy.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "copy.handle": frozenset({STATION, BUREAU}),
    "reprint.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "reprint.handle": frozenset({STATION, BUREAU}),
    "complaint.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "complaint.handle": frozenset({STATION, BUREAU}),
    "tip.read": frozenset({STATION, BUREAU}),
    "tip.handle": frozenset({STATION, BUREAU}),
    "tip.extend": frozenset({BUREAU}),
    "target.read": frozenset({STATION, BUREAU}),
    "mediation.manage": frozenset({BUREAU}),
    "disclosure.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "disclosure.edit": frozenset({STATION, BUREAU}),
    "disclosure.publish": frozenset({BUREAU}),
    "rating.read": frozenset({STATION, BUREAU}),
    "listing.read": frozenset({STATION, BUREAU, DEPARTMENT}),
    "listing.propose": frozenset({STATION, BUREAU}),
    "listing.confirm": frozenset({BUREAU}),
    "hotspot.read": frozenset({BUREAU}),
    "reminder.read": frozenset({STATION, BUREAU}),
    "reminder.draft": frozenset({STATION, BUREAU}),
    "reminder.publish": frozenset({BUREAU}),
    "campaign.manage": frozenset({BUREAU}),
    "registry.read": frozenset({STATION, BUREAU}),
    "registry.import": frozenset({BUREAU}),
    "audit.read": frozenset({BUREAU, ADMIN}),
    "sight.read": frozenset({ADMIN}),  # not who handles cases: it is they who are looked after
    "holiday.read": frozenset({STATION, BUREAU, DEPARTMENT, ADMIN}),
    "holiday.manage": frozenset({ADMIN}),
    "account.manage": frozenset({ADMIN}),
    "mall.read": frozenset({BUREAU, ADMIN}),
    "mall.manage": frozenset({BUREAU}),
    "policy.manage": frozenset({ADMIN}),
    "key.manage": frozenset({ADMIN}),
    "outbox.read": frozenset({ADMIN}),
}
