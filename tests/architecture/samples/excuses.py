"""Addresses for which the walk's usual expectation does not hold, each with its reason."""

from __future__ import annotations

#: Things that belong to one person and not to an operator or region: everybody else finds nothing there.
PERSONAL: dict[str, str] = {
    "accounts.end_session": "a browser that the owner signed in",
    "notices_merchant.open_notice": "a notice to the owner",
    "notices_office.open_notice": "a notice to the owner",
    "merchants.answer": "an invitation to the owner's phone",
    "consumers_mine.unlink": "a way into one's own account",
}


#: Endpoints that only a post of the whole city opens, and why.
CITY_WIDE: dict[str, str] = {
    "registry_office.upload": "one row of a register file revokes codes in any county",
    "registry_office.confirm": "the second officer answers for the same file",
    "registry_office.drop": "the second officer answers for the same file",
    "registry_pull.ask": "a pull brings records of every county",
    "registry_pull.answer_for": "one row of a pull revokes codes in any county",
    "malls.set_industry_time": "an industry's time holds in every county",
    "holidays.new": "one calendar is for every county",
    "holidays.preview": "one calendar is for every county",
    "holidays.enter": "one calendar is for every county",
    "holidays.ask_withdraw": "one calendar is for every county",
    "holidays.withdraw": "one calendar is for every county",
    "signing.index": "the keys sign the stickers of every county",
    "signing.propose": "the keys sign the stickers of every county",
    "signing.decide": "the keys sign the stickers of every county",
    "signing.withdraw": "the keys sign the stickers of every county",
}


#: Signed-in addresses that name a thing without a place, each with its reason. Everything else says `on=`.
UNSCOPED: dict[str, str] = {
    "registry_office.run": "an import of the register is of the whole city",
    "registry_pull.rows": "an import of the register is of the whole city",
    "styleguide.one": "one component with made-up data; it shows nothing of anybody",
    "applications_merchant.claim": "the operator of a credit code that nobody has claimed yet",
}


#: Answers that look like a refusal and are none, each with its reason.
ADMITTED: dict[str, tuple[set[int], str]] = {
    "publiclog.checkpoint": ({404}, "the log has not begun"),
    "publiclog.witnessed": ({404}, "nobody has cosigned"),
    "disclosure.open_file": ({404}, "open to all; there is no file before the first night"),
    "ratings_open.rows": ({404}, "open to all; there is no file before the first night"),
    "ratings_open.scores": ({404}, "open to all; there is no file before the first night"),
    "files.show": ({404}, "the view decides by the file's owner; tests/files walk that"),
    "files.public": ({404}, "only photos of published shops are public; tests/files walk that"),
    "complaints.photo": ({404}, "a photo that was just uploaded opens by its signed token alone"),
    "printing_office.preview": ({409}, "nothing is chosen here that could be shown"),
    "printing_merchant.preview": ({409}, "nothing is chosen here that could be shown"),
    "printing_merchant.new": ({404}, "a merchant without an operator has nothing to print"),
    "printing_merchant.order": ({404}, "a merchant without an operator has nothing to print"),
    "stickers.status_index": ({404}, "nothing is published before there is a key to sign with"),
    "listings_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "oversight_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "honours_office.create": ({404}, "the shop is named in the form, which is empty here"),
    "consumers_mine.drop": ({404}, "the shop is named in the form, which is empty here"),
    "ops.readyz": ({503}, "no worker follows the change feed in tests"),
    "notices.outbox": ({404}, "the local outbox exists on developers' machines only"),
}
