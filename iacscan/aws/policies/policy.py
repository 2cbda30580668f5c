"""Policy documents read into statements, without judging them.

Follows the grammar of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
Whatever is not known stays in its place: a leaf may be a text, a text with holes, or unknown. An
unknown leaf stands for any value *or values*, an unknown statement for any number of statements, an
unknown condition for any condition or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from iacscan.aws.policies.jsontext import NotJsonError, decode_value
from iacscan.aws.policies.patterns import Leaf
from iacscan.core import Encoded, PathStep, Template, Unknown, Value, merge_unknown, unknowns

VERSION_WITH_VARIABLES = "2012-10-17"

_POLICY_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_EFFECTS = ("Allow", "Deny")


def place_of(statement: int) -> tuple[PathStep, ...]:
    """The path in a document to the statement of this index."""
    return ("Statement", statement)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something AWS would refuse: a stable code, a sentence, and the index of the statement if in one."""

    code: str
    message: str
    statement: int | None = None

    @property
    def place(self) -> tuple[PathStep, ...]:
        """Where it is in the document, as far as that is told."""
        return () if self.statement is None else place_of(self.statement)


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal: its kind (``AWS``, ``Service``, ``Federated``, ``CanonicalUser``, or ``*``) and its name.

    ``Principal: "*"`` is kind ``*`` with value ``*``.
    """

    kind: Leaf
    value: Leaf


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one key: the condition holds if the key has one of the values."""

    operator: Leaf
    key: Leaf
    values: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``None`` is an element that is not written; ``index`` counts from 0."""

    index: int
    sid: Leaf | None
    effect: str | Unknown
    principals: tuple[Principal, ...] | None = None
    not_principals: tuple[Principal, ...] | None = None
    actions: tuple[Leaf, ...] | None = None
    not_actions: tuple[Leaf, ...] | None = None
    resources: tuple[Leaf, ...] | None = None
    not_resources: tuple[Leaf, ...] | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        """Its Sid where it has a known one, else ``#index``."""
        return self.sid if isinstance(self.sid, str) and self.sid else f"#{self.index}"

    @property
    def place(self) -> tuple[PathStep, ...]:
        """Where it stands in the document."""
        return place_of(self.index)

    @property
    def name(self) -> str:
        """How a sentence begins that speaks of it: ``Statement "TlsOnly"`` or ``Statement #0``."""
        return f"Statement {self.label}" if self.label.startswith("#") else f'Statement "{self.label}"'


PolicyStatement: TypeAlias = Statement | Unknown


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document; ``problems`` are those that keep it from being read as written."""

    version: Leaf | None = None
    id: Leaf | None = None
    statements: tuple[PolicyStatement, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether it is a policy at all: JSON with statements."""
        return not any(problem.code in ("not-json", "not-an-object") for problem in self.problems)

    @property
    def has_variables(self) -> bool | Unknown:
        """Whether ``${…}`` is a policy variable here: only with the version of 2012."""
        if self.version is None or isinstance(self.version, str):
            return self.version == VERSION_WITH_VARIABLES
        return merge_unknown(unknowns(self.version))


def parse(document: Value) -> Policy | Unknown:
    """The policy written in ``document``: JSON text, text with holes, or an already decoded object.

    Never raises: a document that is no policy becomes one with ``problems``. A document of which
    nothing is known, or whose text cannot be told round its holes, is Unknown.
    """
    try:
        decoded = decode_value(document)
    except NotJsonError as error:
        return Policy(problems=(Problem("not-json", f"The policy is not valid JSON: {error}."),))
    if isinstance(decoded, Unknown):
        return decoded
    if isinstance(decoded.value, Unknown):
        return decoded.value
    if isinstance(decoded.value, Template | Encoded):
        return _hole(decoded.value)
    if not isinstance(decoded.value, dict):
        return Policy(problems=(Problem("not-an-object", "The policy is not a JSON object."),))
    reader = _Reader()
    for name in decoded.duplicates:
        reader.problem("duplicate-key", f'"{name}" is written more than once in one object; only the last one counts')
    return reader.policy(decoded.value)


def _hole(value: Any) -> Unknown:
    try:
        return merge_unknown(unknowns(value))
    except RecursionError:
        return Unknown("a value is nested too deeply to be read")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "…"


