"""Minor units of a currency as people write them: 4120 of CNY is 41.20, of JPY 4,120.

For reading only: nothing is computed from what this writes. Decimal places are those of ISO 4217 (list one,
2024).
"""

from __future__ import annotations

from fractions import Fraction

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_PLACES = {currency: places for places, currencies in _DECIMALS.items() for currency in currencies.split()}


SIGNS = {
    "CNY": "¥",
    "JPY": "¥",
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "BRL": "R$",
    "INR": "₹",
    "KRW": "₩",
    "HKD": "HK$",
}
"""In front of the amount; another currency is written by its code."""


def sign_of(currency: str) -> str:
    """What stands in front of an amount: the currency's sign, or its code and a space that does not break."""
    return SIGNS.get(currency, f"{currency}\u00a0")


def signed_text(amount: int | Fraction, currency: str, *, plus: bool = False) -> str:
    """The amount with the currency's sign, as people read it; `plus` writes a plus before what is above 0.

    >>> signed_text(412000, "CNY"), signed_text(-5, "CNY"), signed_text(5, "CNY", plus=True)
    ('¥4,120.00', '−¥0.05', '+¥0.05')
    """
    before = "−" if amount < 0 else "+" if plus and amount > 0 else ""
    return f"{before}{sign_of(currency)}{money_text(amount if amount >= 0 else -amount, currency)}"


def decimal_places(currency: str) -> int:
    """How many decimal places the currency's minor unit has; 2 for a code that is not on the list."""
    return _PLACES.get(currency, 2)


def money_text(amount: int | Fraction, currency: str) -> str:
    """The amount of minor units as text, without the currency; fractions are rounded, halves up.

    >>> money_text(412000, "CNY"), money_text(-5, "CNY"), money_text(Fraction(7163, 2), "CNY")
    ('4,120.00', '-0.05', '35.82')
    """
    places = decimal_places(currency)
    minor = (2 * amount + 1) // 2 if isinstance(amount, Fraction) else amount
    whole, rest = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{places}d}" if places else "")
