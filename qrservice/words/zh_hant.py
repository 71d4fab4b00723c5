"""Traditional Chinese."""

from __future__ import annotations

from typing import Final

from qrservice.words.catalogue import Words

WORDS: Final = Words(
    language="zh-Hant",
    upright=True,
    city_joint="",
    title="放心消費誠信碼",
    couplet_first="亮照亮證亮承諾",
    couplet_second="能評能訴能放心",
    vehicle_title="放心乘車誠信碼",
    vehicle_first="亮證亮碼亮車號",
    vehicle_second="能評能訴能放心",
    note="微信、支付寶或手機相機掃碼 · 狀態以掃碼所見為準",
    receipt_question="這次消費滿意嗎？",
    receipt_answer="掃碼評價，不滿意可投訴",
    receipt_promise="商家限時答覆，進度隨時可查",
    nearby_label="就近求助：",
    phone_label="電話",
    serial_label="貼號",
    check_label="核對碼",
    hotline_label="投訴舉報",
)
