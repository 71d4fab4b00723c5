"""Journeys: a real server with two workers, a real Chromium, and a guard that lets nothing pass in silence.

``live``      the server (see tests.support.live.Live): ``live.url``, ``live.flask("codes", "sample", …)``
``page``      a phone, 390 × 844; ``desk`` a computer, 1440 × 900; ``quiet`` a phone with JavaScript switched off
``visitor``   ``visitor(width=…, height=…, java_script=…)``: another person with cookies of their own
``problems``  script errors, console errors, policy violations and requests to other hosts: any fails the test at its
              end, unless allowed beforehand: ``problems.allow("status of 404")``
``axe``       ``axe(page)`` fails on any violation
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import Problems, axe_violations
from tests.support.live import Live, live_server
from webapp.consumers import simulator

PHONE = (390, 844)
DESK = (1440, 900)
#: Milliseconds that a page may take until it is as expected: a busy machine is no fault of the page.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys have more time than other tests."""
    for item in items:
        if "tests/journeys/" in item.nodeid:
            item.add_marker("journey")
            if item.get_closest_marker("timeout") is None:  # the first one of a worker also makes its city
                item.add_marker(pytest.mark.timeout(400))


@pytest.fixture(scope="session")
def wechat() -> Iterator[str]:
    """The address of a simulated WeChat, to which consumers may be led."""
    with simulator.serve(simulator.Simulator()) as address:
        yield address


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, wechat: str) -> Iterator[Live]:
    """The server of this worker's journeys. Journeys share it: each makes or chooses its own merchant and shop."""
    settings = {
        "YDYM_WECHAT_APP_ID": simulator.APP_ID,
        "YDYM_WECHAT_APP_SECRET": simulator.APP_SECRET,
        "YDYM_WECHAT_AUTHORIZE_URL": wechat + simulator.AUTHORIZE,
        "YDYM_WECHAT_TOKEN_URL": wechat + simulator.TOKEN,
    }
    with live_server(tmp_path_factory.mktemp("live") / "data", **settings) as server:
        yield server


@pytest.fixture
def problems(live: Live, wechat: str) -> Iterator[Problems]:
    """The guard of this test."""
    guard = Problems(live.url, (wechat,))
    yield guard
    left = guard.left()
    if left:
        pytest.fail("the pages of this test had problems:\n" + "\n".join(left), pytrace=False)


@pytest.fixture
def visitor(browser: Browser, live: Live, problems: Problems) -> Iterator[Callable[..., Page]]:
    """Open a page for another person: own cookies, given size."""
    contexts: list[BrowserContext] = []

    def open_page(
        width: int = PHONE[0], height: int = PHONE[1], *, java_script: bool = True, **options: object
    ) -> Page:
        phone = width < 600
        context = browser.new_context(
            base_url=live.url,
            viewport={"width": width, "height": height},
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
            java_script_enabled=java_script,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        problems.watch(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(visitor: Callable[..., Page]) -> Page:
    """A phone."""
    return visitor()


@pytest.fixture
def desk(visitor: Callable[..., Page]) -> Page:
    """A computer."""
    return visitor(*DESK)


@pytest.fixture
def quiet(visitor: Callable[..., Page]) -> Page:
    """A phone whose browser runs no JavaScript."""
    return visitor(java_script=False)


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fail on any accessibility violation of the page as it is now."""

    def look(page: Page, *, within: str = "", without: tuple[str, ...] = ()) -> None:
        found = axe_violations(page, within=within, without=without)
        assert not found, f"accessibility of {page.url}:\n" + "\n".join(found)

    return look
