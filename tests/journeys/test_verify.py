"""The check page in a real browser: camera, picture and text, with and without a network, with and without script."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import sqlite3
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from qrservice.matrix import symbol
from qrservice.statuslist import StatusList, StickerStatus
from tests.support.browser import CHROMIUM, FLAGS, Problems
from tests.support.live import Live

OFFLINE = "ERR_INTERNET_DISCONNECTED|Failed to load resource"


def address(live: Live, token: str) -> str:
    return f"http://{live.host}/c/{token}"


@pytest.fixture(scope="module")
def token(live: Live, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The token of a valid sticker of a shop that is vouched for."""
    out = tmp_path_factory.mktemp("tokens") / "tokens.txt"
    live.flask("codes", "sample", "--count", "40", "--out", str(out))
    for token in out.read_text("ascii").split():
        with contextlib.suppress(RuntimeError):  # it ends with 2 for a sticker that is not valid now
            live.flask("codes", "verify", address(live, token))
            return token
    raise AssertionError("no shop is vouched for")


def forged(token: str) -> str:
    """The token with another letter in the middle of its signature."""
    return token[:60] + ("A" if token[60] != "A" else "B") + token[61:]


def drawn(live: Live, token: str, *, pixels: int = 8, margin: int = 60) -> Image.Image:
    """The symbol of a sticker on paper, as a camera sees it from near."""
    matrix = symbol(token, live.host, "http")
    picture = Image.new("L", (matrix.size + 8, matrix.size + 8), 255)
    for y in range(matrix.size):
        for x in range(matrix.size):
            if matrix[y, x]:
                picture.putpixel((x + 4, y + 4), 20)
    picture = picture.resize((picture.width * pixels, picture.height * pixels), Image.Resampling.NEAREST)
    paper = Image.new("L", (picture.width + 2 * margin, picture.height + 2 * margin), 225)
    paper.paste(picture, (margin, margin))
    return paper


def png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def open_ready(page: Page, path: str = "/verify") -> None:
    """The page, its keys and lists read."""
    page.goto(path)
    page.wait_for_selector("#verify[data-ready=yes]")


def ask(page: Page, text: str) -> None:
    """Paste a text and press the button."""
    page.get_by_label("扫码得到的网址或文字").fill(text)
    page.get_by_role("search", name="用网址查").get_by_role("button", name="查验").click()


def said(page: Page, words: str) -> None:
    """The answer, in the place that a screen reader hears."""
    region = page.locator("#verify-result")
    expect(region).to_contain_text(words)
    assert region.get_attribute("aria-live") == "polite"


def choose(page: Page, data: bytes, name: str = "sticker.png") -> None:
    page.get_by_label("码贴的照片").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


# --- text and picture, answered in the page ---------------------------------------------------------------------------


def test_text_is_answered_without_asking_the_server(page: Page, live: Live, token: str) -> None:
    open_ready(page)
    page.wait_for_selector("#verify[data-kept=yes]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ask(page, f"我扫到了：{address(live, token)}，是真的吗？")
    said(page, "这张码贴是真的")
    expect(page.locator("#verify-result .seal-trusted")).to_be_visible()
    check = live.flask("codes", "verify", token)
    group = re.search(r"check group: (.{9})", check)
    assert group
    said(page, group[1])
    ask(page, address(live, forged(token)))
    said(page, "签名对不上")
    expect(page.locator("#verify-result .seal-foreign")).to_be_visible()
    ask(page, address(live, token.lower()))
    said(page, "编码的写法和我们印出去的不一样")
    ask(page, f"https://fx.example.com/c/{token}")
    said(page, "不是本平台的码贴网址")
    ask(page, "  ")
    said(page, "请粘贴扫码得到的网址")
    assert not [url for url in asked if "/verify" in url]
    ask(page, address(live, token))
    page.get_by_role("link", name="看店名和地址").click()
    expect(page.locator("#verify-result")).to_contain_text("发放记录")
    expect(page.locator("#verify-result")).to_contain_text("店名")


def test_picture_is_answered_in_the_page(page: Page, live: Live, token: str) -> None:
    open_ready(page)
    choose(page, png(drawn(live, token)))
    said(page, "这张码贴是真的")
    choose(page, png(drawn(live, token, pixels=4).rotate(17, expand=True, fillcolor=225)))
    said(page, "这张码贴是真的")
    choose(page, png(drawn(live, forged(token))))
    said(page, "签名对不上")
    choose(page, b"this is no picture")
    said(page, "这张照片打不开")


def test_by_keyboard_in_the_large_view(page: Page, live: Live, token: str, axe: Callable[..., None]) -> None:
    page.goto("/view?view=elder&next=/verify")
    page.wait_for_selector("#verify[data-ready=yes]")
    assert page.locator("html.elder").count() == 1
    page.locator(
        "summary", has_text="用网址查"
    ).focus()  # the rarer ways wait behind 「更多」 in the large view
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("扫码得到的网址或文字")).to_be_focused()
    page.keyboard.insert_text(address(live, token))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said(page, "这张码贴是真的")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# --- without a network ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("crypto", ["webcrypto", "pure"])
