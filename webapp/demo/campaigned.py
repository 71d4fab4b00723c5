"""A campaign on the demo city's front page, by two officers, with a picture of three storefronts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageOps

from webapp.campaigns import operations
from webapp.campaigns.operations import Draft
from webapp.demo import words
from webapp.demo.city import make_shop
from webapp.demo.pictures.storefront import storefront
from webapp.files import operations as files
from webapp.files.models import FilePurpose

from .people_writer import People

WIDTH, HEIGHT, FRONTS = 1280, 480, 3
DAYS = 30


def run_campaign(people: People, seed: int, today: date, now: datetime) -> None:
    """Propose and approve one that runs from yesterday for a month."""
    phrases = words.phrases()
    file = files.store_image(_street(seed, today), FilePurpose.EVIDENCE, now)
    file.uploaded_by_id = people.bureau.account_id
    draft = Draft(
        title=phrases["campaign"],
        title_en=phrases["campaign_en"],
        link="/shops?trusted=1",
        region_code="1306",
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=DAYS),
        file_id=file.id,
    )
    made = operations.propose(draft, people.bureau, now - timedelta(hours=2))
    operations.decide(made.id, "approve", "", people.second, now - timedelta(hours=1), made.version)


def _street(seed: int, today: date) -> Image.Image:
    """Three fronts of the city side by side."""
    street = Image.new("RGB", (WIDTH, HEIGHT))
    wide = -(-WIDTH // FRONTS)
    for number in range(FRONTS):
        with Image.open(BytesIO(storefront(seed, make_shop(seed, number, today)))) as front:
            street.paste(ImageOps.fit(front.convert("RGB"), (wide, HEIGHT)), (number * wide, 0))
    return street
