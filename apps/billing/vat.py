"""The tax inside a price. Prices are said with tax, so the tax is what is left after the price without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_WHOLE = 10_000


@dataclass(frozen=True)
class Split:
    """Francs: `net` + `vat` = `total`, always."""

    total: int
    net: int
    vat: int


def split(total: int, basis_points: int) -> Split:
    """Net = total ÷ (1 + rate), rounded half up; the tax is the rest.

    Never the tax as a rounded share of the net: it misses the total by a franc on common prices. A negative line is the
    mirror of the positive one.

    :param basis_points: the rate in hundredths of a percent: 1925 is 19.25 %; 0 when no tax applies.
    """
    if total < 0:
        mirrored = split(-total, basis_points)
        return Split(total, -mirrored.net, -mirrored.vat)
    divisor = _WHOLE + basis_points
    net = (2 * total * _WHOLE + divisor) // (2 * divisor)
    return Split(total, net, total - net)


def split_lines(totals: Sequence[int], basis_points: int) -> list[Split]:
    """Each line rounded for itself; the invoice's net and tax are their sums, and neither is ever negative.

    Several roundings can leave a few francs of net or tax below zero when lines cancel each other out almost wholly;
    the last line takes these francs.

    :raises ValueError: the lines sum to less than nothing.
    """
    lines = [split(total, basis_points) for total in totals]
    whole = sum(totals)
    if whole < 0:
        raise ValueError(f"lines sum to {whole}")
    net = sum(line.net for line in lines)
    if lines and not 0 <= net <= whole:
        last = lines[-1]
        shift = min(max(net, 0), whole) - net
        lines[-1] = Split(last.total, last.net + shift, last.vat - shift)
    return lines
