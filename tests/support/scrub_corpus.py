"""Sentences as people write them, with personal data planted, to measure the scrub by.

It knows nothing of how the scrub looks for things: data are made from how people write them (numbers by their
standards, then disfigured), and put into whole sentences. Two parts share no sentence, no name and no road: the scrub
is tuned by looking at ``tuning``, and what it reaches is told from ``held_out``.

A third of the sentences hold nothing personal but what looks like it: order and tracking numbers, prices, dates, model
numbers, tables and rooms in the shop, the shop's own name, address and numbers, words like 总经理 or 老师傅.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

#: Seeds of each part; each seed makes SENTENCES of them.
SEEDS: Final = {"tuning": range(1, 7), "held_out": range(101, 107)}
SENTENCES: Final = 250

SHOP: Final = {
    "tuning": ("老槐树面馆（裕华路店）", "保定市莲池区裕华西路218号1层103商铺", "0312-5068123"),
    "held_out": ("鑫源电器城", "保定市竞秀区朝阳北大街966号乐购广场二楼B12", "0312-3357790"),
}


@dataclass(frozen=True)
class Planted:
    """Personal data at text[start:end]."""

    start: int
    end: int
    kind: str


@dataclass
class Sentence:
    """One sentence with what is planted in it; `public` may stay."""

    text: str
    planted: list[Planted] = field(default_factory=list)
    public: tuple[str, ...] = ()


def sentences(part: str) -> Iterator[Sentence]:
    """All sentences of a part, the same each time."""
    for seed in SEEDS[part]:
        writer = _Writer(random.Random(seed), part)
        for _ in range(SENTENCES):
            yield writer.sentence()


# --- words: the first half is for tuning, the second is held out ------------------------------------------------------

_SURNAMES = (
    "王 李 张 刘 陈 杨 赵 黄 周 吴 欧阳 诸葛 司马 马 郑 | 徐 孙 胡 朱 高 林 何 郭 罗 梁 上官 皇甫 慕容 宋 谢"
)
_GIVEN = "建国 秀英 伟 丽娟 海涛 敏 晓燕 志强 桂兰 磊 玉梅 子涵 国庆 小红 | 军 丽 建华 淑珍 鹏飞 静 思远 雪梅 洋 凤英 浩然 文博 艳 一鸣"  # noqa: E501 - a list
_ROADS = "裕华西路 朝阳南大街 东风中路 天威西路 百花路 复兴路 永华北大街 瑞祥大街 | 七一中路 乐凯北大街 五四西路 向阳大街 恒祥北大街 利民街 隆兴路 建国路"  # noqa: E501 - a list
_HOMES = "阳光小区 盛兴花园 天鹅家园 金昌小区 幸福里 东方家园 秀兰城市绿洲 紫金公寓 | 世纪新城 茗畅园 望都花苑 电力宿舍 康泰国际小区 华中公寓 百合苑 燕赵嘉园"  # noqa: E501 - a list
_DISTRICTS = "莲池区 竞秀区 清苑区 保定市莲池区 河北省保定市竞秀区 | 满城区 徐水区 高新区 保定市满城区 河北省保定市徐水区"  # noqa: E501 - a list
_VILLAGES = "望亭镇李家庄村 大庄镇南杨村 东吕乡小王庄村 | 南韩村镇北陵山村 安肃镇十里铺村 江城乡大车村"
_TITLES = (
    "先生 女士 经理 师傅 店长 老师 阿姨 医生 大姐 主任 | 小姐 老板 教练 大哥 护士 大夫 叔叔 顾问 律师 老板娘"
)
_ROLES = "店员 服务员 收银员 导购 骑手 | 客服 快递员 销售 前台 维修工"
_MAILS = "qq.com 163.com gmail.com | 126.com sina.com.cn outlook.com"

# {x} is where the data stand. Each list: tuning | held out.
_FRAMES: Final[dict[str, str]] = {
    "phone": (
        "我的电话是{x}，请尽快联系我。/有事打{x}找我/手机{x}，白天都能接。/商家让我加{x}这个号。/联系方式：{x}"
        "/他们用{x}给我打过电话，后来再打就不接了/退款请打{x}，谢谢"
        "|请回拨{x}。/本人手机号{x}，随时可以沟通/店里的人私下拿{x}打给我骂我/我留的号码是{x}，没人回。/来电{x}的人态度很差"
        "/可以联系我{x}（微信同号）/我家里的号是{x}，老人接的"
    ),
    "identity": (
        "我的身份证号{x}，麻烦核实。/办卡登记的证件是{x}/身份证：{x}。/他们拿我的身份证{x}去开了会员"
        "|入住时登记了{x}这个身份证/证件号码 {x} ，请查。/合同上写的身份证号是{x}，没经我同意/本人{x}，要求退一赔三"
    ),
    "card": (
        "请退到我的银行卡{x}。/卡号{x}，建设银行/钱是从{x}这张卡扣的|打款到{x}就行/我用尾号的那张{x}付的款/银行账号：{x}，开户行工行"
    ),
    "plate": (
        "我的车{x}停在门口被刮了。/车牌号{x}洗完车划了一道/停车费乱收，车牌{x}/送货的车是{x}"
        "|我开的{x}在他家加油后熄火/商家的面包车{x}撞倒了我的电动车/车牌：{x}，贴膜起泡/当天{x}进场，收了两次钱"
    ),
    "email": (
        "发票请发到{x}。/邮箱{x}，有结果告诉我/我给他们发了邮件，我的是{x}|电子合同寄{x}就可以/联系邮箱：{x}。/请回复到 {x} ，谢谢"  # noqa: E501 - a list
    ),
    "account": (
        "我微信号{x}，可以加我。/加微信：{x}/QQ号是{x}，聊天记录都在/店长的微信{x}把我拉黑了"
        "|微信{x}有转账记录/扣扣{x}找我/销售让我加vx:{x}/QQ：{x}，随时在/我的微信号是{x}"
    ),
    "address": (
        "我家住{x}，东西一直没送到。/送货地址：{x}/师傅说送到{x}，结果放门卫了/请到{x}来修/我住在{x}，离得不远。/家在{x}，安装的没来"
        "|寄到{x}的快递少了一件/我的住址是{x}/上门安装在{x}，敲坏了墙/收货地址{x}，请换货。/他们找到{x}来闹事/搬到{x}之后一直漏水"
    ),
    "name_title": (
        "{x}说不给退。/接待我的是{x}/找{x}要说法，没人管/{x}当时答应换新的。/跟{x}说了三次/后来{x}打电话来骂人"
        "|是{x}卖给我的/{x}收的钱，不开票。/昨天{x}把我赶出来了/我问{x}，一直推脱/{x}保证过能退，现在不认/请{x}给个说法"
    ),
    "name_called": (
        "我叫{x}，要求退款。/联系人：{x}/收货人{x}，电话没人打/投诉人：{x}。/本人{x}，六十五岁"
        "|我姓名是{x}。/收件人：{x}，地址写错了/名叫{x}的那位顾客是我/户主{x}，装修合同在/经办人{x}签的字"
    ),
    "name_role": (
        "{role}{x}态度恶劣。/{role}{x}说系统坏了/{role}叫{x}，不肯登记|{role}{x}骂人。/{role}是{x}，把东西摔了/当班的{role}{x}不给看小票"
    ),
}
_LEADS = "上周六去吃饭，/买了一箱奶，/办了年卡，/他家太过分了，/情况是这样的：/衣服洗坏了，//|昨天中午，/东西是坏的，/交了定金，/说好的不算数，/我要投诉：/孩子报了班，//"  # noqa: E501 - a list
_TAILS = "//希望尽快处理。/态度太差了！/花了三百多/到现在半个月了|//请帮忙解决。/真让人生气/一共付了420元/前后跑了四趟。"  # noqa: E501 - a list

_NOTHING: Final = (
    "订单号{digits:16}，下单后一直没发货/快递单号SF{digits:13}，显示签收了/花了{price}元，只退{price2}元/2026年{m}月{d}日下午{h}点{mi}分去的"
    "/买的是海尔BCD-{digits:3}WDPZ冰箱/型号{model}的手机，开不了机/点了{n}份水饺，{n2}盘凉菜，少上一盘/坐在{n}号桌等了{n2}0分钟"
    "/我们在3号包厢，空调坏了/找总经理也没用，说要等老板回来/老师傅的手艺没得说，就是贵/打400-{digits:3}-{digits:4}没人接"
    "/营业执照{uscc}挂在墙上/食品经营许可证JY{digits:14}过期了/一共{n}斤{n2}两，少给三两/第{n}次去才给修，收了{price}元"
    "/商场二楼东区的柜台不给开票/现金付的，没有收据/服务员态度不好，经理也不出面/任何问题都不解决，如何维权"
    "/小票上写着流水号{digits:12}/房间301的热水一直不热/金额是￥{price}.50，多刷了{price2}/有效期到2027年{m}月，还剩{n}次"
    "/{shop}的面不干净/就是{address}这家店/店里电话{shopphone}打不通/拨打12315反映过一次/周一到周五9:00-18:00营业"
    "/黄金饰品掉色，克重{n}.{digits:2}克/他们公司的客服说和解也行，但要等三五天/小姐姐挺热情，就是不给退/全家人都拉肚子了"
    "|运单{digits:15}三天没动/退货单号{digits:18}，仓库说没收到/原价{price}，活动价{price2}，结账按原价/{m}月{d}号晚上{h}:{mi}入住"
    "/格力KFR-{digits:2}GW空调不制冷/买了{n}件{n2}折的衣服，起球/条码{barcode}扫出来不是这个价/在{n}号窗口排队，{n2}号窗口没人"
    "/住的{digits:4}房间有蟑螂/店长不在，老板娘说她做不了主/请的师傅水平差，墙都歪了/客服热线400{digits:7}一直占线"
    "/信用代码是{uscc}/许可证编号JY{digits:14}，查不到/称了一下才{n}两，标的是一斤/会员卡里还有{price}块钱"
    "/一楼服务台让我去三楼，三楼又推给一楼/当时说好保修三年，现在不认/和平时价格不一样"
    "/发票号码{digits:8}，开错抬头/合同编号HT2026{digits:4}/第{n}排{n2}座，看不见舞台/总价{price}元，定金{price2}元不退"
    "/在{shop}买的洗衣机/地址就是{address}/门店座机{shopphone}没人接/12345也打过了/每天10点到22点才有人"
    "/白金会员说降级就降级/教练总换人，课程{n}节只上了{n2}节/老人家不懂，被忽悠了/保安不让进，说要预约"
)


def _halves(text: str, part: str, between: str | None = None) -> list[str]:
    half = text.split("|")[0 if part == "tuning" else 1].strip()
    return half.split(between)


class _Writer:
    """Writes sentences of one part."""

    def __init__(self, source: random.Random, part: str) -> None:
        self.source, self.part = source, part
        self.shop, self.address, self.phone = SHOP[part]
        self._makers: list[tuple[str, str, Callable[[], tuple[str, str]]]] = [
            ("phone", "phone", lambda: self._plain(self.mobile() if self.chance(4, 5) else self.landline())),
            ("identity", "identity", lambda: self._plain(self.identity())),
            ("card", "card", lambda: self._plain(self.card())),
            ("plate", "plate", lambda: self._plain(self.plate())),
            ("email", "email", lambda: self._plain(self.email())),
            ("account", "account", lambda: self._plain(self.account())),
            ("address", "address", lambda: self._plain(self.home())),
            ("name", "name_title", self.titled),
            ("name", "name_called", lambda: self._plain(self.full_name())),
            ("name", "name_role", lambda: self._plain(self.nick())),
        ]

    def sentence(self) -> Sentence:
        made = Sentence("", public=(self.shop, self.address, self.phone))
        self._add(made, self.pick(_LEADS, "/"))
        if self.chance(1, 3):
            self._nothing(made)
            if self.chance(1, 3):
                self._add(made, "，")
                self._nothing(made)
        else:
            self._something(made)
            if self.chance(1, 3):
                self._add(made, self.source.choice(["，", "。", "\n", " "]))
                self._something(made)
            elif self.chance(1, 3):
                self._add(made, "，")
                self._nothing(made)
        tail = self.pick(_TAILS, "/")
        self._add(made, ("，" if tail and made.text[-1] not in "。！，\n" else "") + tail)
        return made

    def _something(self, made: Sentence) -> None:
        kind, frame, make = self.source.choice(self._makers)
        words, rest = make()
        before, after = self.pick(_FRAMES[frame], "/").replace("{role}", self.pick(_ROLES)).split("{x}")
        self._add(made, before)
        made.planted.append(Planted(len(made.text), len(made.text) + len(words), kind))
        self._add(made, words + rest + after)

    def _nothing(self, made: Sentence) -> None:
        frame = self.pick(_NOTHING, "/")
        self._add(
            made,
            re.sub(r"\{(\w+)(?::(\d+))?\}", lambda found: self._fill(found[1], int(found[2] or 0)), frame),
        )

    def _fill(self, word: str, count: int) -> str:
        source = self.source
        return {
            "digits": lambda: self.digits(count),
            "price": lambda: str(source.choice([19, 88, 128, 299, 1580, 3999, 12800])),
            "price2": lambda: str(source.choice([5, 10, 50, 200, 1000])),
            "m": lambda: str(source.randint(1, 12)),
            "d": lambda: str(source.randint(1, 28)),
            "h": lambda: str(source.randint(8, 22)),
            "mi": lambda: f"{source.randint(0, 59):02}",
            "n": lambda: str(source.randint(2, 30)),
            "n2": lambda: str(source.randint(2, 9)),
            "model": lambda: source.choice(["V2318A", "iPhone 15", "Mate60Pro", "23049RAD8C"]),
            "uscc": lambda: source.choice(["91130600726715726X", "92130606MA0A1B2C3D"]),
            "barcode": lambda: "69" + self.digits(11),
            "shop": lambda: self.shop,
            "address": lambda: self.address,
            "shopphone": lambda: self.phone,
        }[word]()

    # --- how people write things --------------------------------------------------------------------------------------

    def mobile(self) -> str:
        number = self.source.choice(["13", "15", "17", "18", "19", "16"]) + self.digits(9)
        three, four, last = number[:3], number[3:7], number[7:]
        ways = [
            number,
            number,
            f"{three} {four} {last}",
            f"{three}-{four}-{last}",
            f"+86{number}",
            f"+86 {three} {four} {last}",
            f"0086{number}",
            f"86-{number}",
            _wide(number),
            _numerals(number, self.source),
            f"{three}.{four}.{last}",
            f"{number[:5]} {number[5:]}",
            f"{number[:4]} {number[4:8]} {number[8:]}",
            f"{three}—{four}—{last}",
            " ".join(number),
        ]
        return self.source.choice(ways)

    def landline(self) -> str:
        area = self.source.choice(["0312", "010", "022", "0311", "021"])
        local = self.source.choice("2345678") + self.digits(
            7 if len(area) == 3 else self.source.choice([6, 7])
        )
        ways = [
            f"{area}-{local}",
            f"{area}{local}",
            f"({area}){local}",
            f"（{area}）{local}",
            f"{area} {local[:4]} {local[4:]}",
            _wide(f"{area}-{local}"),
        ]
        return self.source.choice(ways)

    def identity(self) -> str:
        region = self.source.choice(["130602", "130606", "110105", "320102", "513701"])
        year, month, day = (
            self.source.randint(1940, 2012),
            self.source.randint(1, 12),
            self.source.randint(1, 28),
        )
        if self.chance(1, 8):
            return (
                f"{region}{year % 100:02}{month:02}{day:02}{self.digits(3)}"
                if year < 2000
                else self.identity()
            )
        body = f"{region}{year}{month:02}{day:02}{self.digits(3)}"
        weighed = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body))
        check = "10X98765432"[weighed % 11]
        if self.chance(1, 6):
            check = self.source.choice("0123456789X")  # mistyped
        number = body + (check.lower() if self.chance(1, 2) else check)
        return self.source.choice(
            [
                number,
                number,
                number,
                f"{number[:6]} {number[6:14]} {number[14:]}",
                f"{number[:6]}-{number[6:14]}-{number[14:]}",
                _wide(number),
                f"{number[:3]} {number[3:6]} {number[6:10]} {number[10:14]} {number[14:]}",
            ]
        )

    def card(self) -> str:
        length = self.source.choice([16, 19, 19])
        body = self.source.choice(["6222", "6217", "6228", "4367", "5218"]) + self.digits(length - 5)
        doubled = sum(
            sum(divmod(int(digit) * 2, 10)) if place % 2 == 0 else int(digit)
            for place, digit in enumerate(reversed(body))
        )
        number = body + str(-doubled % 10)
        groups = [number[start : start + 4] for start in range(0, len(number), 4)]
        return self.source.choice(
            [number, " ".join(groups), "-".join(groups), _wide(number), "  ".join(groups)]
        )

    def plate(self) -> str:
        place = self.source.choice(["冀F", "京A", "冀A", "津C", "豫A", "沪B"])
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        if self.chance(1, 3):
            rest = self.source.choice("DF") + self.source.choice(letters + "12") + self.digits(4)
        else:
            rest = "".join(self.source.choice("0123456789" * 3 + letters) for _ in range(4)) + self.digits(1)
        number = self.source.choice(
            [
                f"{place}{rest}",
                f"{place}·{rest}",
                f"{place} {rest}",
                f"{place}.{rest}",
                f"{place}-{rest}",
                f"{place}•{rest}",
            ]
        )
        return number.lower() if self.chance(1, 4) else number

    def email(self) -> str:
        user = self.source.choice(
            ["wang", "li.na", "zhao_88", "hello-kitty", "a1", "sunshine"]
        ) + self.digits(self.source.choice([0, 2, 6]))
        mail = f"{user}@{self.pick(_MAILS)}"
        return self.source.choice(
            [mail, mail, mail.upper(), mail.replace("@", "＠"), mail.replace("@", " @ ")]
        )

    def account(self) -> str:
        return self.source.choice(
            [
                self.digits(9, first=True),
                self.digits(10, first=True),
                "wx_" + self.digits(6),
                "lily" + self.digits(4),
                "baoding-" + self.digits(3),
                "Zhang_" + self.digits(5),
                "abcdefg" + self.digits(2),
            ]
        )

    def home(self) -> str:
        n = lambda most: str(self.source.randint(1, most))  # noqa: E731 - a shorthand
        home, road, district = self.pick(_HOMES), self.pick(_ROADS), self.pick(_DISTRICTS)
        han = lambda most: "零一二三四五六七八九十"[self.source.randint(1, min(most, 10))]  # noqa: E731 - a shorthand
        room = f"{n(18)}0{n(4)}"
        ways = [
            f"{district}{road}{n(900)}号{home}{n(20)}号楼{n(4)}单元{room}室",
            f"{home}{n(20)}-{n(4)}-{room}",
            f"{home}{n(20)}号楼{n(4)}单元{room}",
            f"{home}{han(9)}号楼{han(4)}单元{han(9)}楼东户",
            f"{road}{n(900)}号{n(9)}栋{n(4)}门{room}",
            f"{road}{n(90)}号院{n(9)}号楼{room}",
            f"{self.pick(_VILLAGES)}{han(9)}组{n(90)}号",
            f"{district}{self.pick(_VILLAGES)}{n(200)}号",
            f"{home}{n(9)}#楼{n(4)}单元{room}",
            f"{road}{home}{self.source.choice('ABCD')}座{room}",
            f"{home}{self.source.choice(['东区', '西区', '二期', '南区'])}{n(20)}栋{room}室",
            f"{district}{home}{n(20)}号楼{room}",
            f"{home} {n(20)} 号楼 {n(4)} 单元 {room}",
            f"{road}{n(900)}号附{n(9)}号",
        ]
        return self.source.choice(ways)

    def titled(self) -> tuple[str, str]:
        title = self.pick(_TITLES)
        if self.chance(1, 6):
            return self.pick(_SURNAMES), self.source.choice(["总", "姐", "哥", "工"])
        return (self.full_name() if self.chance(1, 3) else self.pick(_SURNAMES)), title

    def full_name(self) -> str:
        return self.pick(_SURNAMES) + self.pick(_GIVEN)

    def nick(self) -> str:
        return (
            self.full_name()
            if self.chance(1, 2)
            else self.source.choice("小老")
            + self.source.choice([name for name in _halves(_SURNAMES, self.part) if len(name) == 1])
        )

    # --- parts --------------------------------------------------------------------------------------------------------

    def _plain(self, words: str) -> tuple[str, str]:
        return words, ""

    def _add(self, made: Sentence, words: str) -> None:
        made.text += words

    def pick(self, text: str, between: str | None = None) -> str:
        return self.source.choice(_halves(text, self.part, between))

    def digits(self, count: int, *, first: bool = False) -> str:
        digits = "".join(self.source.choice("0123456789") for _ in range(count))
        return self.source.choice("123456789") + digits[1:] if first and count else digits

    def chance(self, part: int, whole: int) -> bool:
        return self.source.randrange(whole) < part


def _wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def _numerals(number: str, source: random.Random) -> str:
    words = source.choice(
        ["零一二三四五六七八九", "〇一二三四五六七八九", "零幺二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"]
    )
    return "".join(words[int(digit)] for digit in number)
