"""A made-up month of scans in a city of shops, some of whose stickers were copied, for trying the copy alarms.

The alarms are the product's own (`webapp.copies.rules`): here are only the people, their phones and the officers, who
judge an alarm the day after it was raised. What is assumed of people stands in :class:`Assumptions`, on the unkind
side wherever nobody has measured it. Everything follows from a seed; times are hours since the first day's midnight.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from webapp.copies import rules
from webapp.copies.geography import METRES_PER_DEGREE, Point, cell_of
from webapp.copies.rules import AlarmKind, Limits, Paper, Report, Sighting
from webapp.core.policy import DEFAULTS
from webapp.demo.places import streets
from webapp.stickers.rules import StickerPlace

#: Midnight in China of the first day.
START = datetime(2026, 8, 30, 16, tzinfo=UTC)
FIRST_DAY = date(2026, 8, 31)
#: Days before the month that is judged: the usual number of scans has to be known, evidence to lie about.
WARM_DAYS = 28
#: By how many metres the shift between the reference systems differs within the city, to each side.
SHIFT_DIFFERS = 50
#: Share of a day's scans by hour, 0 to 23: a town that eats at noon and in the evening.
HOURS = (
    np.array([1, 0, 0, 0, 0, 1, 4, 10, 14, 20, 40, 90, 100, 50, 30, 30, 40, 80, 110, 95, 60, 35, 15, 5]) / 830
)


@dataclass(frozen=True)
class Assumptions:
    """Everything that is assumed of people and phones. Rates are per scan unless they say otherwise."""

    shops: int = 1000
    days: int = 30
    copies: int = 20
    #: Scans a day of a sticker: lognormal, so that a few shops have a hundred times the scans of others.
    scans_median: float = 25.0
    scans_spread: float = 1.0
    #: Scans a day at the door where a copy hangs, the same kind of shops.
    copy_scans_median: float = 25.0
    #: Who opens 「我在这家店吗？」 and consents: at the right shop, and at another whose name does not fit the page's.
    consents: float = 0.01
    copy_consents: float = 0.05
    #: Who reports at a copy to the end, and by mistake at the right shop.
    copy_reports: float = 0.03
    mistaken_reports: float = 0.00006
    #: Shops whose sign says another name than the register, and who reports there although the form offers better.
    odd_signs: float = 0.03
    odd_sign_reports: float = 0.001
    #: Of those who report, who does so again on a later day with cookies refused.
    repeats: float = 0.05
    #: Registered positions that are wrong, by how many metres (lognormal median).
    misplaced: float = 0.015
    misplaced_metres: float = 800.0
    #: Phones, and shops' positions, that are given in the shifted reference system.
    shifted_phones: float = 0.25
    shifted_shops: float = 0.10
    #: Pages opened elsewhere: at home from a photo or the history, a day and shop; who consents, reports there.
    home_opens: float = 0.3
    home_consents: float = 0.01
    home_reports: float = 0.001
    #: Sent to a chat group, a day and shop, and how many open it within a day (lognormal).
    shares: float = 0.01
    share_opens: float = 12.0
    #: The week of a festival, and a day with a fair or a lottery before the door: so many times the scans (lognormal).
    festival_days: tuple[int, ...] = (10, 11, 12, 13, 14, 15, 16)
    festival_times: float = 3.0
    fairs: float = 0.05
    fair_times: float = 6.0
    #: Papers replaced in the month, those left hanging for good, scans a day of old photos of one.
    replaced: float = 0.15
    left_hanging: float = 0.10
    photo_opens: float = 0.05
    #: Replaced papers of which a copy goes on hanging elsewhere (beside `copies`).
    copied_old: int = 5
    #: Hours until an officer has judged an alarm; whether its cause (a wrong position, an odd sign) is put right.
    officer_hours: float = 30.0
    corrected: float = 0.7


def limits() -> Limits:
    """The policy values as they are delivered."""
    with DEFAULTS.open(encoding="utf-8", newline="") as stream:
        values = {row["key"]: int(row["value"]) for row in csv.DictReader(stream)}
    return Limits(**{key.removeprefix("copy."): values[key] for key in rules.POLICIES})


@dataclass(frozen=True)
class Raised:
    """An alarm: when, in hours, of which kind, of a copied sticker's copy or of an honest one."""

    hour: float
    kind: AlarmKind
    copied: bool


