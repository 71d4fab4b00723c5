"""The ordered list of features: the one file that a new feature edits.

Order is who may build on whom: shared services, then merchants, then sibling features, then composers.
"""

from __future__ import annotations

FEATURES = (
    # shared services
    "feed",
    "audit",
    "jobs",
    "scans",
    "regions",
    "files",
    "notices",
    "accounts",
    "holidays",
    "clocks",
    "letters",
    "openapi",
    # what everything is about
    "merchants",
    "signing",
    # sibling features: they meet only through signals
    "registry",
    "licences",
    "commitments",
    "applications",
    "codes",
    "stickers",
    "complaints",
    "tips",
    "ratings",
    "listings",
    "reminders",
    "changes",
    "inspections",
    "publiclog",
    "finding",
    # on top of stickers: the files of many, copies of one, papers to be printed anew
    "printing",
    # on top of complaints: who mediates, the form that opens one, what the public is told
    "mediation",
    "claims",
    "joint",
    "filing",
    "disclosure",
    "honours",
    "targets",
    "campaigns",
    "copies",
    "oversight",
    "reprints",
    # composers: own no tables, put the others together
    "shopfront",
    "directory",
    "favourites",
    "consumers",  # owns tables: who chose to sign in, and what they keep together
    "atlas",
    "traffic",
    "offline",
    "styleguide",
    "demo",
    "ops",
)
