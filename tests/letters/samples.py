"""True-to-life facts for each of the ten kinds, and a document made of them without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from webapp.letters import composing, drawing, numerals, rules
from webapp.letters.content import Content
from webapp.letters.rules import KINDS, Law
from webapp.letters.setting import Words

NOW = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
CODE = "k3vq7h2mxwz5rjd4ptab"
CHECK_URL = "https://codes.test/letters"
WORDS = Words(
    check="核对真伪：扫描左侧二维码，",
    enter="或打开 {address} 输入查验码：",
    page="第 {page} 页，共 {pages} 页",
    missing="本文书有 {count} 个字符没有字形，印作“□”：{list}。",
    day="年　　月　　日",
    proof="预览稿",
    proof_foot="预览稿，没有编号，不作凭证",
)
ORGANISATION = "保定市莲池区市场监督管理局"
STORY = (
    "我于2026年11月20日中午在老槐树面馆（莲池区裕华东路128号）消费“招牌牛肉面”2碗，共支付76.00元（微信支付，"
    "单号4200002412202611208830）。用餐时发现面中有一根长约3厘米的头发，当即向店员反映，店员称“重做一碗就行”，"
    "拒绝退款。当晚本人出现腹泻，到保定市第一中心医院就诊，花费挂号费、药费共312.50元。"
)

FACTS: dict[str, dict[str, Any]] = {
    "complaint_registration": {
        "case_number": "TS2026112000012345",
        "received_at": datetime(2026, 11, 20, 12, 5, tzinfo=UTC),
        "channel": "扫码投诉（放心消费一码通）",
        "complainant_name": "王晓燕",
        "phone": "13931267788",
        "id_kind": "居民身份证",
        "id_number": "130602198808157766",
        "address": "保定市竞秀区朝阳北大街1098号学府花园12号楼3单元502室",
        "consents_to_disclosure": True,
        "consents_to_entrusting": True,
        "respondent_name": "老槐树面馆（保定老槐树餐饮有限公司）",
        "respondent_contact": "王建国",
        "respondent_phone": "0312-5061234",
        "respondent_address": "保定市莲池区裕华东路128号",
        "happened_on": date(2026, 11, 20),
        "amount": 38850,
        "story": STORY,
        "evidence": ["微信支付凭证截图1张", "面条中异物照片2张", "门诊病历和收费票据各1份"],
        "demand": "退还餐费76.00元；赔偿医疗费312.50元；书面道歉。",
        "handler": "李明",
    },
    "tip_registration": {
        "case_number": "JB2026112000000871",
        "received_at": datetime(2026, 11, 20, 12, 5, tzinfo=UTC),
        "channel": "扫码投诉（放心消费一码通）",
        "named": True,
        "tipster_name": "王晓燕",
        "phone": "13931267788",
        "id_number": "130602198808157766",
        "address": "保定市竞秀区朝阳北大街1098号",
        "respondent_name": "老槐树面馆（保定老槐树餐饮有限公司）",
        "respondent_address": "保定市莲池区裕华东路128号",
        "story": "该店后厨人员未戴工作帽加工食品，冷藏柜内存放无标签的熟牛肉，涉嫌违反《中华人民共和国食品安全法》。",
        "evidence": ["后厨照片3张（2026年11月20日拍摄）"],
        "handler": "李明",
    },
    "transfer_notice": {
        "to_organisation": "保定市竞秀区市场监督管理局",
        "complainant_name": "王晓燕",
        "received_on": date(2026, 11, 20),
        "respondent_name": "好邻居便利店（朝阳北大街店）",
        "matter": "销售过期酸奶",
        "what": "投诉",
        "case_number": "TS2026112000012345",
        "reason": "被投诉人实际经营地在你局辖区。",
        "report_by": date(2026, 12, 31),
        "attachments": ["投诉登记表1份", "购物小票照片1张"],
        "contact": "李明",
        "contact_phone": "0312-5012315",
    },
    "identity_request": {
        "complainant_name": "王晓燕",
        "received_on": date(2026, 11, 20),
        "respondent_name": "老槐树面馆",
        "matter": "食品中有异物",
        "items": [
            "有效身份证件的正面和背面照片",
            "与支付账户实名信息一致的说明",
            "消费凭证（付款截图、小票）",
        ],
        "due_on": date(2026, 12, 4),
        "contact": "李明",
        "contact_phone": "0312-5012315",
        "contact_address": "保定市莲池区五四东路586号",
        "case_number": "TS2026112000012345",
    },
    "acceptance": {
        "complainant_name": "王晓燕",
        "received_on": date(2026, 11, 20),
        "respondent_name": "老槐树面馆（保定老槐树餐饮有限公司）",
        "matter": "食品中有异物、拒不退款",
        "contact": "李明",
        "contact_phone": "0312-5012315",
        "case_number": "TS2026112000012345",
        "mediate_by": date(2027, 1, 27),
        "entrusted_to": "莲池区裕华商圈消费维权服务站",
    },
    "refusal": {
        "complainant_name": "赵启明",
        "received_on": date(2026, 11, 20),
        "respondent_name": "鑫达建材商行",
        "matter": "购买水泥质量",
        "ground": "你购买商品用于承包工程，不是为生活消费需要购买、使用商品或者接受服务",
        "ground_item": "第（三）项",
        "explanation": "你提供的合同载明购买方为保定启明装饰工程有限公司，水泥80吨，用于东湖花园二期外墙工程。",
        "proper_authority": "人民法院或者仲裁机构",
        "case_number": "TS2026112000012399",
    },
    "mediation_notice": {
        "addressee": "保定老槐树餐饮有限公司（老槐树面馆）",
        "complainant_name": "王晓燕",
        "respondent_name": "老槐树面馆",
        "matter": "食品中有异物、拒不退款",
        "hearing_at": datetime(2026, 12, 10, 1, 30, tzinfo=UTC),
        "place": "莲池区西关市场监管所二楼调解室（保定市莲池区西大街66号）",
        "mediators": "李明、张静",
        "contact_phone": "0312-5012315",
        "bring": ["身份证明材料", "营业执照复印件和授权委托书（委托他人参加的）", "2026年11月20日的销售记录"],
        "object_by": date(2026, 12, 7),
        "case_number": "TS2026112000012345",
    },
    "termination": {
        "addressee": "王晓燕、保定老槐树餐饮有限公司",
        "complainant_name": "王晓燕",
        "respondent_name": "老槐树面馆",
        "matter": "食品中有异物、拒不退款",
        "ground": "经组织调解，被投诉人明确表示无法达成调解协议",
        "ground_item": "第（三）项",
        "ended_on": date(2026, 12, 10),
        "explanation": "2026年12月10日现场调解，被投诉人同意退还餐费，不同意承担医疗费，双方不能达成一致。",
        "case_number": "TS2026112000012345",
    },
    "mediation_agreement": {
        "case_number": "TS2026112000012345",
        "complainant_name": "王晓燕",
        "phone": "13931267788",
        "address": "保定市竞秀区朝阳北大街1098号学府花园12号楼3单元502室",
        "respondent_name": "保定老槐树餐饮有限公司（老槐树面馆）",
        "respondent_representative": "王建国",
        "respondent_phone": "0312-5061234",
        "respondent_address": "保定市莲池区裕华东路128号",
        "respondent_agent": "刘芳（店长）",
        "dispute": "投诉人在被投诉人处就餐，面中有异物，要求退还餐费76.00元、赔偿医疗费312.50元并道歉。",
        "mediated_on": date(2026, 12, 10),
        "place": "西关市场监管所调解室",
        "mediators": "李明、张静",
        "terms": [
            "被投诉人退还投诉人餐费76.00元；",
            "被投诉人补偿投诉人医疗费312.50元；",
            "被投诉人当场向投诉人口头道歉；",
            "双方就本次争议再无其他纠纷。",
        ],
        "amount": 38850,
        "perform_by": date(2026, 12, 13),
    },
    "tip_result": {
        "tipster_name": "王晓燕",
        "received_on": date(2026, 11, 20),
        "respondent_name": "老槐树面馆",
        "matter": "从业人员未戴工作帽加工食品、存放无标签熟肉",
        "decided_on": date(2026, 12, 9),
        "result": "经核查，你反映的情况部分属实，我局决定立案。",
        "explanation": "现场检查发现冷藏柜内熟牛肉1.5千克未标明制作日期；从业人员当时均佩戴工作帽。",
        "basis": "《市场监督管理行政处罚程序规定》第十八条、第十九条",
        "case_number": "JB2026112000000871",
        "contact": "李明",
        "contact_phone": "0312-5012315",
    },
    "listing_notice": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "facts": "2026年11月20日，执法人员三次复称，电子秤每次少称一成。",
        "ground": "短斤少两",
        "basis": "《中华人民共和国计量法》；《零售商品称重计量监督管理办法》",
        "term_until": date(2027, 6, 30),
        "speak_by": date(2026, 12, 5),
        "contact_phone": "0312-5012315",
    },
    "talk_invitation": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "facts": "近30天收到投诉7件，其中5件没有在期限内答复。",
        "matter": "投诉集中",
        "basis": "《中华人民共和国消费者权益保护法》第三十二条",
        "talk_at": datetime(2026, 12, 3, 1, 30, tzinfo=UTC),
        "place": "莲池区市场监督管理局三楼会议室",
        "contact_phone": "0312-5012315",
    },
    "talk_admonition": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "matter": "投诉集中",
        "basis": "《中华人民共和国消费者权益保护法》第三十二条",
        "talk_at": datetime(2026, 12, 3, 1, 30, tzinfo=UTC),
        "place": "莲池区市场监督管理局三楼会议室",
        "attended": "负责人陈师傅",
        "minutes": "负责人说明近期更换店员，投诉无人答复；承诺当日补齐答复。",
        "admonition": "指定专人答复投诉，24小时内首次答复。",
        "contact_phone": "0312-5012315",
    },
    "correction_order": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "facts": "2026年11月20日检查，散装酱肉未标明价格。",
        "ground": "没有明码标价",
        "basis": "《中华人民共和国价格法》第四十二条",
        "demand": "对全部在售商品明码标价，并保留价签照片。",
        "due_on": date(2026, 12, 5),
        "contact_phone": "0312-5012315",
    },
    "repair_receipt": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "receipt": "abcdefghij2345672345",
        "filed_at": datetime(2026, 11, 28, 2, 30, tzinfo=UTC),
        "decide_by": date(2026, 12, 11),
        "ground": "短斤少两",
        "contact_phone": "0312-5012315",
    },
    "listing_decision": {
        "addressee": "保定市莲池区老槐树面馆",
        "shop": "老槐树面馆",
        "matter": "申诉（列入依据：短斤少两）",
        "decision": "申诉成立，撤下该条公示。",
        "explanation": "复核时秤已送检，检定结论为合格，原复称用的砝码未经检定。",
        "contact_phone": "0312-5012315",
    },
}


def make(
    kind_code: str, law: Law = Law.ORDER_121, folder: Path | None = None, number: int = 12, **changes: Any
) -> Content:
    """The content of a sample document; `changes` replace facts."""
    kind = KINDS[kind_code]
    sheet = composing.load(kind, law, folder)
    words = composing.words_of(kind, FACTS[kind_code] | changes, ("是", "否"))
    printed = rules.number_text(
        "{organisation}{kind}〔{year}〕{number}号", "冀保莲池市监", sheet.mark, 2026, number
    )
    words |= {
        "organisation": ORGANISATION,
        "number": printed,
        "title": sheet.title,
        "law": sheet.law,
        "article": sheet.article,
        "issued_on": numerals.day(date(2026, 11, 28)),
        "issued_on_in_characters": numerals.day_in_characters(date(2026, 11, 28)),
    }
    blocks = composing.fill(sheet, words)
    return Content(ORGANISATION, sheet.title, printed, blocks, CODE, CHECK_URL)


def draw(content: Content, folder: Path | None = None) -> drawing.Drawn:
    """The PDF of a sample."""
    return drawing.draw(content, WORDS, folder)
