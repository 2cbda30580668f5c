"""Whether a condition limits a grant to fixed values, in the words of S3's definition of "public".

Follows "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
(the list of keys, "fixed" as no wildcard and no policy variable, the width of address ranges) and, for
keys that may be missing from a request,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.networks import is_narrow
from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition
from iacscan.aws.policies.references import asked_of_text, holes_are_fixed
from iacscan.core import Template, Ternary, Unknown, merge_unknown, unknowns

SOURCE_IP = "aws:sourceip"
_ACCESS_POINT_ARN = "s3:dataaccesspointarn"
_ORG_PATHS = "aws:principalorgpaths"

_LIMITING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        _ORG_PATHS,
        SOURCE_IP,
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:userid",
        _ACCESS_POINT_ARN,
        "s3:dataaccesspointaccount",
    }
)
_UNLISTED_BUT_LIMITING = frozenset(
    {
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
_NEARLY_ALWAYS_PRESENT = frozenset({"aws:principalaccount", "aws:userid", SOURCE_IP})
_WILDCARD = re.compile(r"[*?]")
_VARIABLE = re.compile(r"\$\{(.)")
_ESCAPE = re.compile(r"\$\{[*?$]\}")
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Limit:
    """Whether a condition limits who may call, and why not (or why that is not known)."""

    value: Ternary
    why: str = ""


def limit_of(condition: Condition, companions: tuple[Condition, ...], variables: Ternary) -> Limit:
    """Whether ``condition`` of an Allow limits it to fixed values.

    ``companions`` are all conditions of the statement (a ``Null`` beside an ``IfExists`` changes what
    that admits); ``variables`` says whether ``${…}`` is a policy variable in this document.
    """
    if not isinstance(condition.operator, str) or not isinstance(condition.key, str):
        doubt = _doubt(condition.operator, condition.key)
        return Limit(doubt, f"depends on {doubt}")
    operator = operator_of(condition.operator)
    if operator is None:
        why = f'"{condition.operator}" is no condition operator, so AWS refuses the policy'
        return Limit(Unknown(why), why)
    key = condition.key.lower()
    refusal = _no_limit(operator, key)
    if refusal is not None:
        return refusal
    by_values = _limit_by_values(key, condition.values, variables)
    if by_values.value is False:
        return by_values
    return _limit_when_missing(operator, key, companions) or by_values


def _no_limit(operator: Operator, key: str) -> Limit | None:
    """Why no value could make it a limit; None if the values decide."""
    if operator.family == "null":
        return Limit(False, "only asks whether the key is there")
    if operator.negated:
        return Limit(False, "admits every other value, and requests without the key")
    if key in _UNLISTED_BUT_LIMITING:
        why = f"S3 does not say whether {key} counts as a limit"
        return Limit(Unknown(why), why)
    if key not in _LIMITING_KEYS:
        return Limit(False, "is not a key that limits who may call")
    if operator.family not in ("ip",) if key == SOURCE_IP else operator.family not in ("string", "arn"):
        why = f"AWS does not document {operator.base} on {key}"
        return Limit(Unknown(why), why)
    return None


def _limit_when_missing(operator: Operator, key: str, companions: tuple[Condition, ...]) -> Limit | None:
    """What a request without the key makes of it; None if it cannot get through."""
    if not operator.if_exists and operator.quantifier != "ForAllValues":
        return None
    form = "IfExists" if operator.if_exists else "ForAllValues"
    required = disjunction(requires(companion, key) for companion in companions)
    if required is True or key in _NEARLY_ALWAYS_PRESENT:
        why = f"AWS does not document whether S3 counts {form} as a limit where {key} is always present"
        return Limit(Unknown(why), why)
    if isinstance(required, Unknown):
        return Limit(required, f"depends on {required}")
    return Limit(False, f"admits requests without the key ({form})")


def requires(condition: Condition, key: str) -> Ternary:
    """Whether ``condition`` is ``Null: {key: "false"}``, so that ``key`` must be in a request."""
    operator, name = condition.operator, condition.key
    if isinstance(operator, str) and operator.lower() != "null":
        return False
    if isinstance(name, str) and name.lower() != key:
        return False
    if all(isinstance(leaf, str) for leaf in (operator, name, *condition.values)):
        return [str(value).lower() for value in condition.values] == ["false"]
    return _doubt(operator, name, *condition.values)


def _limit_by_values(key: str, values: tuple[Leaf, ...], variables: Ternary) -> Limit:
    """A limit only if every value is fixed: values are alternatives."""
    if not values:
        why = "it has no values, which AWS does not document"
        return Limit(Unknown(why), why)
    terms = [_fixed(key, value, variables) for value in values]
    together = conjunction(terms)
    if together is False:
        loose = values[next(index for index, term in enumerate(terms) if term is False)]
        return Limit(False, f"{_too_loose(key)} ({shown(loose)})")
    if isinstance(together, Unknown):
        return Limit(together, f"depends on {together}")
    return Limit(True)


def _too_loose(key: str) -> str:
    if key == SOURCE_IP:
        return "names a range broader than /8 (IPv4) or /32 (IPv6)"
    return "has a value with a wildcard or policy variable"


def _fixed(key: str, value: Leaf, variables: Ternary) -> Ternary:
    if key == SOURCE_IP:
        return is_narrow(value)
    texts = [part for part in value.parts if isinstance(part, str)] if isinstance(value, Template) else [value]
    literal = [text for text in texts if isinstance(text, str)]
    variable = conjunction([_no_variable(text, variables) for text in literal])
    if variable is False:
        return False
    if any(_WILDCARD.search(_ESCAPE.sub("", text) if variables is not False else text) for text in literal):
        wildcard = _fixed_despite_wildcard(key, value)
        return conjunction([wildcard, variable])
    if not isinstance(value, str) and not holes_are_fixed(value):
        return _doubt(value)
    return variable


def _no_variable(text: str, variables: Ternary) -> Ternary:
    """Whether ``text`` has no policy variable; an escape such as ``${*}`` is undocumented for S3's test."""
    starts = _VARIABLE.findall(text)
    if not starts or variables is False:
        return True
    if isinstance(variables, Unknown):
        return variables
    if all(start in "*?$" for start in starts):
        return Unknown("AWS does not document whether S3 takes an escaped wildcard for a fixed value")
    return False


