"""Date and time functions; what reads the clock is not known before apply.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Date and Time Functions".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from iacscan.core import Unknown
from iacscan.terraform.functions.registry import STRING, Function
from iacscan.terraform.values import EvaluationError

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)")
_UNITS = {"ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class _Instant:
    """Wall-clock time in a zone: the local date and time to the second, nanoseconds, the offset."""

    local: datetime
    nanoseconds: int
    zone: str

    @property
    def offset(self) -> int:
        """Seconds east of UTC."""
        if self.zone == "Z":
            return 0
        seconds = int(self.zone[1:3]) * 3600 + int(self.zone[4:6]) * 60
        return -seconds if self.zone[0] == "-" else seconds

    @property
    def order(self) -> tuple[datetime, int]:
        """A key that orders instants in time."""
        return self.local - timedelta(seconds=self.offset), self.nanoseconds


def _parse(text: str) -> _Instant:
    found = _RFC3339.fullmatch(text)
    try:
        if not found:
            raise ValueError
        zone = found[8]
        if zone != "Z" and (int(zone[1:3]) > 24 or int(zone[4:6]) > 60):
            raise ValueError
        year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
        instant = _Instant(datetime(year, month, day, hour, minute, second), int(f"{found[7] or '':0<9.9}"), zone)
        _ = instant.order
    except (ValueError, OverflowError):
        raise EvaluationError(f"not a valid RFC3339 timestamp: {text!r}") from None
    return instant


def format_rfc3339(numbers: Sequence[int], zone: str) -> str | None:
    """Year, month, day, hour, minute and second as RFC 3339 text; None where there is no such time."""
    try:
        return datetime(*numbers).isoformat() + zone  # type: ignore[arg-type]
    except ValueError:
        return None


def _timeadd(timestamp: str, duration: str) -> str:
    start, nanoseconds = _parse(timestamp), _duration(duration)
    seconds = (start.nanoseconds + nanoseconds) // _SECOND
    try:
        local = start.local + timedelta(seconds=seconds)
    except OverflowError:
        raise EvaluationError("the resulting time is out of range") from None
    return local.isoformat() + ("Z" if start.offset == 0 else start.zone)


def _duration(text: str) -> int:
    """A duration such as ``-1h30m`` in nanoseconds."""
    body = text[1:] if text[:1] in ("+", "-") else text
    total, position = 0, 0
    while position < len(body) or (not total and not position):
        if body == "0":
            break
        found = _DURATION.match(body, position)
        if not found or not (found[1] or found[2]):
            raise EvaluationError(f"invalid duration {text!r}")
        fraction = found[2] or ""
        unit = _UNITS[found[3]]
        total += int(found[1] or 0) * unit + int(fraction or 0) * unit // 10 ** len(fraction)
        position = found.end()
    if total >= 2**63:
        raise EvaluationError(f"invalid duration {text!r}")
    return -total if text[:1] == "-" else total


def _timecmp(left: str, right: str) -> int:
    first, second = _parse(left).order, _parse(right).order
    return (first > second) - (first < second)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_TOKEN = re.compile(r"''|'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+", re.DOTALL)


def _formatdate(layout: str, timestamp: str) -> str:
    instant = _parse(timestamp)
    return "".join(_render(token[0], instant) for token in _TOKEN.finditer(layout))


def _render(token: str, instant: _Instant) -> str:
    if token == "''":
        return "'"
    if token[0] == "'":
        if len(token) < 2 or token[-1] != "'":
            raise EvaluationError("unterminated literal '")
        return token[1:-1].replace("''", "'")
    if not (token[0].isascii() and token[0].isalpha()):
        return token
    rendered = _clock(token, instant.local)
    if rendered is None:
        rendered = _zone(token, instant)
    if rendered is None:
        raise EvaluationError(f"invalid date format verb {token!r}")
    return rendered


def _clock(token: str, local: datetime) -> str | None:
    hour = local.hour % 12 or 12
    verbs = {
        "YYYY": f"{local.year:04}",
        "YY": f"{local.year % 100:02}",
        "MMMM": _MONTHS[local.month - 1],
        "MMM": _MONTHS[local.month - 1][:3],
        "MM": f"{local.month:02}",
        "M": str(local.month),
        "DD": f"{local.day:02}",
        "D": str(local.day),
        "EEEE": _DAYS[local.weekday()],
        "EEE": _DAYS[local.weekday()][:3],
        "hh": f"{local.hour:02}",
        "h": str(local.hour),
        "HH": f"{hour:02}",
        "H": str(hour),
        "AA": "AM" if local.hour < 12 else "PM",
        "aa": "am" if local.hour < 12 else "pm",
        "mm": f"{local.minute:02}",
        "m": str(local.minute),
        "ss": f"{local.second:02}",
        "s": str(local.second),
    }
    return verbs.get(token)


def _zone(token: str, instant: _Instant) -> str | None:
    sign = "-" if instant.offset < 0 else "+"
    hours, minutes = divmod(abs(instant.offset) // 60, 60)
    numeric = f"{sign}{hours:02}{minutes:02}"
    verbs = {
        "Z": "Z" if instant.offset == 0 else f"{numeric[:3]}:{numeric[3:]}",
        "ZZZ": "UTC" if instant.offset == 0 else numeric,
        "ZZZZ": numeric,
        "ZZZZZ": f"{numeric[:3]}:{numeric[3:]}",
    }
    return verbs.get(token)


def _timestamp() -> Unknown:
    return Unknown("timestamp() is the time of apply")


def _plantimestamp() -> Unknown:
    return Unknown("plantimestamp() is the time of the plan")


FUNCTIONS = (
    Function("formatdate", _formatdate, (STRING, STRING)),
    Function("plantimestamp", _plantimestamp),
    Function("timeadd", _timeadd, (STRING, STRING)),
    Function("timecmp", _timecmp, (STRING, STRING)),
    Function("timestamp", _timestamp),
)