@dataclass
class Copy:
    """A copied sticker: since when it hangs elsewhere, when it was scanned with consent, when the first alarm came."""

    since: float
    scans_a_day: float
    metres: float
    consents: list[float] = field(default_factory=list)
    found: float | None = None
    by: AlarmKind | None = None

    def fifth(self) -> float | None:
        """When the fifth scan with consent was made at the copy."""
        return self.consents[4] if len(self.consents) > 4 else None


@dataclass
class Outcome:
    """What a month brought. `old`: copied papers whose serial had been replaced; `left`: old papers left hanging."""

    shop_days: int
    copies: list[Copy] = field(default_factory=list)
    old: list[Copy] = field(default_factory=list)
    false: list[Raised] = field(default_factory=list)
    left: int = 0
    left_found: int = 0
    scans: int = 0
    kept: int = 0
    reports: int = 0


@dataclass(frozen=True)
class Event:
    """A report (no position) or a consented scan at `hour`; `phone` is who. `by_sign`: misled by the shop's sign."""

    hour: float
    phone: int
    position: Point | None = None
    by_sign: bool = False


class City:
    """Draws the month of one seed."""

    def __init__(self, assumed: Assumptions, seed: int, policy: Limits | None = None) -> None:
        self.assumed, self.limits = assumed, policy or limits()
        self._seed = (20_261_122, seed)
        self.source = np.random.default_rng(self._seed)
        self.datum = self.limits.datum
        self.all_days = WARM_DAYS + assumed.days
        self._phones = 0

    def run(self) -> Outcome:
        """The month."""
        assumed = self.assumed
        outcome = Outcome(assumed.shops * assumed.days)
        copied = set(self.source.choice(assumed.shops, assumed.copies, replace=False).tolist())
        old = set(self.source.choice(assumed.shops, assumed.copied_old, replace=False).tolist())
        for number in range(assumed.shops):
            # A stream of its own for each shop: what the rules decide at one changes nothing at the next.
            self.source = np.random.default_rng([*self._seed, number])
            Sticker(self, outcome).live(copied=number in copied)
            if number in old or self.chance(assumed.replaced):
                self._replaced(outcome, copied=number in old)
        return outcome

    # --- papers that were replaced --------------------------------------------------------------------------------

    def _replaced(self, outcome: Outcome, *, copied: bool) -> None:
        """A paper replaced some day of the month; its page is still opened now and then."""
        assumed, ended = self.assumed, int(self.source.integers(WARM_DAYS, self.all_days - 10))
        hanging = copied or self.chance(assumed.left_hanging)
        rate = self.lognormal(assumed.scans_median, assumed.scans_spread) * (0.5 if not copied else 1.0)
        days: dict[date, int] = {}
        for day in range(ended, self.all_days):
            count = int(self.source.poisson(assumed.photo_opens + (rate if hanging else 0.0)))
            # Taken down within two days, as a rule; until then it is scanned as before.
            count += int(self.source.poisson(rate)) if not hanging and day <= ended + 1 else 0
            if count:
                days[FIRST_DAY + timedelta(days=day)] = count
        found = self._first_late_day(days, ended)
        if copied:
            copy = Copy(float(ended * 24), rate, 0.0)
            copy.found, copy.by = (None, None) if found is None else (found * 24.0, AlarmKind.STILL_SCANNED)
            outcome.old.append(copy)
        elif hanging:
            outcome.left += 1
            outcome.left_found += found is not None
        elif found is not None:
            outcome.false.append(Raised(found * 24.0, AlarmKind.STILL_SCANNED, copied=False))

    def _first_late_day(self, days: dict[date, int], ended: int) -> int | None:
        replaced_on = FIRST_DAY + timedelta(days=ended)
        for day in range(ended, self.all_days):
            today = FIRST_DAY + timedelta(days=day)
            until = {one: count for one, count in days.items() if one <= today}
            if rules.still_scanned(until, replaced_on, StickerPlace.DOOR, today, self.limits) is not None:
                return day
        return None

    # --- chance ---------------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.source.random() < probability)

    def lognormal(self, median: float, spread: float) -> float:
        """A lognormal number."""
        return float(median * math.exp(self.source.normal(0, spread)))

    def phone(self) -> int:
        """A phone that nobody had before."""
        self._phones += 1
        return self._phones

    def moved(self, point: Point, distance: float) -> Point:
        """The point, so many metres away in any direction."""
        angle = self.source.random() * math.tau
        return shifted(point, distance * math.sin(angle), distance * math.cos(angle))

    def place(self) -> Point:
        """Where a shop is: within a street, more of them where more shops are."""
        known = streets()
        street = known[int(self.source.integers(len(known)))]
        return self.moved(
            Point(street.latitude, street.longitude), street.radius_m * math.sqrt(self.source.random())
        )

    def fix(self, true: Point) -> Point | None:
        """What a phone at `true` says, as the product would keep it; None when it is too rough to be kept."""
        kind = self.source.random()
        if kind < 0.80:  # satellites
            error, accuracy = abs(self.source.normal(0, 12)), 25.0
        elif kind < 0.95:  # indoors, by wireless networks
            error, accuracy = abs(self.source.normal(0, 60)), float(self.source.uniform(40, 160))
        elif kind < 0.997:  # by the mobile network; some say that it is better than it is
            error = abs(self.source.normal(0, 700))
            accuracy = float(self.source.uniform(60, 150)) if self.chance(0.15) else 900.0
        else:  # the last place that the phone remembers, although the page asks for a fresh one
            error, accuracy = float(self.source.exponential(5000)), 30.0
        if accuracy > self.limits.accuracy_most_metres:
            return None
        seen = self.moved(true, error)
        return self.in_shifted_system(seen) if self.chance(self.assumed.shifted_phones) else seen

    def in_shifted_system(self, point: Point) -> Point:
        """The point as GCJ-02 gives it, which differs within the city."""
        north, east = self.source.uniform(-SHIFT_DIFFERS, SHIFT_DIFFERS, 2).tolist()
        return shifted(point, self.datum.north + north, self.datum.east + east)