def _fixed_despite_wildcard(key: str, value: Leaf) -> Ternary:
    """The two keys where a wildcard need not make the value loose."""
    if key == _ACCESS_POINT_ARN:
        return asked_of_text(value, _fixed_access_point)
    if key == _ORG_PATHS:
        head = value if isinstance(value, str) else value.parts[0] if isinstance(value, Template) else value
        if isinstance(head, str) and re.match(r"o-[a-z0-9]{10,32}/", head):
            return Unknown("AWS does not document whether S3 takes an organization path with a wildcard for fixed")
        if not isinstance(head, str):
            return _doubt(value)
    return False


def _fixed_access_point(value: str) -> Ternary:
    """A wildcard in the access point's name is accepted if the account id is fixed."""
    parts = value.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or not re.fullmatch(r"\d{12}", parts[4]):
        return False
    if any(_WILDCARD.search(part) for part in parts[:4]):
        return Unknown("AWS documents a wildcard only in the name of the access point")
    return True


def _doubt(*leaves: Leaf) -> Unknown:
    return merge_unknown([item for leaf in leaves for item in unknowns(leaf)])


def shown(leaf: Leaf) -> str:
    """``leaf`` as a report shows it: holes as what they wait for."""
    if isinstance(leaf, Template):
        return "".join(part if isinstance(part, str) else f"${{{part}}}" for part in leaf.parts)
    return str(leaf)