class _Reader:
    """Reads decoded JSON and collects problems on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.index: int | None = None

    def problem(self, code: str, message: str) -> None:
        where = "" if self.index is None else f" (statement #{self.index})"
        self.problems.append(Problem(code, f"{message}{where}.", self.index))

    def policy(self, document: dict[Any, Any]) -> Policy:
        self._elements(document, _POLICY_ELEMENTS)
        version = self._optional_leaf("Version", document.get("Version"))
        identifier = self._optional_leaf("Id", document.get("Id"))
        statements = tuple(self._statements(document))
        self.index = None
        return Policy(version, identifier, statements, tuple(self.problems))

    def _statements(self, document: dict[Any, Any]) -> Iterator[PolicyStatement]:
        if any(not isinstance(name, str) for name in document):
            yield _hole(next(name for name in document if not isinstance(name, str)))
        written = document.get("Statement")
        if written is None or written == []:
            self.problem("missing-statement", "The policy has no Statement")
        for index, item in enumerate(written if isinstance(written, list) else [] if written is None else [written]):
            self.index = index
            if isinstance(item, dict):
                yield self._statement(index, item)
            elif isinstance(item, Unknown | Template | Encoded):
                yield _hole(item)
            else:
                self.problem("bad-type", f"A statement must be an object, not {_shown(item)}")

    def _statement(self, index: int, item: dict[Any, Any]) -> PolicyStatement:
        self._elements(item, _STATEMENT_ELEMENTS)
        unsure = next((name for name in item if not isinstance(name, str)), None)
        if unsure is not None:
            return _hole(unsure)
        for name in ("Principal", "Action", "Resource"):
            if name in item and f"Not{name}" in item:
                self.problem("both-forms", f"{name} and Not{name} stand in one statement")
        return Statement(
            index,
            self._optional_leaf("Sid", item.get("Sid")),
            self._effect(item.get("Effect")),
            self._principals("Principal", item),
            self._principals("NotPrincipal", item),
            self._texts("Action", item),
            self._texts("NotAction", item),
            self._texts("Resource", item),
            self._texts("NotResource", item),
            self._conditions(item.get("Condition")),
        )

    def _elements(self, item: dict[Any, Any], allowed: frozenset[str]) -> None:
        for name in item:
            if isinstance(name, str) and name not in allowed:
                self.problem("unknown-element", f'"{_shown(name)}" is not an element of a policy')

    def _effect(self, value: Any) -> str | Unknown:
        if isinstance(value, str) and value in _EFFECTS:
            return value
        if isinstance(value, Unknown | Template | Encoded):
            return _hole(value)
        if value is None:
            self.problem("missing-effect", "The statement has no Effect")
            return Unknown("the statement has no Effect, so AWS refuses the policy")
        self.problem("bad-effect", f'Effect must be "Allow" or "Deny", not "{_shown(value)}"')
        return Unknown("Effect is neither Allow nor Deny, so AWS refuses the policy")

    def _optional_leaf(self, name: str, value: Any) -> Leaf | None:
        if value is None:
            return None
        leaf = self._leaf(value)
        if leaf is None:
            self.problem("bad-type", f"{name} must be a text, not {_shown(value)}")
        return leaf

    @staticmethod
    def _leaf(value: Any) -> Leaf | None:
        """A text, or None for what is none."""
        if isinstance(value, str | Unknown | Template):
            return value
        return _hole(value) if isinstance(value, Encoded) else None

    def _texts(self, name: str, item: dict[Any, Any]) -> tuple[Leaf, ...] | None:
        return self._list(name, item[name]) if item.get(name) is not None else None

    def _list(self, name: str, value: Any) -> tuple[Leaf, ...]:
        found: list[Leaf] = []
        for entry in value if isinstance(value, list) else [value]:
            leaf = self._leaf(entry)
            if leaf is None:
                self.problem("bad-type", f"{name} must hold texts, not {_shown(entry)}")
            found.append(_REFUSED if leaf is None else leaf)
        if not found:
            self.problem("empty-element", f"{name} is empty")
        return tuple(found)

    def _principals(self, name: str, item: dict[Any, Any]) -> tuple[Principal, ...] | None:
        value = item.get(name)
        if value is None:
            return None
        if isinstance(value, dict):
            if not value:
                self.problem("empty-element", f"{name} is empty")
            return tuple(
                Principal(kind, entry) for kind, names in value.items() for entry in self._list(f"{name} {kind}", names)
            )
        leaf = self._leaf(value)
        if leaf is None or (isinstance(leaf, str) and leaf != "*"):
            self.problem("bad-principal", f'{name} must be "*" or an object, not {_shown(value)}')
            return (Principal(_REFUSED, _REFUSED),)
        return (Principal("*", leaf),) if isinstance(leaf, str) else (Principal(_hole(leaf), _hole(leaf)),)

    def _conditions(self, value: Any) -> tuple[Condition, ...]:
        if value is None:
            return ()
        if isinstance(value, dict):
            return tuple(found for operator, keys in value.items() for found in self._operator(operator, keys))
        if isinstance(value, Unknown | Template | Encoded):
            return (Condition(_hole(value), _hole(value), (_hole(value),)),)
        self.problem("bad-type", f"Condition must be an object, not {_shown(value)}")
        return (Condition(_REFUSED, _REFUSED, (_REFUSED,)),)

    def _operator(self, operator: Leaf, keys: Any) -> Iterator[Condition]:
        if isinstance(keys, dict):
            for key, values in keys.items():
                yield Condition(operator, key, self._values(key, values))
        elif isinstance(keys, Unknown | Template | Encoded):
            yield Condition(operator, _hole(keys), (_hole(keys),))
        else:
            self.problem("bad-type", f"Condition {operator} must be an object, not {_shown(keys)}")
            yield Condition(operator, _REFUSED, (_REFUSED,))

    def _values(self, key: Leaf, values: Any) -> tuple[Leaf, ...]:
        """Condition values: JSON booleans and numbers are read as the texts that AWS compares."""
        items = values if isinstance(values, list) else [values]
        plain = [_scalar_text(item) for item in items]
        return self._list(f"Condition key {key}", plain)


_REFUSED = Unknown("the element has a form that AWS refuses")


def _scalar_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, ".17g") if isinstance(value, float) else str(value) if isinstance(value, int) else value
