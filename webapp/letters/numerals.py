"""Dates and money in Chinese characters, as documents write them. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"
_CAPITAL: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿")
#: A million million yuan: three groups of four digits.
MOST_FEN: Final = 10**14 - 1


def day(value: date) -> str:
    """2026年11月28日."""
    return f"{value.year}年{value.month}月{value.day}日"


def day_in_characters(value: date) -> str:
    """二〇二六年十一月二十八日: the year digit by digit, month and day as numbers."""
    year = "".join(_DIGITS[int(digit)] for digit in str(value.year))
    return f"{year}年{_to_99(value.month)}月{_to_99(value.day)}日"


def _to_99(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones or not tens else "")


def yuan(fen: int) -> str:
    """1234.50元."""
    sign, fen = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{fen // 100}.{fen % 100:02}元"


def yuan_in_characters(fen: int) -> str:
    """人民币壹仟贰佰叁拾肆元伍角整, as cheques write it (《正确填写票据和结算凭证的基本规定》 ?).

    ValueError beyond 0 to MOST_FEN.
    """
    if not 0 <= fen <= MOST_FEN:
        raise ValueError(f"no sum of money: {fen}")
    whole, part = divmod(fen, 100)
    jiao, cents = divmod(part, 10)
    words = _whole(whole) + "元" if whole else ""
    if not part:
        return "人民币" + (words or "零元") + "整"
    if jiao:
        words += _CAPITAL[jiao] + "角"
    elif words:
        words += "零"
    return "人民币" + words + (_CAPITAL[cents] + "分" if cents else "整")


def _whole(number: int) -> str:
    """A number in capital characters: each group of four with its own places, gaps said once as 零."""
    words, gap = "", False
    for group in range((len(str(number)) - 1) // 4, -1, -1):
        four = number // 10 ** (4 * group) % 10_000
        if not four:
            gap = True
            continue
        for place in range(3, -1, -1):
            digit = four // 10**place % 10
            if digit:
                words += ("零" if gap and words else "") + _CAPITAL[digit] + _PLACES[place]
                gap = False
            else:
                gap = True
        words, gap = words + _GROUPS[group], False
    return words
