"""The words of documents and sheets, in Chinese and English, and how they write money, counts and days.

Both texts of a word stand side by side, so that neither is changed alone. Money and times read as they do on
the pages.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from babel.dates import format_date, format_datetime

from millpond.errors import InputError
from millpond.model.money import signed_text

LANGUAGES = ("zh", "en")

_DAY = {"zh": "y年M月d日", "en": "d MMM y"}
_MOMENT = {"zh": "M月d日 EEE HH:mm", "en": "EEE d MMM, HH:mm"}

TEXTS: dict[str, tuple[str, str]] = {  # key: (中文, English)
    "account": ("对账单", "Statement of account"),
    "account_of": ("户名", "Account of"),
    "all": ("全部", "All"),
    "amount": ("金额", "Amount"),
    "attention": ("注意", "Attention"),
    "balance": ("余额", "Balance"),
    "brought_forward": ("上期结余", "Brought forward"),
    "by_household": ("分户配货", "By household"),
    "by_item": ("分货品配货", "By item"),
    "by_point": ("分自提点配货", "By pick-up point"),
    "case_size": ("每箱", "Per case"),
    "cases": ("箱数", "Cases"),
    "charge": ("应付", "Charged"),
    "closes": ("截团时间", "Order until"),
    "code": ("提货码", "Code"),
    "contact": ("联系人", "Contact"),
    "date": ("日期", "Date"),
    "deliver_to": ("送到", "Deliver to"),
    "due": ("未付", "To pay"),
    "from": ("发自", "From"),
    "give_back": ("应退", "To give back"),
    "give_back_short": ("退", "back"),
    "goods": ("货款", "Goods"),
    "household": ("住户", "Household"),
    "households": ("户", "households"),
    "item": ("货品", "Item"),
    "items": ("货品", "Items"),
    "labels": ("标签", "Labels"),
    "maker": ("厂家", "Maker"),
    "makers_order": ("订货单", "Order"),
    "name": ("姓名", "Name"),
    "no_point": ("未选自提点", "No pick-up point chosen"),
    "no_orders": ("还没有订单。", "There are no orders."),
    "note": ("备注", "Note"),
    "number": ("跟团号", "No."),
    "order_now": ("扫码参团", "Scan to order"),
    "packing_list": ("配货单", "Packing list"),
    "page_after": (" 页", ""),
    "page_before": ("第 ", "Page "),
    "paid": ("已付", "Paid"),
    "paid_up": ("已付清", "Paid in full"),
    "payment": ("已付", "Paid"),
    "phone": ("电话", "Phone"),
    "pick_up": ("提货", "Pick-up"),
    "pick_up_at": ("自提点", "Pick up at"),
    "pick_up_list": ("提货单", "Pick-up list"),
    "pickup_point": ("自提点", "Pick-up point"),
    "piece": ("件号", "Piece"),
    "pieces": ("定制明细", "Pieces made to order"),
    "pieces_note": (
        "每件按件号制作、按件号包装。",
        "Make each piece by its number, and mark it with its number.",
    ),
    "price": ("单价", "Price"),
    "quantity": ("数量", "Quantity"),
    "ready_on": ("交货日期", "Ready on"),
    "receipt": ("收据", "Receipt"),
    "reference": ("单号", "Reference"),
    "reference_price": ("参考价", "In the shop"),
    "signature": ("签收", "Received"),
    "sum": ("小计", "Sum"),
    "surcharge": ("加价", "more"),
    "tick": ("✓", "✓"),
    "to": ("致", "To"),
    "total": ("合计", "Total"),
    "unit": ("单位", "Unit"),
    "units": ("件", "units"),
    "variant_price": ("各规格加价", "Variants"),
    "weight": ("实重", "Weight"),
    "words": ("摘要", "What for"),
}


def texts(language: str) -> dict[str, str]:
    """All words in one language; raises `InputError` for another than `LANGUAGES`."""
    if language not in LANGUAGES:
        raise InputError(f"{language!r} is not one of {', '.join(LANGUAGES)}", at="language")
    column = LANGUAGES.index(language)
    return {key: pair[column] for key, pair in TEXTS.items()}


def money(amount: int | Fraction, currency: str) -> str:
    """Minor units with the currency's sign.

    >>> money(412000, "CNY"), money(-5, "CNY"), money(1200, "CHF")
    ('¥4,120.00', '−¥0.05', 'CHF\\xa012.00')
    """
    return signed_text(amount, currency)


def day(value: date, language: str) -> str:
    """With the year: a receipt is kept."""
    return format_date(value, _DAY[language], locale=language)


def moment(value: datetime, language: str) -> str:
    """Day of the week and time, as the pages write them."""
    return format_datetime(value, _MOMENT[language], locale=language)


def grams(value: int) -> str:
    """A weight people can compare with a scale.

    >>> grams(850), grams(2350)
    ('850 g', '2.35 kg')
    """
    if value < 1000:
        return f"{value} g"
    whole, rest = divmod(value, 1000)
    return f"{whole:,}{f'.{rest:03}'.rstrip('0').rstrip('.')} kg"


def households(count: int, language: str) -> str:
    """So many households."""
    if language == "zh":
        return f"{count:,} 户"
    return f"{count:,} household{'' if count == 1 else 's'}"


def units(count: int, language: str) -> str:
    """So many units, of whatever they are."""
    if language == "zh":
        return f"{count:,} 件"
    return f"{count:,} unit{'' if count == 1 else 's'}"


def unit_word(unit: str) -> str:
    """The unit as it is printed beside a quantity: the general word `unit` says nothing and is left out."""
    return "" if unit == "unit" else unit