def shifted(point: Point, north: float, east: float) -> Point:
    """The point, so many metres to the north and to the east."""
    along = METRES_PER_DEGREE * math.cos(math.radians(point.latitude))
    return Point(point.latitude + north / METRES_PER_DEGREE, point.longitude + east / along)


class Sticker:
    """One door sticker through the month: its scans, what its visitors give, and the alarms as they come."""

    def __init__(self, city: City, outcome: Outcome) -> None:
        self.city, self.outcome, self.assumed = city, outcome, city.assumed
        self.true = city.place()
        self.rate = city.lognormal(self.assumed.scans_median, self.assumed.scans_spread)
        self.odd_sign = city.chance(self.assumed.odd_signs)
        registered = self.true
        if city.chance(self.assumed.misplaced):
            registered = city.moved(registered, city.lognormal(self.assumed.misplaced_metres, 0.8))
        if city.chance(self.assumed.shifted_shops):
            registered = city.in_shifted_system(registered)
        self.paper = Paper(StickerPlace.DOOR, registered)
        self._officers = np.random.default_rng(int(city.source.integers(2**32)))
        self.copy: Copy | None = None
        self._copy_at = self.true

    def live(self, *, copied: bool) -> None:
        """Draw the month and let the rules look at it."""
        hours = self._hours(self.rate)
        events = [*self._at_the_shop(hours), *self._elsewhere()]
        if copied:
            more, at_the_copy = self._copied()
            hours, events = hours + more, [*events, *at_the_copy]
        self.outcome.scans += int(hours[WARM_DAYS:].sum())
        self._judge(sorted(events, key=lambda event: event.hour), hours.sum(axis=1))
        self._watch(hours)

    # --- the scans ------------------------------------------------------------------------------------------------

    def _hours(self, rate: float) -> np.ndarray:
        """Scans by day and hour."""
        assumed, source = self.assumed, self.city.source
        days = np.ones(self.city.all_days)
        days[[day for day in range(self.city.all_days) if day % 7 in {5, 6}]] *= 1.4
        days[[WARM_DAYS + day for day in assumed.festival_days if day < assumed.days]] *= (
            assumed.festival_times
        )
        if self.city.chance(assumed.fairs):
            days[WARM_DAYS + int(source.integers(assumed.days))] *= self.city.lognormal(
                assumed.fair_times, 0.8
            )
        return source.poisson(rate * days[:, None] * HOURS[None, :])

    def _at(self, hours: np.ndarray, probability: float) -> Iterator[float]:
        """Moments of those scans that something rare happens at."""
        chosen = self.city.source.binomial(hours, min(probability, 1.0))
        for day, hour in np.argwhere(chosen):
            for _ in range(chosen[day, hour]):
                yield float(day * 24 + hour + self.city.source.random())

    def _at_the_shop(self, hours: np.ndarray) -> Iterator[Event]:
        city, assumed = self.city, self.assumed
        for moment in self._at(hours, assumed.consents):
            yield Event(moment, city.phone(), city.fix(self.true) or _UNKNOWN)
        for moment in self._at(hours, assumed.mistaken_reports):
            yield from self._reported(moment)
        for moment in self._at(hours, assumed.odd_sign_reports if self.odd_sign else 0.0):
            yield from self._reported(moment, by_sign=True)

    def _reported(self, moment: float, *, by_sign: bool = False) -> Iterator[Event]:
        phone = self.city.phone()
        yield Event(moment, phone, by_sign=by_sign)
        if self.city.chance(self.assumed.repeats):
            yield Event(moment + float(self.city.source.uniform(18, 72)), phone, by_sign=by_sign)

    def _elsewhere(self) -> Iterator[Event]:
        """Photos looked at at home, old pages, links in a chat group."""
        city, assumed = self.city, self.assumed
        days = city.all_days
        opened = [
            float(city.source.random() * days * 24)
            for _ in range(city.source.poisson(assumed.home_opens * days))
        ]
        for _ in range(city.source.poisson(assumed.shares * days)):
            sent = float(city.source.random() * days * 24)
            many = min(int(city.lognormal(assumed.share_opens, 1.0)), 2000)
            opened += (sent + city.source.exponential(3.0, many)).tolist()
        for moment in opened:
            if city.chance(assumed.home_consents):
                far = city.source.exponential(400_000 if city.chance(0.1) else 4000)
                yield Event(moment, city.phone(), city.fix(city.moved(self.true, float(far))) or _UNKNOWN)
            if city.chance(assumed.home_reports):
                yield from self._reported(moment)

    def _copied(self) -> tuple[np.ndarray, list[Event]]:
        """The copy at another door: at most of them somewhere in the city, at some just down the road."""
        city, assumed = self.city, self.assumed
        since = float((WARM_DAYS + city.source.random() * (assumed.days - 10)) * 24)
        where = city.source.random()
        low, high = ((300, 600), (600, 2000), (2000, 15_000), (15_000, 80_000))[
            int(np.searchsorted([0.05, 0.25, 0.7], where))
        ]
        distance = float(city.source.uniform(low, high))
        self._copy_at = city.moved(self.true, distance)
        self.copy = Copy(since, city.lognormal(assumed.copy_scans_median, assumed.scans_spread), distance)
        hours = self._hours(self.copy.scans_a_day)
        moments = np.arange(hours.size).reshape(hours.shape)
        hours = np.where(moments >= math.ceil(since), hours, 0)
        events = []
        for moment in self._at(hours, assumed.copy_consents):
            self.copy.consents.append(moment)
            events.append(Event(moment, city.phone(), city.fix(self._copy_at) or _UNKNOWN))
        for moment in self._at(hours, assumed.copy_reports):
            events += self._reported(moment)
        self.copy.consents.sort()
        self.outcome.copies.append(self.copy)
        return hours, events

    # --- what the product does with them ---------------------------------------------------------------------------

    def _judge(self, events: list[Event], scans: np.ndarray) -> None:
        """Each event is weighed when it comes, as `webapp.copies.operations` does; officers judge a day later."""
        reports: list[Report] = []
        sightings: list[Sighting] = []
        standing: dict[AlarmKind, float] = {}
        spent: dict[AlarmKind, datetime] = {}
        for event in events:
            if event.position is _UNKNOWN or event.hour >= self.city.all_days * 24:
                continue
            if event.by_sign and not self.odd_sign:
                continue
            self._decide(standing, spent, event.hour)
            now = moment_of(event.hour)
            self._write_down(event, now, reports, sightings)
            today = int(event.hour // 24)
            recent = int(scans[max(0, today - self.city.limits.report_days + 1) : today + 1].sum())
            for kind in rules.weigh(self.paper, reports, sightings, recent, spent, now, self.city.limits):
                if kind not in standing:
                    standing[kind] = event.hour
                    self._raise(kind, event.hour)

    def _write_down(
        self, event: Event, now: datetime, reports: list[Report], sightings: list[Sighting]
    ) -> None:
        """As it is kept: to the minute, with a mark that the phone has on this day only, with the cell."""
        oldest = now - self.city.limits.look_back
        reports[:] = [one for one in reports if one.at > oldest]
        sightings[:] = [one for one in sightings if one.at > oldest]
        at, day = now.replace(second=0, microsecond=0), FIRST_DAY + timedelta(days=int(event.hour // 24))
        if event.position is None:
            reports.append(Report(at, day, f"{event.phone}"))
            self.outcome.reports += 1
        else:
            cell = cell_of(event.position, self.city.limits.cell_size)
            sightings.append(Sighting(at, day, f"{event.phone}", cell))
            self.outcome.kept += 1

    def _decide(
        self, standing: dict[AlarmKind, float], spent: dict[AlarmKind, datetime], hour: float
    ) -> None:
        """The officers close an honest sticker's alarms; a wrong position is mostly put right."""
        if self.copy is not None:
            return
        for kind, raised in list(standing.items()):
            decided = raised + self.assumed.officer_hours
            if decided <= hour:
                del standing[kind]
                spent[kind] = moment_of(decided)
                if self._officers.random() < self.assumed.corrected:
                    self._correct(kind)

    def _correct(self, kind: AlarmKind) -> None:
        """What the officer's look was good for: the shop's page now says where it is, or what stands on its sign."""
        if kind is AlarmKind.WRONG_SHOP:
            self.odd_sign = False
        else:
            self.paper = replace(self.paper, shop=self.true)

    def _watch(self, hours: np.ndarray) -> None:
        """The hours with many scans."""
        limits = self.city.limits
        busy = np.argwhere(hours[WARM_DAYS:] >= limits.rate_scans_least)
        if not len(busy):
            return
        days = [FIRST_DAY + timedelta(days=day) for day in range(self.city.all_days)]
        known = {(days[day], int(hour)): int(hours[day, hour]) for day, hour in np.argwhere(hours)}
        last = -math.inf
        for burst in rules.scan_rate(known, days[WARM_DAYS], limits):
            at = (burst.day - FIRST_DAY).days * 24.0 + burst.hour
            if at > last + self.assumed.officer_hours:
                last = at
                self._raise(AlarmKind.SCAN_RATE, at)

    def _raise(self, kind: AlarmKind, hour: float) -> None:
        if self.copy is not None:
            if hour >= self.copy.since and (self.copy.found is None or hour < self.copy.found):
                self.copy.found, self.copy.by = hour, kind
        elif hour >= WARM_DAYS * 24:
            self.outcome.false.append(Raised(hour, kind, copied=False))


#: A scan with consent whose position is not kept.
_UNKNOWN = Point(math.nan, math.nan)


def moment_of(hour: float) -> datetime:
    """The instant, so many hours after the beginning."""
    return START + timedelta(hours=hour)