def test_works_with_the_network_cut(
    page: Page, live: Live, token: str, problems: Problems, crypto: str
) -> None:
    problems.allow(OFFLINE)
    if crypto == "pure":  # a browser whose WebCrypto knows no Ed25519
        page.add_init_script("SubtleCrypto.prototype.importKey = () => Promise.reject(new Error('unknown'));")
    open_ready(page)
    page.wait_for_selector("#verify[data-kept=yes]")
    expect(page.locator("[data-ready]").last).to_contain_text("断网也能查")
    page.context.set_offline(True)
    open_ready(page)  # from what was kept
    ask(page, address(live, token))
    said(page, "这张码贴是真的")
    choose(page, png(drawn(live, forged(token))))
    said(page, "签名对不上")
    page.goto(f"/verify?code={token}")
    said(page, "这张码贴是真的")
    page.goto("/verify?number=000123-01&check=x")
    said(page, "按贴号和核对码查要连上网")
    page.context.set_offline(False)


def test_a_stale_list_says_that_it_cannot_say(page: Page, live: Live, token: str, problems: Problems) -> None:
    problems.allow(OFFLINE)
    open_ready(page)
    page.wait_for_selector("#verify[data-kept=yes]")
    page.context.set_offline(True)
    page.clock.install()
    page.clock.fast_forward("25:00:00")
    open_ready(page)
    ask(page, address(live, token))
    said(page, "现在说不准")
    said(page, "名单已经过期")
    expect(page.locator("#verify-result .seal-trusted")).to_have_count(0)
    expect(page.locator("[data-ready]").last).to_be_hidden()
    ask(page, address(live, forged(token)))
    said(page, "签名对不上")
    page.context.set_offline(False)
    ask(page, address(live, token))  # with a network the server looks into the books
    expect(page.locator("#verify-result")).to_contain_text("发放记录")


# --- replaced, suspended ----------------------------------------------------------------------------------------------


def test_replaced_and_suspended(page: Page, live: Live, tmp_path: Path) -> None:
    """The states of the demo city, as the books have them and as the page sees them."""
    open_ready(page)
    for state, words, seal in (
        (StickerStatus.REPLACED, "已经换新", "replaced"),
        (StickerStatus.SUSPENDED, "暂停使用", "suspended"),
        (StickerStatus.INVALID, "已经失效", "delisted"),
    ):
        ask(page, a_sticker(live, state))
        said(page, words)
        expect(page.locator(f"#verify-result .seal-{seal}")).to_be_visible()


def a_sticker(live: Live, status: StickerStatus) -> str:
    """The address of a sticker that the published list gives this status."""
    with urllib.request.urlopen(f"{live.url}/.well-known/ydym-status/0") as answer:
        body = answer.read().split(b".")[1]
    listed = StatusList(json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4))))
    shop, serial = next(
        (shop, serial)
        for shop, statuses in enumerate(listed.by_shop())
        for serial, found in enumerate(statuses, 1)
        if found is status
    )
    with contextlib.closing(sqlite3.connect(live.data_dir / "ydym.sqlite")) as books:
        query = "SELECT token FROM sticker WHERE shop_id = ? AND serial = ?"
        return address(live, books.execute(query, (shop, serial)).fetchone()[0])


# --- camera -----------------------------------------------------------------------------------------------------------


