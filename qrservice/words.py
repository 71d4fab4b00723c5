"""The Chinese that the library prints by default: its word catalogue. Callers may pass their own words."""

from __future__ import annotations

from typing import Final

# What each status seal says, for people who cannot see it.
SEAL_LABELS: Final = {
    "trusted": "放心",
    "suspended": "暂停",
    "delisted": "已下架",
    "blacklisted": "黑榜",
    "appealed": "申诉中",
    "foreign": "非本平台签发",
    "replaced": "此贴已换新",
}

# What is drawn inside a seal, line by line.
SEAL_LINES: Final = {
    "trusted": ("放心",),
    "suspended": ("暂停",),
    "delisted": ("已下架",),
    "blacklisted": ("黑榜",),
    "appealed": ("申诉中",),
    "foreign": ("非本平台", "签发"),
    "replaced": ("此贴", "已换新"),
}
SEAL_QUESTION: Final = "?"

TITLE: Final = "放心消费诚信码"
COUPLET_RIGHT: Final = "扫一扫看证照"
COUPLET_LEFT: Final = "评服务能投诉"
NOTE: Final = "微信、支付宝或手机相机扫码 · 状态以扫码所见为准"
SERIAL_LABEL: Final = "贴号"
CHECK_LABEL: Final = "核对码"
HOTLINE_LABEL: Final = "投诉举报"
HOTLINE: Final = "12315"
MARK: Final = "诚信"
