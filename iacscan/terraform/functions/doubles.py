"""Logarithm and power of 64-bit floats, rounded as Go rounds them.

Terraform computes both in Go's ``math``; the C library behind Python's may differ in the last digit,
which ``ceil(log(…))`` would show. Follows the published fdlibm method for the logarithm (argument
reduced to within a factor of √2 around one, then a minimax polynomial) and squaring for powers.
"""

from __future__ import annotations

import math

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ODD = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)
_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)


def natural_log(value: float) -> float:
    """ln ``value``; minus infinity for zero and NaN below it."""
    if value <= 0 or not math.isfinite(value):
        return -math.inf if value == 0 else math.nan if value < 0 else value
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    rest = fraction - 1
    ratio = rest / (2 + rest)
    square = ratio * ratio
    fourth = square * square
    odd = square * (_ODD[0] + fourth * (_ODD[1] + fourth * (_ODD[2] + fourth * _ODD[3])))
    even = fourth * (_EVEN[0] + fourth * (_EVEN[1] + fourth * _EVEN[2]))
    half = 0.5 * rest * rest
    return exponent * _LN2_HIGH - ((half - (ratio * (half + (odd + even)) + exponent * _LN2_LOW)) - rest)


def double_power(value: float, power: float) -> float:
    """``value`` to the ``power``; raises ``ValueError`` or ``OverflowError`` where that is no finite number."""
    if value == 0 or power in (0, 1) or abs(power) >= 2**63 or not math.isfinite(value + power):
        return math.pow(value, power)
    if abs(power) == 0.5:
        return math.sqrt(value) if power > 0 else 1 / math.sqrt(value)
    fraction, whole = math.modf(abs(power))
    if fraction and value < 0:
        raise ValueError("a negative number has no fractional power")
    if fraction > 0.5:
        fraction, whole = fraction - 1, whole + 1
    mantissa = math.exp(fraction * natural_log(value)) if fraction else 1.0
    mantissa, exponent = _times_whole_power(mantissa, value, int(whole))
    if power < 0:
        mantissa, exponent = 1 / mantissa, -exponent
    return math.ldexp(mantissa, exponent)


def _times_whole_power(mantissa: float, value: float, count: int) -> tuple[float, int]:
    """``mantissa`` times ``value`` to the ``count``, as a mantissa and a binary exponent."""
    exponent = 0
    factor, factor_exponent = math.frexp(value)
    while count:
        if not -(2**12) < factor_exponent < 2**12:  # certain to overflow or to vanish
            return mantissa, exponent + factor_exponent
        if count & 1:
            mantissa, exponent = mantissa * factor, exponent + factor_exponent
        factor, factor_exponent = factor * factor, factor_exponent * 2
        if factor < 0.5:
            factor, factor_exponent = factor * 2, factor_exponent - 1
        count >>= 1
    return mantissa, exponent
