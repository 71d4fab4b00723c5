"""Kept pages: what is given, to whom, and that nothing old stays."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from webapp.core import clock
from webapp.web.frontcache import FrontCache
from webapp.web.kept import CITY, KEEP, Keep, Page
from webapp.web.negotiation import accepts_gzip, best_form, is_robot, view_of

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
SHOP = 7


class Shop:
    """An application whose page says `text`; `during` runs while it renders."""

    def __init__(self) -> None:
        self.text, self.calls, self.seq = "v1", 0, 0
        self.status, self.headers = "200 OK", [("Content-Type", "text/html; charset=utf-8")]
        self.during: Callable[[], None] = lambda: None
        self.keep = True
        self.until = NOW + timedelta(days=1)
        self.name: str | None = None
        self.shop_id = SHOP

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert environ["REQUEST_METHOD"] == "GET", "what is kept must have a body"
        self.calls += 1
        text, seq = self.text, self.seq
        self.during()
        if self.keep:
            environ[KEEP] = Keep(self.shop_id, seq, self.until, (SHOP, 1), self.name)
        start_response(self.status, self.headers)
        return [text.encode()]


class Browser:
    def __init__(self, cache: FrontCache) -> None:
        self.cache = cache

    def __call__(self, path: str = "/c/AAA", method: str = "GET", query: str = "", **headers: str) -> Answer:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": query}
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        got: list[Any] = []
        chunks = self.cache(environ, lambda status, headers, _exc_info=None: got.extend((status, headers)))
        return Answer(got[0], dict(got[1]), b"".join(chunks))


class Answer:
    def __init__(self, status: str, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = int(status[:3]), headers, body


@pytest.fixture(autouse=True)
def _still() -> Iterable[None]:
    with clock.use(NOW):
        yield


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def cache(shop: Shop) -> FrontCache:
    return FrontCache(shop, lambda: True, limit=100)


@pytest.fixture
def ask(cache: FrontCache) -> Browser:
    return Browser(cache)


def test_the_second_request_does_not_reach_the_application(shop: Shop, ask: Browser) -> None:
    first, second = ask(), ask()
    assert (first.status, first.body) == (second.status, second.body) == (200, b"v1")
    assert first.headers == second.headers
    assert shop.calls == 1
    assert ask.cache.stats()["hits"] == 1
    assert ask.cache.stats()["misses"] == 1


def test_the_query_string_is_not_part_of_a_page(shop: Shop, ask: Browser) -> None:
    ask(query="from=singlemessage")
    assert ask(query="x=1").body == b"v1"
    assert shop.calls == 1


def test_a_change_of_the_shop_forgets_its_pages_and_no_others(shop: Shop, ask: Browser) -> None:
    ask()
    shop.text = "v2"
    ask.cache.changed(1, 8)
    assert ask().body == b"v1"
    ask.cache.changed(2, SHOP)
    shop.seq = 2
    assert ask().body == b"v2"
    assert ask().body == b"v2"
    assert shop.calls == 2


def test_any_change_forgets_the_citys_page_and_one_that_was_just_being_made(shop: Shop) -> None:
    city = Shop()
    city.shop_id = CITY
    ask = Browser(FrontCache(city, lambda: True, limit=3))
    assert ask("/").body == b"v1"
    assert ask("/", query="from=elsewhere").body == b"v1"
    assert city.calls == 1
    ask.cache.changed(1, SHOP)
    city.text, city.seq = "v2", 1
    assert ask("/").body == b"v2"
    city.during, city.text = (lambda: ask.cache.changed(2, 8)), "v3"
    ask.cache.changed(2, 0)  # what concerns no shop's page
    assert ask("/").body == b"v3"
    assert len(ask.cache) == 0
    old = Browser(FrontCache(city, lambda: False, limit=3))
    assert old("/").body == old("/").body == b"v3"
    assert city.calls == 5, "while the feed is not followed nothing of the city is given from memory"


def test_a_change_of_everything_forgets_all(shop: Shop, ask: Browser) -> None:
    ask()
    ask.cache.changed(1, None)
    assert len(ask.cache) == 0
    assert ask.cache.stats()["bytes"] == 0


@pytest.mark.parametrize("who", [SHOP, None])
def test_a_change_during_the_rendering_is_not_kept_out_of_date(
    shop: Shop, ask: Browser, who: int | None
) -> None:
    shop.during = lambda: ask.cache.changed(5, who)
    assert ask().body == b"v1"
    assert len(ask.cache) == 0
    shop.during, shop.text, shop.seq = lambda: None, "v2", 5
    assert ask().body == b"v2"
    assert len(ask.cache) == 1


def test_a_restored_database_may_count_lower(shop: Shop, ask: Browser) -> None:
    shop.seq = 900
    ask()
    ask.cache.changed(3, None)
    shop.text, shop.seq = "restored", 3
    assert ask().body == b"restored"
    assert ask().body == b"restored"
    assert shop.calls == 2


def test_nothing_is_given_while_the_feed_cannot_be_read(shop: Shop) -> None:
    fresh = [True]
    ask = Browser(FrontCache(shop, lambda: fresh[0], limit=9))
    ask()
    fresh[0], shop.text = False, "v2"
    assert ask().body == b"v2"
    assert shop.calls == 2


def test_a_page_expires(shop: Shop, ask: Browser) -> None:
    ask()
    with clock.use(NOW + timedelta(days=1)):
        ask()
    assert shop.calls == 2


def test_head_gives_the_headers_of_get_and_no_body(shop: Shop, ask: Browser) -> None:
    head = ask(method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == "2"
    assert ask().headers == head.headers
    assert shop.calls == 1


def test_head_is_no_scan(ask: Browser) -> None:
    ask(method="HEAD")
    ask()
    ask()
    assert ask.cache.take_scans() == {(SHOP, 1): 2}
    assert not ask.cache.take_scans()


@pytest.mark.parametrize("kept", [True, False])
def test_what_nobody_looks_at_is_no_scan(shop: Shop, ask: Browser, *, kept: bool) -> None:
    shop.headers = shop.headers if kept else [*shop.headers, ("Set-Cookie", "ydym=1")]
    robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    for headers in ({"user_agent": robot}, {"sec_purpose": "prefetch;prerender"}, {"purpose": "prefetch"}):
        assert ask(**headers).body == b"v1"
    assert not ask.cache.take_scans()
    ask(user_agent="Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) MicroMessenger/8.0.50")
    assert ask.cache.take_scans() == {(SHOP, 1): 1}


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        ("Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", True),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", True),
        ("Sogou web spider/4.0", True),
        ("Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)", True),
        ("facebookexternalhit/1.1 Facebot", True),
        ("Mozilla/5.0 (compatible; YandexBot/3.0)", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) MicroMessenger/8.0.49 NetType/4G", False),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT KINGKONG) AlipayClient/10.5.60", False),
        ("Mozilla/5.0 (Linux; Android 9; Abbottabad) Chrome/120", False),
        ("", False),
    ],
)
def test_honest_robots_are_known_by_name(agent: str, *, robot: bool) -> None:
    assert is_robot(agent) is robot


def test_no_scan_is_lost_between_threads(cache: FrontCache) -> None:
    ask, taken, stop = Browser(cache), [], threading.Event()
    ask()

    def sweep() -> None:
        while not stop.is_set():
            taken.append(cache.take_scans())

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ask(), range(2000)))
    stop.set()
    sweeper.join()
    taken.append(cache.take_scans())
    assert sum(scans[SHOP, 1] for scans in taken) == 2001


@pytest.mark.parametrize(
    ("header", "packed"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("gzip ; q=0", False),
        ("identity", False),
        ("br", False),
        ("", False),
        ("notgzip", False),
        ("*;q=0", False),
    ],
)
def test_gzip_is_given_to_whom_it_is_welcome(ask: Browser, header: str, *, packed: bool) -> None:
    assert accepts_gzip(header) is packed
    ask()
    answer = ask(accept_encoding=header) if header else ask()
    assert ("Content-Encoding" in answer.headers) is packed
    assert (gzip.decompress(answer.body) if packed else answer.body) == b"v1"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert answer.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language, Cookie"


def test_unchanged_pages_answer_304(shop: Shop, ask: Browser) -> None:
    etag = ask().headers["ETag"]
    bare = etag.removeprefix("W/")
    for wanted in (etag, bare, f'"other", {etag}', f'W/"x",{bare}', "*"):
        answer = ask(if_none_match=wanted)
        assert (answer.status, answer.body) == (304, b""), wanted
        assert answer.headers["ETag"] == etag
        assert "Content-Length" not in answer.headers
    assert ask(if_none_match='"other"').status == 200
    assert ask.cache.take_scans()[SHOP, 1] == 7


def test_an_answer_with_a_cookie_is_given_but_never_kept(shop: Shop, ask: Browser) -> None:
    shop.headers = [*shop.headers, ("Set-Cookie", "ydym=1")]
    assert ask().headers["Set-Cookie"] == "ydym=1"
    assert len(ask.cache) == 0
    ask(method="HEAD")
    assert ask.cache.take_scans() == {(SHOP, 1): 1}, "it was shown"


@pytest.mark.parametrize("status", ["404 NOT FOUND", "503 SERVICE UNAVAILABLE", "302 FOUND"])
def test_only_good_answers_are_kept(shop: Shop, ask: Browser, status: str) -> None:
    shop.status = status
    assert ask().status == int(status[:3])
    assert len(ask.cache) == 0


def test_what_the_view_does_not_offer_is_not_kept(shop: Shop, ask: Browser) -> None:
    shop.keep = False
    ask()
    ask()
    assert shop.calls == 2


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"path": "/shops"},
        {"accept": "application/json"},
        {"accept": "application/linkset+json, */*;q=0.1"},
        {"accept": "Application/JSON, */*;q=0.5"},
        {"accept": "text/html;q=0, */*"},
    ],
)
def test_other_requests_pass_by(request_: dict[str, str]) -> None:
    seen = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [])
        return [b"other"]

    ask = Browser(FrontCache(app, lambda: True, limit=9))
    ask(**request_)
    ask(**request_)
    assert len(seen) == 2
    assert ask.cache.stats() == {"hits": 0, "misses": 0, "entries": 0, "bytes": 0}


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/*", "TEXT/HTML", "image/png", "text/html, application/json"]
)
def test_whoever_is_answered_with_the_page_is_counted(shop: Shop, ask: Browser, accept: str) -> None:
    assert best_form(accept) == "text/html"
    ask(accept=accept)
    ask(accept=accept)
    assert shop.calls == 1
    assert ask.cache.take_scans() == {(SHOP, 1): 2}


@pytest.mark.parametrize(
    ("cookie", "view"),
    [
        ("", ""),
        ("ydym=abc", ""),
        ("ydym_view=elder", "elder"),
        ("a=1; ydym_theme=dark; ydym_view=elder", "elder.dark"),
        ("ydym_view=standard; ydym_theme=auto", ""),
        ('ydym_view="elder"', ""),
        ("ydym_view=elderx; ydym_theme=<b>", ""),
        ("xydym_view=elder", ""),
    ],
)
def test_views_are_few(cookie: str, view: str) -> None:
    assert view_of({"HTTP_COOKIE": cookie} if cookie else {}) == view


def test_each_view_is_a_page_of_its_own(shop: Shop, ask: Browser) -> None:
    ask()
    shop.text = "large"
    assert ask(cookie="ydym_view=elder").body == b"large"
    assert ask().body == b"v1"


def test_memory_is_bounded_by_entries_and_what_is_asked_for_stays(shop: Shop) -> None:
    cache = FrontCache(shop, lambda: True, limit=3)
    ask = Browser(cache)
    for name in "abc":
        ask(f"/c/{name}")
    ask("/c/a")
    ask("/c/d")
    assert len(cache) == 3
    calls = shop.calls
    ask("/c/a")
    assert shop.calls == calls, "the page that was asked for again was thrown away"
    ask("/c/b")
    assert shop.calls == calls + 1


def test_memory_is_bounded_by_bytes(shop: Shop) -> None:
    cache = FrontCache(shop, lambda: True, limit=1000, max_bytes=30_000)
    ask = Browser(cache)
    for number in range(50):
        ask(f"/c/{number}")
        assert cache.stats()["bytes"] <= 30_000
    assert 5 < len(cache) < 20
    cache.changed(9, SHOP)
    assert cache.stats()["bytes"] == 0
    assert not cache._by_shop


def test_a_body_unpacked_later_counts_and_pushes_others_out(shop: Shop) -> None:
    text = b"x" * 100_000
    cache = FrontCache(shop, lambda: True, limit=1000, max_bytes=250_000)
    cache.supply(
        lambda _path, _view: Page(gzip.compress(text), [], shop_id=SHOP, seq=0, until=1e12, etag="e")
    )
    ask = Browser(cache)
    for number in range(10):
        ask(f"/c/{number}", accept_encoding="gzip")
    assert len(cache) == 10
    small = cache.stats()["bytes"]
    assert ask("/c/0").body == ask("/c/0").body == text
    assert cache.stats()["bytes"] == small + 100_000, "counted once"
    for number in range(10):
        ask(f"/c/{number}")
        assert cache.stats()["bytes"] <= 250_000
    assert len(cache) <= 3
    cache.changed(1, None)
    assert cache.stats()["bytes"] == 0


def test_a_page_dropped_while_it_is_unpacked_leaves_no_bytes_behind(shop: Shop) -> None:
    cache = FrontCache(shop, lambda: True, limit=9)

    class Slow(Page):
        def unpack(self) -> bytes:
            cache.changed(5, None)
            return super().unpack()

    cache.supply(
        lambda _path, _view: Slow(gzip.compress(b"x" * 9000), [], shop_id=SHOP, seq=0, until=1e12, etag="e")
    )
    assert Browser(cache)().body == b"x" * 9000
    assert cache.stats()["bytes"] == 0


def test_a_supplier_that_fails_leaves_the_answer_to_the_application(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OSError("ring.json")

    ask, _asked = supplied(shop, broken)
    assert ask().body == b"v1"
    assert "supplier" in caplog.text


def supplied(shop: Shop, found: Any) -> tuple[Browser, list[tuple[str, str]]]:
    asked: list[tuple[str, str]] = []
    cache = FrontCache(shop, lambda: True, limit=9)

    def supplier(path: str, view: str) -> Any:
        asked.append((path, view))
        return found() if callable(found) else found

    cache.supply(supplier)
    return Browser(cache), asked


def stored(seq: int = 4) -> Page:
    return Page(
        gzip.compress(b"stored"), [("Content-Type", "text/html")], shop_id=SHOP, seq=seq,
        until=(NOW + timedelta(days=1)).timestamp(), scan=(SHOP, 2), etag="e",
    )  # fmt: skip


def test_the_supplier_is_asked_before_the_application_and_once(shop: Shop) -> None:
    ask, asked = supplied(shop, stored)
    assert ask("/s/7", cookie="ydym_view=elder").body == b"stored"
    assert ask("/s/7", cookie="ydym_view=elder").body == b"stored"
    assert asked == [("/s/7", "elder")]
    assert shop.calls == 0
    assert ask.cache.take_scans() == {(SHOP, 2): 2}


def test_a_supplied_page_that_a_change_overtook_is_not_kept(shop: Shop) -> None:
    ask, asked = supplied(shop, lambda: (ask.cache.changed(9, SHOP), stored(4))[1])
    ask()
    assert len(ask.cache) == 0
    assert len(asked) == 1


def test_a_named_answer_serves_every_address_of_that_name(shop: Shop) -> None:
    shop.name, shop.status = "refused:form", "404 NOT FOUND"
    ask, asked = supplied(shop, "refused:form")
    assert ask("/c/x").status == ask("/c/y").status == ask("/c/z").status == 404
    assert shop.calls == 1
    assert len(asked) == 3
    assert len(ask.cache) == 1


def test_a_named_answer_hangs_on_no_feed(shop: Shop) -> None:
    shop.name = "refused:form"
    cache = FrontCache(shop, lambda: False, limit=9)
    cache.supply(lambda _path, _view: "refused:form")
    environ_keep = Keep(0, 0, shop.until, None, "refused:form")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        shop.calls += 1
        environ[KEEP] = environ_keep
        start_response("404 NOT FOUND", [("Content-Type", "text/html")])
        return [b"no"]

    cache._app = app
    ask = Browser(cache)
    ask("/c/x")
    ask("/c/y")
    assert shop.calls == 1


def test_following_begins_with_the_first_page_and_once(shop: Shop) -> None:
    begun = []
    cache = FrontCache(shop, lambda: True, 9, lambda: begun.append(1))
    assert begun == []
    ask = Browser(cache)
    ask()
    ask("/c/other")
    assert begun == [1]


def test_threads_at_once_begin_once_and_do_not_wait_for_it(shop: Shop) -> None:
    begun: list[int] = []
    going, answered = threading.Event(), threading.Event()

    def begin() -> None:
        begun.append(1)
        going.set()
        assert answered.wait(10)

    cache = FrontCache(shop, lambda: True, 9, begin)
    first = threading.Thread(target=Browser(cache))
    first.start()
    assert going.wait(10)
    assert Browser(cache)("/c/other").status == 200
    answered.set()
    first.join(10)
    assert begun == [1]


def test_a_beginning_that_failed_is_tried_again(shop: Shop) -> None:
    begun: list[int] = []

    def begin() -> None:
        begun.append(1)
        if len(begun) == 1:
            raise RuntimeError("can't start new thread")

    ask = Browser(FrontCache(shop, lambda: True, 9, begin))
    with pytest.raises(RuntimeError):
        ask()
    ask()
    ask("/c/other")
    assert begun == [1, 1]


def test_an_error_of_the_application_comes_through_and_closes_its_answer() -> None:
    class Broken:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            raise OSError("gone")

        def close(self) -> None:
            Broken.closed = True

    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Broken:
        start_response("200 OK", [])
        return Broken()

    with pytest.raises(OSError, match="gone"):
        Browser(FrontCache(app, lambda: True, 9))()
    assert Broken.closed
