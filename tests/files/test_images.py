"""Uploads as attackers and phones send them."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from tests.factories.files import picture
from webapp.core.errors import Invalid
from webapp.files import images, pdf, rules

GPS = 0x8825


def opened(encoded: images.Encoded, width: int | None = None) -> Image.Image:
    return Image.open(io.BytesIO(encoded.sizes[width][1]))


def code_of(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        images.encode_upload(data)
    return caught.value.code


def png(width: int, height: int, body: bytes) -> bytes:
    """A PNG that claims a size; `body` is its compressed pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def document(pages: int, *, size: tuple[float, float] = A4, password: str | None = None) -> bytes:
    out = io.BytesIO()
    drawing = canvas.Canvas(out, pagesize=size, encrypt=password)
    for number in range(pages):
        drawing.setFillColorRGB(0, 0, 0)
        drawing.rect(0, 0, size[0], size[1] / 10, fill=1)
        drawing.drawString(100, 700, f"page {number}")
        drawing.showPage()
    drawing.save()
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_photos_come_out_as_jpeg_with_smaller_copies(form: str) -> None:
    encoded = images.encode_upload(picture(form, (3000, 1500)))
    assert (encoded.width, encoded.height) == (2560, 1280)
    assert opened(encoded).format == "JPEG"
    assert [opened(encoded, width).size for width in rules.WIDTHS] == [
        (w, w // 2) for w in (160, 320, 640, 960)
    ]
    assert {opened(encoded, width).format for width in rules.WIDTHS} == {"WEBP"}


def test_a_small_photo_is_not_blown_up() -> None:
    encoded = images.encode_upload(picture(size=(120, 60)))
    assert {opened(encoded, width).size for width in (None, *rules.WIDTHS)} == {(120, 60)}


def test_where_a_photo_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Secret Phone"
    exif.get_ifd(GPS)[2] = (38.0, 52.0, 0.0)
    data = picture(size=(800, 600), exif=exif.tobytes(), comment=b"my note")
    assert GPS in Image.open(io.BytesIO(data)).getexif()
    encoded = images.encode_upload(data)
    assert (encoded.width, encoded.height) == (600, 800)
    for width in (None, *rules.WIDTHS):
        image = opened(encoded, width)
        assert not image.getexif()
        assert not image.info.keys() & {"exif", "comment", "icc_profile", "xmp"}
        corner = image.convert("RGB").getpixel((image.width - 10, 10))
        assert max(corner) < 60, "the dark corner of a photo turned right is at the top right"
        assert b"Secret" not in encoded.sizes[width][1]


def test_colours_that_were_see_through_are_laid_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(images.encode_upload(out.getvalue())).getpixel((20, 20)) == (255, 255, 255)
    out = io.BytesIO()
    Image.new("P", (40, 40)).save(out, "PNG", transparency=0)
    assert opened(images.encode_upload(out.getvalue())).getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_pixels_is_taken(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(images.encode_upload(out.getvalue())).mode == "RGB"


def test_an_animation_keeps_its_first_frame() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    red, _green, blue = opened(images.encode_upload(out.getvalue())).getpixel((30, 20))
    assert (red > 200, blue < 60) == (True, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"BM" + bytes(60),
        b"PK\x03\x04" + bytes(60),
        b"MZ" + bytes(60),
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"\x00\x00\x00\x18ftypheic" + bytes(60),
        b" \xff\xd8\xff\xe0",
        b"\n%PDF-1.7",
    ],
)
def test_what_is_no_photo_is_refused_by_its_content(data: bytes) -> None:
    assert code_of(data) == "file_kind"


def test_a_photo_that_is_also_a_page_comes_out_as_a_photo_only() -> None:
    script = b"<script>alert(document.cookie)</script>"
    for data in (picture() + script, picture("PNG") + script, picture("JPEG", comment=script)):
        assert script in data
        encoded = images.encode_upload(data)
        assert all(script not in content for _kind, content in encoded.sizes.values())


def test_a_small_file_that_would_become_a_huge_image_is_not_decoded() -> None:
    bomb = png(20_000, 20_000, zlib.compress(bytes(20_000 * 3 * 500), 9))
    assert len(bomb) < 60_000
    assert code_of(bomb) == "file_pixels"
    assert code_of(png(65_000, 65_000, b"")) == "file_pixels"
    assert code_of(png(39_000, 10, b"")) == "file_pixels"


def test_pixels_in_plenty_behind_a_small_header_cost_nothing() -> None:
    data = png(10, 10, zlib.compress(bytes(30_000_000), 9))
    assert opened(images.encode_upload(data)).size == (10, 10)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_photo_that_was_cut_off_is_broken(form: str, share: float) -> None:
    noise = Image.effect_noise((400, 300), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, form)
    whole = out.getvalue()
    assert code_of(whole[: max(20, int(len(whole) * share))]) == "file_broken"


def test_a_text_that_unpacks_without_end_is_broken() -> None:
    packed = zlib.compress(bytes(80_000_000), 9)
    chunk = b"zTXt" + b"k\x00\x00" + packed
    whole = picture("PNG")
    at = whole.index(b"IDAT") - 4
    bomb = (
        whole[:at]
        + struct.pack(">I", len(chunk) - 4)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + whole[at:]
    )
    assert code_of(bomb) == "file_broken"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.binary(min_size=1, max_size=40), st.floats(0, 1))
