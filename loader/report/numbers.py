"""Numbers in English, with what the page needs to write them as its language does."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

NOTHING = Markup("–")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A number with so many decimals, as a value inside a sentence."""

    value: float
    digits: int

    def __str__(self) -> str:
        """1,234.50."""
        return thousands(self.value, self.digits)


def thousands(value: float, digits: int = 0) -> str:
    """510,269, or with decimals 1,234.50."""
    return f"{value:,}" if isinstance(value, int) and not digits else f"{value:,.{digits}f}"


def number(value: float | None, digits: int = 0, unit: str = "") -> Markup:
    """A number that the page can write as its language does; without one a dash.

    Args:
        value: the number.
        digits: its decimals.
        unit: what stands behind it, the same in every language.
    """
    if value is None:
        return NOTHING
    plain = str(value) if isinstance(value, int) and not digits else f"{value:.{digits}f}"
    more = Markup(' data-digits="{}"').format(digits) if digits else Markup()
    more += Markup(' data-unit="{}"').format(unit) if unit else Markup()
    return Markup('<data value="{}"{}>{}{}</data>').format(plain, more, thousands(value, digits), f" {unit}" if unit else "")


def measured(value: float | None) -> Markup:
    """A number of any size with six figures."""
    if value is None:
        return NOTHING
    text = f"{value:g}"
    return Markup("{}").format(text) if "e" in text else number(value, len(text.partition(".")[2]))


def share(value: float | None) -> Markup:
    """A share in per cent; never rounded up to 100 %."""
    if value is None:
        return NOTHING
    return number(100, unit="%") if value >= 1 else number(min(value * 100, 99.9), 1, "%")


def share_text(value: float | None) -> str:
    """The same where nothing but text can stand, as in a picture."""
    return str(share(value).striptags())
