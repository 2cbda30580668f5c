"""Which provider configuration a resource uses, and the tags that it adds.

Follows https://developer.hashicorp.com/terraform/language/modules/develop/providers: a module's
``aws`` is what its caller passes, else the caller's own ``aws``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from iacscan.core import Location, Unknown
from iacscan.terraform import nodes
from iacscan.terraform.bodies import block_values, occurrences
from iacscan.terraform.expressions import Scope
from iacscan.terraform.modules import Module
from iacscan.terraform.nodes import Block, Body, Expression
from iacscan.terraform.values import export

ACCOUNT_ARGUMENTS = frozenset(
    {
        "access_key",
        "allowed_account_ids",
        "assume_role",
        "assume_role_with_web_identity",
        "profile",
        "secret_key",
        "shared_config_files",
        "shared_credentials_files",
        "token",
    }
)
"""The arguments of the AWS provider that tell the account: by its id, or by the credentials that are used."""


class Instance(Protocol):
    """What of a module instance is needed to tell its providers."""

    @property
    def module(self) -> Module:
        """The module."""

    @property
    def caller(self) -> Caller | None:
        """Where it is called; ``None`` for the root."""

    @property
    def scope(self) -> Scope:
        """What an expression of the module sees."""

    def evaluate(self, expression: Expression, scope: Scope, where: Location, check: Callable[[Any], Any]) -> Any:
        """``check`` of the value of ``expression``."""

    def once(self, key: tuple[str, ...], compute: Callable[[], Any], shown: str) -> Any:
        """The memoised result of ``compute``."""


class Caller(Protocol):
    """The call of a module."""

    @property
    def instance(self) -> Instance:
        """The calling instance."""

    @property
    def block(self) -> Block:
        """The ``module`` block."""


def configuration_name(module: Instance, block: Block) -> str:
    """The provider configuration of the resource ``block``, as a plan names it: ``aws``, or ``module.m:aws`` for a
    module's own."""
    return _full_name(*_owner(module, local_name(block)))


def _full_name(owner: Instance, name: str) -> str:
    calls = []
    while owner.caller is not None:
        calls.append(f"module.{owner.caller.block.labels[0]}")
        owner = owner.caller.instance
    return f"{'.'.join(reversed(calls))}:{name}" if calls else name


def configurations(modules: Iterable[Instance]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every ``provider`` block of ``modules``: its full name, and the :data:`ACCOUNT_ARGUMENTS` that it has."""
    for module in modules:
        for provider in module.module.providers:
            yield _full_name(module, declared_name(provider)), _account_arguments(module, provider)


def _account_arguments(module: Instance, provider: Block) -> Mapping[str, Any]:
    lost = provider.lost or ("it stands for several" if "for_each" in provider.body.attributes else "")
    if lost:
        return dict.fromkeys(ACCOUNT_ARGUMENTS, Unknown(lost))
    written = {name: each for name, each in provider.body.attributes.items() if name in ACCOUNT_ARGUMENTS}
    blocks = tuple(each for each in provider.body.blocks if ACCOUNT_ARGUMENTS & {each.type, *each.labels})
    values = block_values(Body(written, blocks), module.scope, None, module.evaluate)
    return {name: export(value) for name, value in values.items()}


def local_name(block: Block) -> str:
    """The provider configuration of a resource as its own module names it."""
    expression = block.body.expression("provider")
    return _reference_text(expression) if expression is not None else block.labels[0].split("_", 1)[0]


def _owner(module: Instance, local: str) -> tuple[Instance, str]:
    """The module instance that configures the provider, and its name there."""
    while module.caller is not None and not any(declared_name(each) == local for each in module.module.providers):
        passed = module.caller.block.body.expression("providers")
        if isinstance(passed, nodes.ObjectItems):
            given = (_reference_text(item.value) for item in passed.items if _reference_text(item.key) == local)
            local = next(given, local)
        module = module.caller.instance
    return module, local


def configuration(module: Instance, block: Block) -> tuple[Instance, Block] | None:
    """The ``provider`` block that configures the resource ``block``, and the instance that it stands in."""
    owner, name = _owner(module, local_name(block))
    return next(((owner, each) for each in owner.module.providers if declared_name(each) == name), None)


def _lost(module: Instance, block: Block) -> str:
    """Why the configuration of the provider of ``block`` is not known, where its text cannot be read."""
    found = configuration(module, block)
    if found is not None:
        return found[1].lost
    owner = _owner(module, local_name(block))[0].module
    return next((each.lost for each in owner.providers if each.lost), owner.lost)


def argument(module: Instance, block: Block, name: str) -> Any:
    """The argument ``name`` of the provider of ``block``; None where it is not written."""
    found = configuration(module, block)
    if lost := _lost(module, block):
        return Unknown(lost)
    attribute = found[1].body.attributes.get(name) if found else None
    if found is None or attribute is None:
        return None
    where = Location(attribute.path, attribute.span)
    return found[0].evaluate(attribute.value, found[0].scope, where, lambda value: value)


def default_tags(module: Instance, block: Block) -> Any:
    """The tags that the provider of ``block`` adds: a map, maybe not known."""
    found = configuration(module, block)
    if lost := _lost(module, block):
        return Unknown(lost)
    if found is None:
        return {}
    owner, provider = found

    def compute() -> Any:
        return _tags(owner, provider)

    return owner.once(("default_tags", declared_name(provider)), compute, f"provider {declared_name(provider)}")


def _tags(owner: Instance, provider: Block) -> Any:
    """The ``default_tags`` of ``provider``, a block of which at most one may stand."""
    for block in occurrences(provider.body, owner.scope, owner.evaluate):
        if block.type != "default_tags":
            continue
        if block.doubt is not None:
            return block.doubt
        tags = block.block.body.attributes.get("tags")
        if tags is not None:
            return owner.evaluate(tags.value, block.scope, Location(tags.path, tags.span), lambda value: value)
    return {}


def _reference_text(expression: Expression) -> str:
    """``aws.west`` of a reference, or the legacy quoted form."""
    root, steps = nodes.step_chain(expression)
    if isinstance(root, nodes.Literal):
        return str(root.value)
    names = [root.name] if isinstance(root, nodes.Name) else []
    return ".".join([*names, *(step.name for step in steps if isinstance(step, nodes.GetAttr))])


def declared_name(block: Block) -> str:
    """``aws``, or ``aws.west`` with an alias."""
    alias = getattr(block.body.expression("alias"), "value", None)
    return f"{block.labels[0]}.{alias}" if alias else block.labels[0]
