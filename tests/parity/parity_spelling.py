"""Expressions that come to a given value, written in as many ways as the language has."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from parity_text import Block, Item, literal, quoted

ECHO = 'variable "value" {}\n\noutput "value" {\n  value = var.value\n}\n'
"""A module that hands its input back."""

FAILING = ["{}.none", "[][0]", 'tonumber("x")']
"""Expressions that are errors, for ``try`` to pass over."""


@dataclass(slots=True)
class Speller:
    """Writes expressions for one module; what they need beside them is gathered in ``blocks`` and ``files``.

    ``given`` are values of variables that the caller has to give. ``echo`` says whether the module may
    call others.
    """

    random: Random
    blocks: list[Block] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    given: dict[str, object] = field(default_factory=dict)
    echo: bool = True
    numbered: int = 0

    def fresh(self, prefix: str) -> str:
        """A name not used before."""
        self.numbered += 1
        return f"{prefix}{self.numbered}"

    def any(self, value: object, depth: int = 2) -> str:
        """An expression for ``value``."""
        if isinstance(value, bool):
            return self.boolean(value, depth)
        if isinstance(value, str):
            return self.text(value, depth)
        if isinstance(value, int):
            return self.number(value, depth)
        if isinstance(value, list):
            return self.sequence(value, depth)
        if isinstance(value, dict):
            return self.mapping(value, depth)
        assert value is None
        return self.null(depth)

    def _pick(self, plain: str, depth: int, *ways: Callable[[], str]) -> str:
        if depth <= 0 or self.random.random() < 0.3:
            return plain
        return self.random.choice(ways)()

    def text(self, value: str, depth: int = 2) -> str:
        """An expression for a text."""
        down = depth - 1
        cut = self.random.randrange(len(value) + 1)
        left, right = value[:cut], value[cut:]
        return self._pick(
            quoted(value),
            depth,
            lambda: self.common(value, down),
            lambda: self.common(value, down),
            lambda: self.common(value, down),
            lambda: f'"${{{self.text(left, down)}}}{quoted(right)[1:-1]}"',
            lambda: f'"{quoted(left)[1:-1]}${{{self.text(right, down)}}}"',
            lambda: f'join("", [{self.text(left, down)}, {self.text(right, down)}])',
            lambda: f'format("%s%s", {self.text(left, down)}, {self.text(right, down)})',
            lambda: f'replace({self.text("@@" + value, down)}, "@@", "")',
            lambda: f"trimprefix({self.text('x-' + value, down)}, {self.text('x-', 0)})",
            lambda: f"substr({self.text('..' + value, down)}, 2, -1)" if value.isascii() else quoted(value),
            lambda: f"base64decode({quoted(base64.b64encode(value.encode()).decode())})",
            lambda: f'split("|", {self.text("a|" + value, down)})[1]' if "|" not in value else quoted(value),
            lambda: f'"%{{ if {self.boolean(True, down)} }}{quoted(value)[1:-1]}%{{ else }}other%{{ endif }}"',
            lambda: f'"%{{ for x in {self.sequence([left, right], down)} }}${{x}}%{{ endfor }}"',
            lambda: f"keys({{ {quoted(value)} = 1 }})[0]" if "." not in value else quoted(value),
            lambda: self._heredoc(value),
            lambda: self._template(value, left, right, down),
        )

    def _heredoc(self, value: str) -> str:
        if "\n" in value or value != value.strip() or not value:
            return quoted(value)
        inner = value.replace("${", "$${").replace("%{", "%%{")
        return self.random.choice([f"chomp(<<-EOT\n      {inner}\n    EOT\n  )", f"trimspace(<<EOT\n{inner}\nEOT\n)"])

    def _template(self, value: str, left: str, right: str, depth: int) -> str:
        if "${" in value or "%{" in value:
            return quoted(value)
        name = self.fresh("t") + ".tftpl"
        self.files[name] = f"${{a}}{right}"
        return f'templatefile("${{path.module}}/{name}", {{ a = {self.text(left, depth)} }})'

    def boolean(self, value: bool, depth: int = 2) -> str:
        """An expression for a truth value."""
        down = depth - 1
        yes = self.random.random() < 0.5
        return self._pick(
            literal(value),
            depth,
            lambda: self.common(value, down),
            lambda: self.common(value, down),
            lambda: f"!{self.boolean(not value, down)}",
            lambda: f"({self.boolean(value, down)} && {self.boolean(True, down)})",
            lambda: f"({self.boolean(value, down)} || {self.boolean(False, down)})",
            lambda: f"({self.number(2, down)} {'>' if value else '<'} {self.number(1, down)})",
            lambda: f"({self.text('a', down)} {'==' if value else '!='} {self.text('a', down)})",
            lambda: f"tobool({quoted(str(value).lower())})",
            lambda: f"{'alltrue' if value else 'anytrue'}({self.sequence([value, value], down)})",
            lambda: f"contains({self.sequence(['a', 'b'], down)}, {quoted('a' if value else 'c')})",
            lambda: f"can({self.text('x', down)}{'' if value else '.none'})",
            lambda: f"(length({self.sequence(['a'] if value else [], down)}) {'> 0' if yes else '== 1'})",
            lambda: f"({self.null(down)} {'==' if value else '!='} null)",
        )

    def number(self, value: int, depth: int = 2) -> str:
        """An expression for a whole number."""
        down = depth - 1
        return self._pick(
            literal(value),
            depth,
            lambda: self.common(value, down),
            lambda: f"({self.number(value + 3, down)} - 3)",
            lambda: f"({value * 2} / 2)",
            lambda: f"({value} % {abs(value) + 1})",
            lambda: f'tonumber("{value}")',
            lambda: f"max({value}, {value - 1})",
            lambda: f"length(range({value}))" if value >= 0 else literal(value),
            lambda: f'index(["{value}", "x"], "{value}") + {value}' if depth > 3 else f"floor({value}.5)",
        )

    def sequence(self, value: list[object], depth: int = 2) -> str:
        """An expression for a list or tuple."""
        down = depth - 1
        plain = f"[{', '.join(self.any(item, down) for item in value)}]"
        cut = self.random.randrange(len(value) + 1)
        texts = all(isinstance(item, str) for item in value)
        typed = [lambda: self._typed_list(value, down)] if texts else []
        ordered = texts and value and value == sorted(set(map(str, value)))
        sets = [lambda: f"sort(toset({self.sequence(value, down)}))", lambda: f"distinct({plain})"] if ordered else []
        return self._pick(
            plain,
            depth,
            *typed,
            *sets,
            lambda: self.common(value, down),
            lambda: f"concat({self.sequence(value[:cut], down)}, {self.sequence(value[cut:], down)})",
            lambda: f"flatten([{self.sequence(value[:cut], down)}, [{self.sequence(value[cut:], 0)}]])",
            lambda: f"[for x in {self.sequence(value, down)} : x]",
            lambda: f"[for i, x in {self.sequence([None, *value], 0)} : x if i > 0]",
            lambda: f"reverse({self.sequence(value[::-1], down)})",
            lambda: f"[{', '.join(f'{{ v = {self.any(item, down)} }}' for item in value)}][*].v",
            lambda: f"slice({self.sequence([*value, None], 0)}, 0, {len(value)})",
        )

    def _typed_list(self, value: list[object], depth: int) -> str:
        name = self.fresh("v")
        kind = self.random.choice(["list(string)", "list(any)", "list(string)"])
        self.blocks.append(Block("variable", (name,), [("type", kind), ("default", literal(value))]))
        return f"var.{name}" if depth <= 0 else f"compact(concat(var.{name}, [{self.null(depth - 1)}]))"

    def mapping(self, value: dict[str, object], depth: int = 2) -> str:
        """An expression for an object."""
        down = depth - 1
        plain = "{ " + ", ".join(f"{quoted(key)} = {self.any(item, down)}" for key, item in value.items()) + " }"
        keys = sorted(value)
        values = ", ".join(self.any(value[key], down) for key in keys)
        pairs = ", ".join(f"{{ k = {quoted(key)}, v = {self.any(item, down)} }}" for key, item in value.items())
        some = dict(list(value.items())[: self.random.randrange(len(value) + 1)])
        return self._pick(
            plain,
            depth,
            lambda: self.common(value, down),
            lambda: f"merge({self.mapping(some, down)}, {plain})",
            lambda: f"zipmap({self.sequence(list(keys), down)}, [{values}])",
            lambda: f"{{ for k, v in {self.mapping(value, down)} : k => v }}",
            lambda: f"{{ for p in [{pairs}] : p.k => p.v }}",
        )

    def null(self, depth: int = 2) -> str:
        """An expression for null."""
        return self._pick(
            "null",
            depth,
            lambda: f"({self.boolean(False, depth - 1)} ? null : null)",
            lambda: "try({}.missing, null)",
            lambda: 'lookup({ a = null }, "a", null)',
        )

    def common(self, value: object, depth: int) -> str:
        """A way of writing that any value has."""
        other: object = {str: "other", bool: not value, int: 77}.get(type(value))
        plain = self.any(value, depth)
        choices: list[Callable[[], str]] = [
            *[lambda: self.variable(value)] * 6,
            *[lambda: self.optional(value)] * 4,
            *[lambda: self.local(plain)] * 2,
            lambda: f"({plain})",
            lambda: f"try({self.random.choice(FAILING)}, {plain})",
            lambda: f"nonsensitive(sensitive({plain}))" if depth > 0 else plain,
            lambda: f"[{plain}][0]",
            lambda: f"{{ k = {plain} }}.k",
            lambda: f"{{ k = {plain} }}[{self.text('k', depth)}]",
            lambda: f"one([{plain}])",
            lambda: f"values({{ k = {plain} }})[0]",
            lambda: f"jsondecode({quoted(json.dumps({'k': value}))}).k",
            lambda: f"jsondecode(jsonencode([{plain}]))[0]",
            lambda: f"yamldecode({quoted(json.dumps([value]))})[0]",
            lambda: f"[for x in [{plain}, {plain}] : x][{self.number(1, depth)}]",
            lambda: self._through_module(plain),
        ]
        if other is not None:
            choices += [
                lambda: f"({self.boolean(True, depth)} ? {plain} : {self.any(other, depth)})",
                lambda: f"({self.boolean(False, depth)} ? {self.any(other, depth)} : {plain})",
                lambda: f"coalesce({plain}, {self.any(other, 0)})" if value != "" else plain,
                lambda: f"coalesce({self.null(depth)}, {plain})" if value != "" else plain,
                lambda: f'lookup({{ a = {plain} }}, "a", {self.any(other, 0)})',
                lambda: f'lookup({{ a = {self.any(other, 0)} }}, "b", {plain})',
                lambda: f"element([{self.any(other, 0)}, {plain}], {self.random.choice([1, 3])})",
                lambda: f"[{self.any(other, 0)}, {plain}][{self.number(1, depth)}]",
                lambda: f'(terraform.workspace == "default" ? {plain} : {self.any(other, depth)})',
            ]
        return self.random.choice(choices)()

    def local(self, expression: str) -> str:
        """A reference to a new local value."""
        name = self.fresh("l")
        self.blocks.append(Block("locals", (), [(name, expression)]))
        return f"local.{name}"

    def variable(self, value: object) -> str:
        """A reference to a new variable that has ``value`` by its default or from its caller."""
        name = self.fresh("v")
        kind = {str: "string", bool: "bool", int: "number"}.get(type(value))
        types: list[Item] = [("type", kind)] if kind and self.random.random() < 0.6 else []
        passed = str(value).lower() if isinstance(value, bool | int) and types and self.random.random() < 0.3 else value
        extra: list[Item] = [("nullable", "false")] if value is not None and self.random.random() < 0.2 else []
        if self.random.random() < 0.4:
            self.given[name] = passed
            defaults: list[Item] = [("default", "null")] if not extra and self.random.random() < 0.3 else []
        else:
            defaults = [("default", literal(passed))]
            if extra and self.random.random() < 0.5:
                self.given[name] = None
        self.blocks.append(Block("variable", (name,), [*types, *defaults, *extra]))
        return f"var.{name}"

    def optional(self, value: object) -> str:
        """A reference to an attribute of an object variable: written, or by ``optional()``."""
        kind = {str: "string", bool: "bool", int: "number"}.get(type(value))
        if kind is None:
            return self.variable(value)
        name = self.fresh("v")
        written = self.random.random() < 0.5
        default: dict[str, object] = {"k": value, "other": "x"} if written else {"other": "x"}
        fallback = f", {literal(value)}" if not written or self.random.random() < 0.5 else ""
        shape = f"object({{ k = optional({kind}{fallback}), other = string }})"
        if self.random.random() < 0.3:
            shape, default = f"map({shape})", {"m": default}
        items: list[Item] = [("type", shape)]
        if self.random.random() < 0.5:
            self.given[name] = default
        else:
            items.append(("default", literal(default)))
        self.blocks.append(Block("variable", (name,), items))
        return f"var.{name}.m.k" if shape.startswith("map") else f"var.{name}.k"

    def _through_module(self, expression: str) -> str:
        if not self.echo:
            return self.local(expression)
        name = self.fresh("m")
        self.files["echo/main.tf"] = ECHO
        call = Block("module", (name,), [("source", quoted("./echo")), ("value", expression)])
        self.blocks.append(call)
        if self.random.random() < 0.3:
            call.items.insert(1, ("count", "1"))
            return f"module.{name}[0].value"
        return f"module.{name}.value"
