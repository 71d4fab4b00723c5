"""Taking personal data out of a text before the public sees it. Pure.

Looked for: phones, identity numbers (GB 11643 check digit, or a birth date where the digit is mistyped), bank cards
(Luhn), number plates (GA 36), e-mail, WeChat and QQ names, home addresses, names beside titles. What is found too much
costs a word; what is missed costs somebody's peace: where in doubt the text loses. An officer looks at every case
before it is published.

Digits are read as people write them: full-width, spaced, hyphenated, in Chinese numerals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

KINDS: Final = ("phone", "identity", "card", "plate", "email", "account", "address", "name")


@dataclass(frozen=True)
class Found:
    """Personal data at text[start:end]. `keep` is the tail of it that stays (the title beside a name)."""

    start: int
    end: int
    kind: str
    keep: str = ""


@dataclass(frozen=True)
class Scrubbed:
    """The text without what was found, and how many of each kind were taken out."""

    text: str
    counts: dict[str, int]


# One character stands for one character, so that places in the folded text are places in the text.
_FOLDED: Final = str.maketrans(
    "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺｘ＠．－＿零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖①②③④⑤⑥⑦⑧⑨",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZx@.-_0001234567891123456789123456789",
)
_FULL_WIDTH: Final = str.maketrans(
    "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＠．－＿：",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.-_:",
)
_SEP = r"[\s\-.·•—–_/*~\u200b-\u200f\ufeff]{0,3}"
_D = rf"(?:{_SEP}\d)"
_NOT_INSIDE, _NOT_GOING_ON = r"(?<![\dA-Za-z])", rf"(?!{_SEP}?\d)(?![A-Za-z0-9])"
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?\s?86{_SEP})?1{_SEP}[3-9]{_D}{{9}}(?!\d)")
_LANDLINE = re.compile(rf"(?<!\d)[(（]?0(?:10|2\d|[3-9]\d\d)[)）]?{_SEP}[2-9]{_D}{{6,7}}(?!\d)")
_LOCAL = re.compile(
    r"(?:电话|座机|打|固话|来电|致电|(?:电话|手机|联系|座机)号码|家里的?号是?)(?:[:：是为]|\s){0,3}([2-9]\d{2,3}[\s-]?\d{4})(?!\d)"
)
_LONG = re.compile(rf"(?<![\dA-Za-z])\d{_D}{{12,18}}{_SEP}[0-9Xx]?(?![\dA-Za-z])")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[A-HJ-NP-Za-hj-np-z][\s·•.\-]{0,2}"
    r"(?=[A-Za-z0-9]{0,5}\d)[A-HJ-NP-Za-hj-np-z0-9]{4,5}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,40}\s?@\s?[A-Za-z0-9\-]{1,40}(?:\.[A-Za-z0-9\-]{2,20}){1,3}"
)
_QQ = re.compile(
    r"(?:[Qq]{2}|扣扣)(?:号|群)?(?:[:：是为]|\s){0,3}([A-Za-z0-9][A-Za-z0-9_\-]{4,19})(?![A-Za-z0-9_@])"
)
_WECHAT = re.compile(
    r"(?:微信|威信|薇信|[Vv][Xx]|[Ww][Xx]|抖音|小红书|支付宝)(?:号|账号|名)?(?:[:：是为叫加]|\s){0,3}([A-Za-z][A-Za-z0-9_\-]{4,19}|\d{6,12})"
)

_NUMBER = r"(?:\d{1,5}|[一二三四五六七八九十百零]{1,5}|[A-Za-z甲乙丙丁东西南北])"
_PART = rf"{_NUMBER}\s?(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|户|弄|组|门(?!口|店|市|面|票)|#楼?)"
_PART_OR_ANNEX = rf"(?:{_PART}|附\s?\d{{1,3}}\s?号)"
_PLACE_END = r"(?:路|街|巷|道|弄|里|胡同|小区|花园|家园|花苑|苑|庭|公寓|村|镇|社区|名城|新城|府|湾|公园|嘉园|佳园|雅园|园|广场|国际城|国际|中心|家属院|家属楼|大楼|华庭|大院|院|大厦|宿舍|新村|屯|庄|营|寺|坊|郡|轩|居|阁|第)"  # noqa: E501 - a list
_ADDRESS = re.compile(
    rf"[\u4e00-\u9fff]{{1,18}}{_PLACE_END}(?:[东西南北中]段|[一二三四五六七八九十]期|[东西南北]区)?\s?[(（]?"
    rf"(?:{_PART_OR_ANNEX}[\s,，]?(?:内|的)?){{1,6}}(?:\d{{1,4}}(?:室)?)?|"
    rf"[\u4e00-\u9fff]{{1,18}}{_PLACE_END}\s?\d{{1,4}}\s?[-—–]\s?\d{{1,4}}(?:\s?[-—–]\s?\d{{1,4}})+(?:室)?"
)
#: A building with a room in it is a home, whatever the place is called.
_BLOCK = rf"\s?{_NUMBER}\s?(?:号楼|栋|幢|座|#楼?|号院)\s?"
_BUILDING = re.compile(
    rf"[\u4e00-\u9fff]{{2,18}}(?:[东西南北A-Z]区|[一二三四五六七八九十]期)?{_BLOCK}"
    rf"(?:(?:{_PART}[\s,，]?){{1,5}}(?:\d{{1,4}}室?)?|\d{{3,4}}室?)|"
    r"[\u4e00-\u9fff]{2,18}(?:[东西南北A-Z]区|[一二三四五六七八九十]期)?\s?"
    r"\d{1,2}\s?[-—–]\s?\d{1,2}\s?[-—–]\s?\d{3,4}(?!\d)"
)
#: What cannot be part of a place's name: an address begins after the last of these.
_BEFORE_ADDRESS = re.compile(
    r".*(?:家住|住址|地址|住在|就在|寄到|送到|送货到|家在|搬到|快递到|来到|安装到|上门到|配送到|我家|住|是|在|到|往|去|给|为|了|的|把|和|与|由|从)(?=.)"
)
#: After an address these make it a place inside a shop.
_INSIDE_A_SHOP = re.compile(r"(?:桌|台|柜|窗口|收银|包间|包厢|档口|摊位|商铺|店|馆|餐厅|超市|门口|出口)")

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章"
    "鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_DOUBLE = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|端木|百里|南宫|独孤|轩辕|宇文|长孙"
_SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_TITLES = (
    "先生|女士|小姐|老师|经理|师傅|医生|大夫|阿姨|叔叔|大爷|大妈|大娘|大姐|大哥|店长|老板娘|老板|主任|教练|护士|同志|顾问|主管|厂长|院长|校长|"
    "律师|警官|总裁|工(?![作资具程商人厂地业艺会伤])|工程师|美容师|技师|设计师|女士们|太太|奶奶|爷爷|总(?!是|共|算|之|额|价|店|部|局|经理|要|觉|计|数|体|量|台|裁)|姐(?!妹)|哥(?!们)|同学|小朋友"
)
_NAME_TITLE = re.compile(rf"({_SURNAME}[\u4e00-\u9fff]{{0,2}}?)({_TITLES})")
_ROLE = "店员|服务员|收银员|客服|导购|销售|教练|技师|老板|经理|师傅|骑手|快递员|业务员|顾问|管家|店长|负责人|员工|工作人员|前台|营业员|送货员|维修工"  # noqa: E501 - a list
#: Characters that given names are made of; a role with a surname and one or two of these is somebody.
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红鹏飞燕玲波辉健林峰凤丹琴云梅莉建国文斌宇浩凯志永海春雪婷雷慧倩欣佳嘉"
    "俊晨阳旭东龙宁彬亮成庆利新民福生贵荣金宝祥德义仁忠孝良发财旺兴才学友诚信清源江河山川岩松柏树森木火炎焱晓小大子梓涵轩睿泽"
    "博瑞怡悦雅诗琪瑶琳璐珊珍珠翠莲菊荷花香芬芝蓉蕾薇萱紫若思梦雨雯露霜冰晶莹洁纯美娇媛婉妍姝淑贤惠巧爱心意如意一亦依伊语言鸣"
    "皓然远航帆舟锋锐铭铎钧锦镇铁钢银鑫晗昊昕昱晟景曦曼迪哲奇琦琛璇玮珂珏天乐韵歌舒畅逸凡尘辰星月圆满顺连喜双全武威猛虎豹彪翔"
    "鸿雁鹤莺颖聪灵智勤奋进步胜卫长久恒运启升起立坤乾康安泰和谐光亮耀炜煜烨灿秋冬夏青竹兵岭岚峻嵩崇柱栋梁楠桐桦柳杨枫榕先彦彩"
)
_WORDS = "(?!安静|安心|安全|高明|高兴|文明|周全|向东|应该|明明|平安|平和|和平|和善|和气|温和|严明|成天|成立|连连|全天|祝|时光|时长|万一|平时|于是)"  # noqa: E501 - a list
_ROLE_NAME = re.compile(
    rf"(?:{_ROLE})(?:叫|是|姓|名叫|：|:|\s)?((?:小|老|阿){_SURNAME}(?![\u4e00-\u9fff]?(?:区|学|时|孩|板))|"
    rf"{_WORDS}{_SURNAME}[{_GIVEN}]{{1,2}}|{_SURNAME}某{{0,2}}(?=[，。,；;、！!\s]|$))"
)
_CALLED = re.compile(
    rf"(?:我叫|名叫|叫做|姓名(?:是|为)?|联系人(?:是|为)?|收件人(?:是|为)?|收货人(?:是|为)?|户主|业主|机主|本人|投诉人|经办人|签字人)(?:是|为|叫)?[:：\s]{{0,2}}"
    rf"({_WORDS}{_SURNAME}[{_GIVEN}]{{1,2}}(?![\u4e00-\u9fff]?(?:所|局|院|公司|中心))|{_SURNAME}[\u4e00-\u9fff]{{1,2}}(?=[，。,；;、！!？?\s（(:：]|$|于|在|的|，|电话|手机|身份证|住|，|是|因|购|买|去|到))"
)
#: Common words that end in a surname's character, or begin with one, and are no name.
_NO_NAME = re.compile(
    r"(?:任何|如何|为何|奈何|黄金|白金|现金|押金|资金|奖金|租金|本金|定金|订金|和解|当时|那时|及时|随时|同时|临时|平时|准时|小时|按时|负责任|主任|责任|信任|上任|完成|变成|达成|造成|"
    r"骑车|修车|打车|停车|开车|汽车|装修|平安|公安|保安|治安|双方|对方|地方|官方|我方|我和|他和|你和|您和|她和|们和|店和|家和|方和|与|以及|说明|证明|声明|安全|健康|"
    r"有关|相关|无关|公司|上司|老板和|门和|员和|不和|安全|完全|齐全|上周|下周|每周|这周|本周|一周|两周|几周|前周|检查|调查|核查|复查|抽查|更高|最高|很高|太高|提高|价高|较高|平高|"
    r"降温|保温|体温|高温|室温|施|包|费|务|开|员|人|做|手|打)$"
)


def find(text: str, public: Iterable[str] = ()) -> list[Found]:
    """Personal data in `text`, in order, without overlaps. `public` are texts that may stay (the shop's own address)."""  # noqa: E501 - a list
    wide = text.translate(_FULL_WIDTH)
    digits = text.translate(_FOLDED)
    allowed = [_spans_of(text, phrase) for phrase in public if phrase]
    kept = [span for spans in allowed for span in spans]
    found: list[Found] = []
    for candidate in (*_numbers(digits), *_marks(wide), *_addresses(wide), *_names(wide)):
        if any(candidate.start < end and start < candidate.end for start, end in kept):
            continue
        if any(candidate.start < other.end and other.start < candidate.end for other in found):
            continue
        found.append(candidate)
    return sorted(found, key=lambda one: one.start)


def scrub(text: str, words: dict[str, str], public: Iterable[str] = ()) -> Scrubbed:
    """`text` with everything found replaced by the word of its kind (`words` by kind)."""
    pieces, counts, at = [], dict[str, int](), 0
    for one in find(text, public):
        pieces += [text[at : one.start], words[one.kind], one.keep]
        counts[one.kind] = counts.get(one.kind, 0) + 1
        at = one.end
    return Scrubbed("".join([*pieces, text[at:]]), counts)


def is_identity(number: str) -> bool:
    """An identity number of 18 places whose check digit holds (GB 11643, ISO 7064 MOD 11-2)."""
    if not re.fullmatch(r"\d{17}[\dXx]", number):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def is_luhn(number: str) -> bool:
    """A card number whose last digit is its Luhn check (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _numbers(digits: str) -> Iterator[Found]:
    for match in _LONG.finditer(digits):
        start, end = match.start(), len(match.group().rstrip(" -.·•—–_/*~\t\n")) + match.start()
        kind = _kind_of_long(re.sub(r"[^0-9Xx]", "", match.group()))
        if kind:
            yield Found(start, end, kind)
    for pattern in (_MOBILE, _LANDLINE):
        for match in pattern.finditer(digits):
            yield Found(match.start(), match.end(), "phone")
    for pattern, kind in ((_LOCAL, "phone"), (_QQ, "account")):
        for match in pattern.finditer(digits):
            yield Found(match.start(1), match.end(1), kind)


def _kind_of_long(number: str) -> str:
    """What a run of 13 to 19 digits is, or nothing."""
    if len(number) == 18 and (is_identity(number) or _is_birth(number[6:14])):
        return "identity"
    if len(number) == 15 and number.isdigit() and number[0] in "1234568" and _is_birth("19" + number[6:12]):
        return "identity"
    if number.isdigit() and _CARD.fullmatch(number) and is_luhn(number):
        return "card"
    return ""


#: Issuers (ISO/IEC 7812): UnionPay 62, Visa 4, Mastercard 51 to 55, JCB 35, American Express 34 and 37. Chinese banks
#: have issued some of them with up to 19 digits.
_CARD: Final = re.compile(r"62\d{14,17}|4\d{15,18}|5[1-5]\d{14,17}|35\d{14}|3[47]\d{13}")


def _is_birth(day: str) -> bool:
    try:
        born = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= date(2100, 1, 1)


def _marks(wide: str) -> Iterator[Found]:
    for match in _PLATE.finditer(wide):
        yield Found(match.start(), match.end(), "plate")
    for match in _EMAIL.finditer(wide):
        yield Found(match.start(), match.end(), "email")
    for match in _WECHAT.finditer(wide):
        yield Found(match.start(1), match.end(1), "account")


def _addresses(wide: str) -> Iterator[Found]:
    spans: list[tuple[int, int]] = []
    for match in (*_ADDRESS.finditer(wide), *_BUILDING.finditer(wide)):
        words = match.group()
        if _INSIDE_A_SHOP.match(wide[match.end() : match.end() + 3]):
            continue
        before = _BEFORE_ADDRESS.match(re.split(r"\d", words, maxsplit=1)[0])
        start = match.start() + (before.end() if before else 0)
        if start < match.end():
            spans.append((start, match.end()))
    for start, end in _merged(spans):
        yield Found(start, end, "address")


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap or touch as one: a road's number and the home behind it are one address."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def _names(wide: str) -> Iterator[Found]:
    for match in _NAME_TITLE.finditer(wide):
        name, title = match.group(1), match.group(2)
        before = wide[max(0, match.start() - 2) : match.start()]
        if _NO_NAME.search(before + name) and len(name) <= 1:
            continue
        if re.search(r"[的了是个这那位一名您你我他她它们和与跟找问让叫请把被给向对]", name[1:]):
            continue
        yield Found(match.start(), match.end(), "name", title)
    for pattern in (_ROLE_NAME, _CALLED):
        for match in pattern.finditer(wide):
            yield Found(match.start(1), match.end(1), "name")


def _spans_of(text: str, phrase: str) -> list[tuple[int, int]]:
    return [(match.start(), match.end()) for match in re.finditer(re.escape(phrase), text)]
