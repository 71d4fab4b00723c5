"""Readers of QR symbols that others made, behind one call: a picture in, the texts found out.

zxing-cpp   what many Android apps are built on
OpenCV      both of its ways of finding a symbol, each on the picture as it is and drawn twice as large: what an app
            that is built on it tries before it gives up
OpenCV new  `QRCodeDetectorAruco` once, on the picture as it is
OpenCV old  `QRCodeDetector` once: it is easily led astray by what is printed around a symbol
WeChat      the engine of the app that most people here scan with, with its own models, under Node
ZBar        what many Linux and iOS apps are built on

with readers() as engines:
    engines["WeChat"](picture)   # uint8, height × width, 0 is black -> {"https://…"}
"""

from __future__ import annotations

import contextlib
import json
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

Picture = NDArray[np.uint8]
Reader = Callable[[Picture], set[str]]
#: Those that the goals name; OpenCV's ways are also measured one at a time.
NAMES = ("zxing-cpp", "OpenCV", "WeChat", "ZBar")
NEW, OLD = "OpenCV new", "OpenCV old"
_SCRIPT = Path(__file__).with_name("wechat.js")


class ReaderError(Exception):
    """A reader is not there, or died."""


class WeChat:
    """The engine in a Node process of its own; `close` ends it."""

    def __init__(self) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", "node", str(_SCRIPT)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        if self._line() != b"ready\n":
            raise ReaderError("the engine did not start")

    def __call__(self, picture: Picture) -> set[str]:
        """What it reads. Raises ReaderError if it died."""
        assert self._process.stdin
        height, width = picture.shape
        try:
            self._process.stdin.write(struct.pack("<II", width, height) + picture.tobytes())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ReaderError(self._last_words()) from None
        return set(json.loads(self._line() or "null") or [])

    def close(self) -> None:
        """End the process and wait for it."""
        self._process.communicate(timeout=30)

    def _line(self) -> bytes:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise ReaderError(self._last_words())
        return line

    def _last_words(self) -> str:
        assert self._process.stderr
        return self._process.stderr.read().decode("utf-8", "replace")[-500:]


@contextlib.contextmanager
def readers() -> Iterator[dict[str, Reader]]:
    """All of them, ready. Raises ReaderError if WeChat's does not start."""
    wechat = WeChat()
    try:
        yield {
            "zxing-cpp": zxing,
            "OpenCV": opencv,
            "WeChat": wechat,
            "ZBar": zbar,
            NEW: opencv_new,
            OLD: opencv_old,
        }
    finally:
        wechat.close()


def zxing(picture: Picture) -> set[str]:
    """zxing-cpp with its own defaults, for QR symbols only."""
    return {found.text for found in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)}


def opencv(picture: Picture) -> set[str]:
    """What OpenCV reads when it is asked as an app asks it: the first of four ways that finds something."""
    for way in (opencv_new, opencv_old):
        if found := way(picture):
            return found
    large = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return opencv_new(large) or opencv_old(large)


def opencv_new(picture: Picture) -> set[str]:
    """OpenCV's newer detector."""
    return _opencv(cv2.QRCodeDetectorAruco(), picture)


def opencv_old(picture: Picture) -> set[str]:
    """OpenCV's older detector."""
    return _opencv(cv2.QRCodeDetector(), picture)


def _opencv(detector: Any, picture: Picture) -> set[str]:
    """It throws where it finds corners that cannot be those of a symbol: then it has read nothing."""
    try:
        return {text for text in [detector.detectAndDecode(picture)[0]] if text}
    except cv2.error:
        return set()


def zbar(picture: Picture) -> set[str]:
    """ZBar, for QR symbols only."""
    found = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
    return {code.data.decode("utf-8", "replace") for code in found}
