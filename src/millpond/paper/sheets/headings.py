"""Which column is which: the words that 快团团, 群接龙 and people write above their columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.paper.sheets.opening import RawCell
from millpond.paper.sheets.orders import Format

KUAITUANTUAN = (
    "下单人",
    "团员备注",
    "团长备注",
    "跟团号",
    "商品",
    "规格",
    "数量",
    "商品金额",
    "运费",
    "优惠",
    "订单金额",
    "退款金额",
    "物流方式",
    "服务小区",
    "服务小区联系人",
    "服务小区电话",
    "服务小区地址",
    "收货人",
    "联系电话",
    "详细地址",
)
QUNJIELONG = ("收货人", "联系电话", "订单总金额", "支付状态", "收货地址", "订购数量")

SEARCHED_ROWS = 40
"""Rows in which the headings are looked for: titles and notes stand above them."""

_WORDS = {
    "number": "跟团号 团号 接龙号 序号 编号 no number",
    "orderer": "下单人 购买人 买家 买家昵称 微信昵称 昵称 接龙人 微信名",
    "name": "收货人 收件人 提货人 姓名 收货人姓名 联系人 名字 name",
    "phone": "联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 收货电话 收货人电话 收货人手机号 phone",
    "address": "详细地址 收货地址 地址 收货人地址 address",
    "note": "团员备注 买家备注 备注 留言 买家留言 note",
    "leader_note": "团长备注 卖家备注 商家备注",
    "item": "商品 商品名称 货品 品名 商品名 item",
    "variant": "规格 商品规格 型号 variant",
    "quantity": "数量 订购数量 购买数量 件数 份数 商品数量 quantity",
    "line_amount": "商品金额 商品总价 小计",
    "freight": "运费 配送费",
    "discount": "优惠 优惠金额",
    "amount": "订单金额 订单总金额 实付金额 总金额 合计金额 金额 amount",
    "refund": "退款金额 已退款金额",
    "paid": "支付状态 付款状态 是否付款 是否支付 paid",
    "delivery": "物流方式 配送方式 提货方式",
    "pickup_point": "服务小区 自提点 提货点 小区",
    "pickup_contact": "服务小区联系人 自提点联系人",
    "pickup_phone": "服务小区电话 自提点电话",
    "pickup_address": "服务小区地址 自提点地址",
}
_FIELDS = {word: field for field, words in _WORDS.items() for word in words.split()}
_WHO = {"name", "orderer", "phone"}
_WHAT = {"quantity", "item"}


@dataclass(frozen=True, slots=True)
class Headings:
    """The row (from 0) and the column (from 0) of each field that was found; `unread` are other headings."""

    row: int
    columns: dict[str, int]
    unread: tuple[str, ...]
    format: Format


def find_headings(rows: Sequence[Sequence[RawCell]]) -> Headings | None:
    """The row with most known headings, if it says who and what; the first of equals."""
    best: Headings | None = None
    for at, row in enumerate(rows[:SEARCHED_ROWS]):
        columns, unread = known(row)
        says_both = _WHO & columns.keys() and _WHAT & columns.keys()
        if says_both and (best is None or len(columns) > len(best.columns)):
            best = Headings(at, columns, unread, _format(row))
    return best


def known(row: Sequence[RawCell]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The columns of a row of headings, by field; and the headings that are not known or stand twice."""
    columns: dict[str, int] = {}
    unread = []
    for j, cell in enumerate(row):
        field = _FIELDS.get(_plain(cell))
        if field is not None and field not in columns:
            columns[field] = j
        elif _plain(cell):
            unread.append(str(cell).strip()[:60])
    return columns, tuple(unread)


def _format(row: Sequence[RawCell]) -> Format:
    words = {_plain(cell) for cell in row}
    if {"跟团号", "商品", "数量"} <= words:
        return Format.KUAITUANTUAN
    return Format.QUNJIELONG if "订购数量" in words else Format.OTHER


def _plain(cell: RawCell) -> str:
    """A heading without what people add to it: a star, a colon, `(元)`."""
    if not isinstance(cell, str) or len(cell) > 60:
        return ""
    text = re.sub(r"[(\[【].*?[)\]】]", "", unicodedata.normalize("NFKC", cell))
    return re.sub(r"[\s*:.]", "", text).casefold()
