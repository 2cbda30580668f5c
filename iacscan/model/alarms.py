"""CloudWatch alarms: which metric one watches, and whether anybody hears it.

An alarm without actions of its own may set off a composite alarm:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html .
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import Source, items
from iacscan.model.references import Things, flag

ALARM = "aws_cloudwatch_metric_alarm"
COMPOSITE = "aws_cloudwatch_composite_alarm"

_STATE = re.compile(r'\b(ALARM|OK|INSUFFICIENT_DATA)\(\s*"?([^"()]*?)"?\s*\)')
_IS_ALARM = re.compile(rf"(^|\.)({ALARM}|{COMPOSITE})\.")
_ITSELF = "\0"
"""Stands in an alarm rule for a hole that is the alarm's name or ARN."""


class Alarms:
    """The alarms of one configuration."""

    def __init__(self, things: Things) -> None:
        self.metric = things.of(ALARM)
        self._composite = things.of(COMPOSITE)

    def acts(self, alarm: Resource) -> Ternary:
        """Whether something is done when ``alarm`` goes off, by itself or by a composite alarm (of composite ones)."""
        return self._acts(alarm, 2)

    def _acts(self, alarm: Resource, depth: int) -> Ternary:
        own = _has_actions(alarm)
        if own is True or depth == 0:
            return own
        named = ((item, _sets_off(item, alarm)) for item in self._composite if item is not alarm)
        return disjunction(
            [own, *(conjunction([value, self._acts(item, depth - 1)]) for item, value in named if value is not False)]
        )

    def watching(self, metric_filter: Resource) -> Ternary:
        """Whether an alarm that acts watches the metric of a log filter."""
        block = Source(metric_filter).get("metric_transformation", 0)
        if isinstance(block, Unknown):
            return disjunction(block for _ in self.metric)
        metric = block if isinstance(block, dict) else {}
        return disjunction(self._on(alarm, metric, metric_filter) for alarm in self.metric)

    def _on(self, alarm: Resource, metric: dict[str, Value], metric_filter: Resource) -> Ternary:
        same = (
            _same(alarm, name, metric.get(key), metric_filter)
            for name, key in (("metric_name", "name"), ("namespace", "namespace"))
        )
        found = conjunction(same)
        return False if found is False else conjunction([found, self.acts(alarm)])


def _has_actions(alarm: Resource) -> Ternary:
    listed = alarm.values.get("alarm_actions")
    some: Ternary = bool(items(listed))
    if isinstance(listed, Unknown):
        # A plan shows a set of ARNs that wait as unknown altogether; where it names them, there are some.
        named = [reference.path[-1:] for reference in listed.references]
        some = True if named and all(path in (("arn",), ("id",)) for path in named) else listed
    return conjunction([some, flag(alarm, "actions_enabled", True)])


def _sets_off(composite: Resource, alarm: Resource) -> Ternary:
    """Whether a composite alarm goes off whenever ``alarm`` does: its rule is met by that one alone."""
    rule = composite.values.get("alarm_rule")
    if isinstance(rule, Unknown) and alarm.address in {item.address for item in rule.references}:
        return rule
    text = "".join(_rule_parts(rule, alarm))
    names = {
        _ITSELF,
        *(item for name in ("alarm_name", "arn", "id") if isinstance(item := alarm.values.get(name), str)),
    }
    asked = [name for state, name in _STATE.findall(text) if state == "ALARM"]
    if not names & set(asked):
        others = [hole for hole in unknowns(rule) if _may_name(hole)]
        if any("?" not in name for name in asked):  # a name that is written may be that of this alarm
            others += unknowns(alarm.values.get("alarm_name"))
        return merge_unknown(others) if others else False
    if re.search(r"\b(AND|NOT)\b", _STATE.sub("", text)):
        return Unknown(f"the rule of {composite.address} asks for more than {alarm.address}")
    return True


def _rule_parts(rule: Value, alarm: Resource) -> Iterator[str]:
    parts: Sequence[Value] = rule.parts if isinstance(rule, Template) else (rule,)
    for part in parts:
        if isinstance(part, Unknown):
            refers = {item.address for item in part.references} == {alarm.address}
            yield _ITSELF if refers or part == alarm.values.get("alarm_name") else "?"
        elif isinstance(part, str):
            yield part


def _may_name(hole: Unknown) -> bool:
    """Whether a part of a rule may be the name of an alarm that it does not refer to."""
    return not hole.references or not all(_IS_ALARM.search(item.address) for item in hole.references)


def _same(alarm: Resource, argument: str, wanted: Value, metric_filter: Resource) -> Ternary:
    value = alarm.named_by(argument)
    if isinstance(value, str) and isinstance(wanted, str):
        return value == wanted
    if value == wanted and value is not None:
        return True
    if isinstance(value, Unknown) and {item.address for item in value.references} == {metric_filter.address}:
        return _by_own_name(value, metric_filter, wanted)
    return merge_unknown([*unknowns(value), *unknowns(wanted)]) if value is not None else False


def _by_own_name(value: Unknown, metric_filter: Resource, wanted: Value) -> Ternary:
    """Whether what an alarm takes from a filter is the metric: the filter's id is its own name, often another."""
    own = metric_filter.values.get("name")
    if not {item.path for item in value.references} <= {("id",), ("name",)}:
        return True
    known = value.reference is not None and isinstance(own, str) and isinstance(wanted, str)
    return own == wanted if known else value
