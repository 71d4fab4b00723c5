"""Cut the display face of the stickers (`qrservice/assets/`) out of Noto Serif SC ExtraBold (OFL 1.1).

    python -m tests.support.display_font NotoSerifSC_800ExtraBold.ttf city-names.json

Kept are ASCII, everything that the word catalogues print, the bureau's usual words, and the characters of the names in
the second file (any text: only its ideographs count), simplified and traditional. A title with any other character is
set in the bold text face instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from qrservice.words import LANGUAGES

TARGET = Path(__file__).parents[2] / "qrservice" / "assets" / "NotoSerifSC-ExtraBold-cut.ttf"
# Characters of place names that differ in traditional writing.
TRADITIONAL = (
    "滄衡張邯鄲邢臺陽陰莊慶蘇揚鎮鹽連雲遷無錫寧紹興麗溫嶽婁懷廣貴遵義銅畢節關東門漢黃荊隨聖濟濰煙萊濱臨鄭開許"
    "駐馬鶴長瀋鐵嶺錦營撫順遼葫蘆島齊爾雞綏廈龍巖贛饒鷹鄉賓瀘達綿樂資騰衝蘭隴銀吳衛烏魯圖縣區鎮盟內蒙陝晉運呂鄂"
    "爾斯滬渝漁閩瓊澳雙鴨牡佳賀欽來儋涼攀遂滿豐儀溧梁省市場監督管理局委員會消費者協會示範單位碼誠信遊務"
)
USUAL = (
    "省市县区州盟旗镇乡自治特别行政新旅游文化商务市场监督管理局委员会消费者协会放心店示范单位一店一码诚信"
    "·，、。：；？！（）《》"
)


def characters(names: str) -> set[str]:
    printed = "".join(str(getattr(words, slot)) for words in LANGUAGES.values() for slot in words.__slots__)
    chinese = "".join(c for c in names if "\u4e00" <= c <= "\u9fff") + USUAL
    return {chr(i) for i in range(0x20, 0x7F)} | set(printed) | set(chinese) | set(TRADITIONAL)


def cut(source: Path, names: Path) -> int:
    wanted = characters(names.read_text("utf-8"))
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, glyph_names=False, name_IDs=[0, 1, 2, 13]
    )
    with TTFont(source) as font:
        options.drop_tables += [
            "vhea",
            "vmtx",
            "VORG",
            "BASE",
            "GSUB",
            "GPOS",
            "GDEF",
            "STAT",
            "avar",
            "gasp",
            "DSIG",
        ]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(c) for c in wanted])
        cutter.subset(font)
        font.recalcTimestamp = False
        font.save(TARGET)
    return len(wanted)


if __name__ == "__main__":
    count = cut(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(f"{count} characters, {TARGET.stat().st_size} bytes\n")
