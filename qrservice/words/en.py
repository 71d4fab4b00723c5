"""English."""

from __future__ import annotations

from typing import Final

from qrservice.words.catalogue import Words

WORDS: Final = Words(
    language="en",
    upright=False,
    city_joint=" · ",
    title="Shop with Confidence",
    couplet_first="Open about its licences",
    couplet_second="Open to your complaints",
    vehicle_title="Ride with Confidence",
    vehicle_first="Licensed and on record",
    vehicle_second="Open to your complaints",
    note="Scan with WeChat, Alipay or your camera · what the screen says counts",
    receipt_question="Happy with your visit?",
    receipt_answer="Scan to rate or to complain",
    receipt_promise="The shop answers against a public clock",
    nearby_label="Help nearby: ",
    phone_label="Tel",
    serial_label="Sticker",
    check_label="Check",
    hotline_label="Complaints",
)
