"""Money, numbers, days and times as people of a language write them. Nothing is computed from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from millpond.model.money import decimal_places, money_text, sign_of, signed_text

_DAY = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
_TIME = {"zh": "M月d日 EEE HH:mm", "en": "EEE d MMM HH:mm"}


def money(amount: int | Fraction, currency: str, *, signed: bool = False) -> str:
    """An amount of minor units.

    >>> money(412000, "CNY"), money(-5, "CNY"), money(1200, "CHF"), money(5, "CNY", signed=True)
    ('¥4,120.00', '−¥0.05', 'CHF\\xa012.00', '+¥0.05')
    """
    return signed_text(amount, currency, plus=signed)


def symbol(currency: str) -> str:
    """What stands in front of an amount."""
    return sign_of(currency)


def plain_money(amount: int, currency: str) -> str:
    """The amount as it stands in a field: no symbol, no thousands.

    >>> plain_money(412000, "CNY"), plain_money(5, "JPY")
    ('4120.00', '5')
    """
    return money_text(amount, currency).replace(",", "")


def money_step(currency: str) -> str:
    """The step of a field for money.

    >>> money_step("CNY"), money_step("JPY")
    ('0.01', '1')
    """
    places = decimal_places(currency)
    return "1" if not places else f"0.{'0' * (places - 1)}1"


def number(value: int) -> str:
    """With thousands apart."""
    return f"{value:,}"


def moment(at_ms: int | None, language: str, time_zone: str) -> str:
    """Day and time in the room's time zone; "" for none."""
    if at_ms is None:
        return ""
    return format_datetime(local(at_ms, time_zone), _TIME[language], locale=language)


def day(value: date | int | None, language: str, time_zone: str) -> str:
    """A day; "" for none."""
    if value is None:
        return ""
    when = local(value, time_zone) if isinstance(value, int) else value
    return format_date(when, _DAY[language], locale=language)


def local(at_ms: int, time_zone: str) -> datetime:
    """The moment in the room's time zone."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(time_zone))


def field_moment(at_ms: int | None, time_zone: str) -> str:
    """As a field `datetime-local` has it; "" for none."""
    return "" if at_ms is None else local(at_ms, time_zone).strftime("%Y-%m-%dT%H:%M")