def test_damaged_photos_are_an_answer_never_a_crash(form: str, damage: bytes, where: float) -> None:
    data = bytearray(picture(form, (64, 48)))
    at = int(where * len(data))
    data[at : at + len(damage)] = damage
    answer: str | None = ""
    try:
        answer = opened(images.encode_upload(bytes(data))).format
    except Invalid as error:
        answer = error.code
    assert answer in {"JPEG", "file_kind", "file_broken", "file_pixels"}


def test_a_pdf_becomes_the_picture_of_its_first_three_pages() -> None:
    one, four = (images.encode_upload(document(pages)) for pages in (1, 4))
    assert one.width == four.width
    assert 3 * one.height < four.height < 3.1 * one.height
    assert max(opened(four).getpixel((four.width // 2, one.height - 20))) < 40  # the black foot of page one
    assert opened(four).format == "JPEG"


def test_a_huge_pdf_page_is_drawn_small() -> None:
    encoded = images.encode_upload(document(1, size=(14_000, 7_000)))
    assert max(encoded.width, encoded.height) <= rules.MAX_SIDE + 1


def test_a_pdf_with_a_password_says_so() -> None:
    assert code_of(document(1, password="secret")) == "file_locked"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(4000), document(1)[:200]])
def test_a_broken_pdf_is_broken(data: bytes) -> None:
    assert code_of(data) == "file_broken"


def test_a_pdf_that_takes_too_long_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 0.0)
    assert code_of(document(1)) == "file_broken"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (None, None),
        (0, None),
        (-5, None),
        (1, 160),
        (160, 160),
        (161, 320),
        (640, 640),
        (641, 960),
        (961, None),
    ],
)
def test_the_copy_that_is_wide_enough_is_given(asked: int | None, given: int | None) -> None:
    assert rules.variant_width(asked) == given


@pytest.mark.parametrize(
    ("shown", "stored", "offered"),
    [
        (72, 2560, (160, 320)),
        (112, 2560, (160, 320, 640)),
        (200, None, (320, 640)),
        (640, 2560, (640, 960)),
        (2000, 2560, (960,)),
        (200, 300, (320,)),
        (72, 160, (160,)),
    ],
)
def test_a_place_is_offered_the_widths_that_screens_need(
    shown: int, stored: int | None, offered: tuple[int, ...]
) -> None:
    assert rules.widths_for(shown, stored) == offered


@pytest.mark.parametrize("form", list(rules.Form))
def test_a_copy_made_later_is_like_the_one_made_at_once(form: rules.Form) -> None:
    whole = images.encode_upload(picture(size=(2400, 1200))).sizes[None][1]
    for width in (*rules.WIDTHS, 3000):
        image = Image.open(io.BytesIO(images.smaller_copy(whole, width, form)))
        assert image.size == (min(width, 2400), min(width, 2400) // 2)
        assert Image.MIME[str(image.format)] == form.media_type