def film(path: Path, picture: Image.Image) -> None:
    """A film for Chromium's fake camera (YUV4MPEG2, 4:2:0): nothing to see at first, then the sticker."""
    width, height = 640, 480
    frame = Image.new("L", (width, height), 128)
    seen = frame.copy()
    picture.thumbnail((440, 440), Image.Resampling.LANCZOS)
    seen.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    grey = bytes([128]) * (width * height // 2)
    with path.open("wb") as stream:
        stream.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(40):
            stream.write(b"FRAME\n" + (frame if number < 8 else seen).tobytes() + grey)


@pytest.fixture
def with_camera(
    browser: Browser, live: Live, tmp_path: Path, problems: Problems
) -> Iterator[Callable[[str], Page]]:
    """``with_camera(token)``: a phone whose camera sees that sticker."""
    browsers: list[Browser] = []

    def start(token: str) -> Page:
        path = tmp_path / "camera.y4m"
        film(path, drawn(live, token))
        flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        flags.append(f"--use-file-for-fake-video-capture={path}")
        own = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=FLAGS + flags)
        browsers.append(own)
        context: BrowserContext = own.new_context(
            base_url=live.url, viewport={"width": 390, "height": 844}, permissions=["camera"], locale="zh-CN"
        )
        context.set_default_timeout(20_000)
        problems.watch(context)
        return context.new_page()

    yield start
    for own in browsers:
        own.close()


@pytest.mark.parametrize("network", ["online", "offline"])
def test_camera(
    with_camera: Callable[[str], Page], live: Live, token: str, problems: Problems, network: str
) -> None:
    problems.allow(OFFLINE)
    page = with_camera(token)
    open_ready(page)
    page.wait_for_selector("#verify[data-kept=yes]")
    if network == "offline":
        page.context.set_offline(True)
        open_ready(page)
    page.get_by_role("button", name="打开摄像头").click()
    said(page, "这张码贴是真的")
    expect(page.locator("[data-frame]")).to_be_hidden()
    expect(page.get_by_role("button", name="打开摄像头")).to_be_focused()
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_camera_sees_a_forged_sticker(with_camera: Callable[[str], Page], live: Live, token: str) -> None:
    page = with_camera(forged(token))
    open_ready(page)
    page.get_by_role("button", name="打开摄像头").click()
    said(page, "签名对不上")


def test_no_camera(page: Page) -> None:
    """A browser with a camera interface and no camera, or a visitor who says no."""
    open_ready(page)
    page.get_by_role("button", name="打开摄像头").click()
    said(page, "摄像头打不开")
    expect(page.get_by_role("button", name="打开摄像头")).to_be_focused()


# --- without script ---------------------------------------------------------------------------------------------------


def test_without_script(quiet: Page, live: Live, token: str, problems: Problems) -> None:
    problems.allow("status of 422")
    quiet.goto("/verify")
    expect(quiet.get_by_role("button", name="打开摄像头")).to_have_count(0)
    for text, words in ((token, "这张码贴是真的"), (forged(token), "签名对不上")):
        quiet.goto("/verify")
        choose(quiet, png(drawn(live, text)))
        quiet.locator("form[data-picture]").get_by_role("button", name="查验").click()
        expect(quiet.locator("#verify-result")).to_contain_text(words)
    quiet.goto("/verify")
    choose(quiet, png(Image.new("L", (300, 300), 200)))
    quiet.locator("form[data-picture]").get_by_role("button", name="查验").click()
    expect(quiet.locator("main")).to_contain_text("没有认出二维码")
    quiet.goto("/verify")
    choose(quiet, b"no picture at all")
    quiet.locator("form[data-picture]").get_by_role("button", name="查验").click()
    expect(quiet.locator("main")).to_contain_text("不是照片")
    quiet.goto("/verify")
    ask(quiet, address(live, token))
    expect(quiet.locator("#verify-result")).to_contain_text("发放记录")


def test_the_server_away_is_said_once(
    visitor: Callable[..., Page], live: Live, token: str, problems: Problems
) -> None:
    """With its server away the kept page comes for every address: it must not ask for itself again and again."""
    problems.allow("status of 503")
    problems.allow("Service Worker registration blocked")
    page = visitor(service_workers="block")
    asked: list[str] = []
    with urllib.request.urlopen(f"{live.url}/verify") as answer:
        kept = answer.read()

    def stand_in(route: Route) -> None:  # for the service worker, which gives what was kept
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="text/html; charset=utf-8", body=kept)

    page.context.route("**/.well-known/**", lambda route: route.fulfill(status=503))
    page.context.route("**/verify?code=*", stand_in)
    page.goto(f"/verify?code={token}")
    page.wait_for_selector("#verify[data-ready=yes]")
    said(page, "现在说不准")
    said(page, "还没有本平台的签发公钥")
    assert len(asked) == 1
    ask(page, address(live, token))  # a person may ask again, once each time
    page.wait_for_url("**/verify?code=http*")
    said(page, "现在说不准")
    assert len(asked) == 2
