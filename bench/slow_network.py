"""Public pages on a slow phone network: ``python -m bench.slow_network http://127.0.0.1:8000 /s/1 / /verify``.

Chromium, 390 × 844, throttled to the developer tools' "Slow 3G" (400 kbit/s each way, 400 ms more latency), with an
empty cache. Prints for each page the median of three: first contentful paint, end of loading, bytes that came, and the
cumulative layout shift (web.dev: below 0.1 is good). Then the same page opened a second time.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.support.browser import CHROMIUM, FLAGS

SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
RUNS = 3
WATCH = """window.shifted = 0; new PerformanceObserver(list => { for (const one of list.getEntries()) {
    if (!one.hadRecentInput) { window.shifted += one.value; } } }).observe({type: "layout-shift", buffered: true});"""
READ = """() => { const load = performance.getEntriesByType("navigation")[0];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return [paint ? paint.startTime : 0, load.loadEventEnd, window.shifted]; }"""


@dataclass
class Seen:
    """Milliseconds, milliseconds, bytes, layout shift."""

    paint: float
    done: float
    size: float
    shift: float


def look(context: BrowserContext, address: str) -> Seen:
    """Open the page once."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(300)
    paint, done, shift = page.evaluate(READ)
    page.close()
    return Seen(paint, done, sum(sizes), shift)


def measured(browser: Browser, address: str) -> tuple[Seen, Seen]:
    """Medians of the first and of the second visit."""
    first, second = [], []
    for _ in range(RUNS):
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, is_mobile=True, locale="zh-CN", service_workers="block"
        )
        first.append(look(context, address))
        second.append(look(context, address))
        context.close()

    def middle(all_of: list[Seen]) -> Seen:
        return Seen(
            *(statistics.median(getattr(one, name) for one in all_of) for name in Seen.__annotations__)
        )

    return middle(first), middle(second)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin")
    parser.add_argument("paths", nargs="+")
    asked = parser.parse_args()
    print("| page | first paint | complete | bytes | layout shift | second visit: paint | bytes |")
    print("|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for path in asked.paths:
            one, two = measured(browser, asked.origin + path)
            print(
                f"| `{path}` | {one.paint / 1000:.1f} s | {one.done / 1000:.1f} s | {one.size:,.0f} | {one.shift:.3f} "
                f"| {two.paint / 1000:.1f} s | {two.size:,.0f} |"
            )
        browser.close()


if __name__ == "__main__":
    main()
