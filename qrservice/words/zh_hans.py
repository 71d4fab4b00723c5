"""Simplified Chinese. The couplets are parallel and end on a falling, then a level tone, as couplets do."""

from __future__ import annotations

from typing import Final

from qrservice.words.catalogue import Words

WORDS: Final = Words(
    language="zh-Hans",
    upright=True,
    city_joint="",
    title="放心消费诚信码",
    couplet_first="亮照亮证亮承诺",
    couplet_second="能评能诉能放心",
    vehicle_title="放心乘车诚信码",
    vehicle_first="亮证亮码亮车号",
    vehicle_second="能评能诉能放心",
    note="微信、支付宝或手机相机扫码 · 状态以扫码所见为准",
    receipt_question="这次消费满意吗？",
    receipt_answer="扫码评价，不满意可投诉",
    receipt_promise="商家限时答复，进度随时可查",
    nearby_label="就近求助：",
    phone_label="电话",
    serial_label="贴号",
    check_label="核对码",
    hotline_label="投诉举报",
)
