"""Input variables: their type constraints, defaults, and the values given from outside.

Follows https://developer.hashicorp.com/terraform/language/values/variables. Values come in
Terraform's precedence: ``TF_VAR_*``, ``terraform.tfvars``, ``terraform.tfvars.json``,
``*.auto.tfvars`` in lexical order, then the files and values of the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iacscan.core import Diagnostic, Level, Location, Reference, Unknown
from iacscan.terraform import nodes
from iacscan.terraform.expressions import Evaluator, Nothing, Scope
from iacscan.terraform.json_reader import parse_json
from iacscan.terraform.json_syntax import literal
from iacscan.terraform.lexer import Source
from iacscan.terraform.modules import Files
from iacscan.terraform.nodes import Block, Expression, File, HclSyntaxError
from iacscan.terraform.syntax import parse_expression, parse_file
from iacscan.terraform.types import ANY, BOOL, NUMBER, STRING, Collection, Object, Optional, Tuple, Type, convert
from iacscan.terraform.values import EvaluationError, written_or

_PRIMITIVES: Mapping[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY}
_BARE: Mapping[str, Type] = {kind: Collection(kind, ANY) for kind in ("list", "set", "map")}


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable; ``required`` where it has no default."""

    name: str
    type: Type
    default: Any = None
    required: bool = True
    nullable: bool = True
    sensitive: bool = False
    literal: bool = True

    def accept(self, value: Any) -> Any:
        """``value`` as the variable holds it; raises ``EvaluationError`` where it does not fit the type."""
        if not self.nullable:
            value = written_or(value, lambda: self.default)
        return convert(value, self.type)


@dataclass(frozen=True, slots=True)
class Given:
    """Values from outside for a root module: by name, which of them are secret, and what could not be read.

    ``lost`` says why other variables may have a value, too: a file of values that cannot be read. It is empty
    where there is none.
    """

    values: Mapping[str, Any]
    outside: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    lost: str = ""


def declare(block: Block, evaluator: Evaluator) -> Variable:
    """The variable that ``block`` declares; raises ``EvaluationError`` for a type or default that is none."""
    body, name = block.body, block.labels[0]
    written = body.expression("type")
    kind = type_of(written, evaluator) if written is not None else ANY
    flags = {each: _flag(body.expression(each), evaluator) for each in ("nullable", "sensitive")}
    as_text = written is None or kind in (STRING, NUMBER, BOOL)
    variable = Variable(
        name, kind, nullable=flags["nullable"] is not False, sensitive=flags["sensitive"] is True, literal=as_text
    )
    default = body.expression("default")
    if default is None:
        return variable
    value = evaluator.evaluate(default, Scope(Nothing()))
    return replace(variable, default=convert(value, kind), required=False)


def _flag(expression: Expression | None, evaluator: Evaluator) -> Any:
    return None if expression is None else evaluator.evaluate(expression, Scope(Nothing()))


def type_of(expression: Expression, evaluator: Evaluator) -> Type:
    """The type constraint that ``expression`` writes; raises ``EvaluationError``."""
    if isinstance(expression, nodes.Parens):
        return type_of(expression.inner, evaluator)
    if isinstance(expression, nodes.Literal) and isinstance(expression.value, str):
        return _quoted_type(expression.value, evaluator)
    if isinstance(expression, nodes.Name):
        known = _PRIMITIVES.get(expression.name) or _BARE.get(expression.name)
        if known is not None:
            return known
    if isinstance(expression, nodes.Call) and len(expression.arguments) == 1:
        inner = expression.arguments[0]
        if expression.name in _BARE:
            return Collection(expression.name, type_of(inner, evaluator))
        if expression.name == "tuple" and isinstance(inner, nodes.TupleItems):
            return Tuple(tuple(type_of(item, evaluator) for item in inner.items))
        if expression.name == "object" and isinstance(inner, nodes.ObjectItems):
            return Object(dict(_attribute_types(inner, evaluator)))
    raise EvaluationError("this is not a type constraint")


def _quoted_type(text: str, evaluator: Evaluator) -> Type:
    """The legacy ``type = "list"`` and the types of JSON syntax."""
    try:
        return type_of(parse_expression(Source(text), 0, len(text)), evaluator)
    except HclSyntaxError:
        raise EvaluationError("this is not a type constraint") from None


def _attribute_types(items: nodes.ObjectItems, evaluator: Evaluator) -> Iterator[tuple[str, Type | Optional]]:
    for item in items.items:
        name, kind = getattr(item.key, "value", None), item.value
        if not isinstance(name, str):
            raise EvaluationError("the attribute of an object type must be a name")
        if isinstance(kind, nodes.Call) and kind.name == "optional" and kind.arguments:
            inner = type_of(kind.arguments[0], evaluator)
            default = None
            if len(kind.arguments) > 1:
                default = evaluator.evaluate(kind.arguments[1], Scope(Nothing()))
            yield name, Optional(inner, default)
        else:
            yield name, type_of(kind, evaluator)


def from_files(names: list[Path], files: Files, evaluator: Evaluator) -> Given:
    """The values of variable files, later ones over earlier ones; one that cannot be read may set anything."""
    given = Given({})
    for path in names:
        shown = files.show(path)
        values: dict[str, Any] = {}
        diagnostics: tuple[Diagnostic, ...] = ()
        try:
            read = _read(path, shown, files)
            diagnostics = read.diagnostics
            for name, attribute in read.body.attributes.items():
                values[name] = evaluator.evaluate(attribute.value, Scope(Nothing()))
        except (OSError, ValueError, EvaluationError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            said = Diagnostic(Level.ERROR, f"cannot be read as variables: {reason}", Location(shown))
            diagnostics = (*diagnostics, said)
        kept = {} if diagnostics else given.values
        lost = f"{shown} cannot be read" if diagnostics else given.lost
        given = Given({**kept, **values}, diagnostics=(*given.diagnostics, *diagnostics), lost=lost)
    return given


def _read(path: Path, shown: str, files: Files) -> File:
    text = files.read(path)
    if not path.name.endswith(".json"):
        return parse_file(text, shown)
    try:
        root = parse_json(Source(text.removeprefix("\ufeff")))
        if not isinstance(root.value, tuple):
            raise HclSyntaxError("An object is required here", root.span)
        attributes = {
            each.key: nodes.Attribute(each.key, literal(each.value), each.span, shown)
            for each in root.value
            if each.key != "//"
        }
        return File(shown, nodes.Body(attributes))
    except HclSyntaxError as fault:
        return File(shown, nodes.Body({}), (), (Diagnostic(Level.ERROR, str(fault), Location(shown, fault.span)),))


def automatic_files(names: list[str]) -> list[str]:
    """The variable files of a directory that Terraform reads by itself, in order of precedence."""
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return first + sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))


def from_text(text: str, variable: Variable, evaluator: Evaluator) -> Any:
    """A value given as text (``TF_VAR_x``, ``--var``): literal for a primitive type, else an expression.

    Raises ``EvaluationError``.
    """
    if variable.literal:
        return text
    try:
        return evaluator.evaluate(parse_expression(Source(text), 0, len(text)), Scope(Nothing()))
    except HclSyntaxError:
        raise EvaluationError("it is not an expression") from None


def missing(name: str) -> Unknown:
    """The value of a variable that nobody gave one."""
    return Unknown(f"the variable {name} has no value", (Reference(f"var.{name}"),), exact=True)
