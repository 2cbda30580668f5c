"""Plan JSON to a :class:`Configuration`: what every resource will be, was, and waits for.

Follows https://developer.hashicorp.com/terraform/internals/json-format (OpenTofu writes the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from iacscan.aws.policies.document import render
from iacscan.core import Diagnostic, Level, Location, Reference, Unknown, Value
from iacscan.inputs.blocks import Written
from iacscan.inputs.configuration import Change, Configuration, Kind, Resource
from iacscan.inputs.fits import DOCUMENT, DOCUMENT_TEXTS, same_as
from iacscan.inputs.instances import Instance, Instances, changed, listed
from iacscan.inputs.keys import KnownKeys, Scope
from iacscan.inputs.provider_accounts import planned_accounts
from iacscan.inputs.references import References
from iacscan.inputs.sensitive import marked, marked_texts, variable_secrets
from iacscan.inputs.unknowns import COMPUTED, Completer, unrecorded

_Completed = tuple[dict[str, Value], dict[str, Reference]]

_MAX_CHAIN = 24
"""How many resources a value is followed through, each passing it on to the next."""


def read_plan(content: dict[str, Any], path: str) -> Configuration:
    """The configuration that the plan ``content``, read from ``path``, leads to.

    ``content`` is used up. Raises ``KeyError``, ``TypeError`` or ``AttributeError`` where it has not
    the shape of a plan.
    """
    after, before = _sides(content)
    written = Written(content.pop("configuration", None) or {})
    variables = content.pop("variables", None) or {}
    reader = _Reader(written, after, before, variables)
    resources = tuple(reader.resource(instance) for instance in after.values())
    secrets = set(variable_secrets(written, variables))
    accounts = planned_accounts(written)
    earlier = tuple(reader.earlier(before, resources))
    for side in (after, before):
        for instance in side.values():
            secrets.update(marked_texts(instance.values, instance.sensitive))
    return Configuration(
        kind=Kind.PLAN,
        path=path,
        resources=resources,
        diagnostics=tuple(_remarks(content, path)),
        before=Configuration(Kind.PLAN, path, earlier, secrets=frozenset(secrets), providers=accounts),
        secrets=frozenset(secrets),
        variables={name: given.get("value") for name, given in variables.items()},
        providers=accounts,
    )


def _sides(content: dict[str, Any]) -> tuple[dict[str, Instance], dict[str, Instance]]:
    """All instances after and before the change, by address; a moved one has its new address in both."""
    planned = list(content.pop("resource_changes", None) or ())
    prior = {item.address: item for item in listed((content.pop("prior_state", None) or {}).get("values"))}
    drifted = content.pop("resource_drift", None) or ()
    after: dict[str, Instance] = {}
    before: dict[str, Instance] = {}
    for now, was in changed(planned):
        after[now.address] = now
        if was is not None:
            before[now.address] = was
        prior.pop(now.previous_address or now.address, None)
    for item in listed(content.pop("planned_values", None)):
        if item.address not in after:
            after[item.address] = item
    refresh_only = not after
    for address, item in prior.items():
        after.setdefault(address, replace(item, change=Change.UNCHANGED))
        before.setdefault(address, item)
    if refresh_only:
        _undo_drift(before, drifted)
    return after, before


def _undo_drift(before: dict[str, Instance], drifted: Any) -> None:
    """Put back what a refresh-only plan found changed outside Terraform: that is the change it shows."""
    for now, was in changed(drifted):
        if was is None:
            before.pop(now.address, None)
        else:
            before[now.address] = was


def _remarks(content: Mapping[str, Any], path: str) -> list[Diagnostic]:
    """Why the plan does not show everything, if it does not."""
    reasons = []
    if content.get("errored") is True:
        reasons.append("Terraform stopped at an error while planning")
    elif content.get("complete") is False:
        reasons.append("it does not cover all of the configuration (-target, or changes that Terraform put off)")
    if content.get("deferred_changes"):
        reasons.append("Terraform put changes off to a later plan")
    return [
        Diagnostic(Level.WARNING, f"the plan is partial, and so is this report: {reason}", Location(path))
        for reason in reasons
    ]


class _Reader:
    """Makes resources of instances; an attribute that another instance passes on is read on demand."""

    def __init__(
        self,
        written: Written,
        after: Mapping[str, Instance],
        before: Mapping[str, Instance],
        variables: Mapping[str, Any],
    ) -> None:
        self._written = written
        self._before = before
        self._instances = Instances(after)
        self._names = References(written, self._instances, KnownKeys(written, self._instances, variables))
        self._done: dict[str, _Completed] = {}
        self._open: list[str] = []

    def resource(self, instance: Instance) -> Resource:
        """The resource at the address of ``instance``, as it is after apply."""
        block = self._written.module(instance.module).blocks.get(instance.block)
        values, names = self._complete(instance) if instance.stays else (instance.values, {})
        written = frozenset(block.expressions) | self._dynamic(instance) if block else None
        return self._made(instance, values, written, names)

    def earlier(self, before: Mapping[str, Instance], resources: tuple[Resource, ...]) -> list[Resource]:
        """The resources as they were; what was written, and which names it used, is taken from now."""
        now = {resource.address: resource for resource in resources}
        return [self._was(item, now.get(item.address)) for item in before.values()]

    def _was(self, instance: Instance, now: Resource | None) -> Resource:
        if now is None:
            return self._made(instance, instance.values, None, {})
        kept = now.references.items()
        names = {name: item for name, item in kept if instance.values.get(name) == now.values.get(name)}
        return self._made(instance, instance.values, now.declared, names)

    def _made(
        self,
        instance: Instance,
        values: Mapping[str, Value],
        declared: frozenset[str] | None,
        names: Mapping[str, Reference],
    ) -> Resource:
        block = self._written.module(instance.module).blocks.get(instance.block)
        return Resource(
            address=instance.address,
            type=instance.type,
            name=instance.name,
            values=values,
            mode=instance.mode,
            module=instance.module,
            key=instance.key,
            provider=self._written.provider(block, instance.provider_name),
            declared=declared,
            references=names,
            sensitive=tuple(marked(instance.sensitive)),
            change=instance.change,
            previous_address=instance.previous_address,
        )

    def _complete(self, instance: Instance) -> _Completed:
        """The values of an instance that stays, and what its known names refer to."""
        if instance.address in self._done:
            return self._done[instance.address]
        self._open.append(instance.address)
        block = self._written.module(instance.module).blocks.get(instance.block)
        expressions = block.expressions if block else {}
        siblings = len(self._instances.of(instance.module, instance.block))
        scope = Scope(instance.module, block, instance.key, siblings)
        completer = Completer(instance, scope, self._names, self._attribute)
        values = completer.complete(expressions)
        if self._written.is_missing:
            values = {name: unrecorded(value) for name, value in values.items()}
        if instance.type == DOCUMENT and instance.mode == "data" and instance.unknown.get("json"):
            values.update(dict.fromkeys(DOCUMENT_TEXTS, render(values)))
        self._done[instance.address] = values, completer.named(expressions)
        self._open.pop()
        return self._done[instance.address]

    def _attribute(self, reference: Reference) -> Value:
        """What ``reference`` passes on: a rendered document, a known value, or another exact reference."""
        instance = self._instances.get(reference.address)
        if instance is None or not reference.path or len(self._open) > _MAX_CHAIN or instance.address in self._open:
            return COMPUTED
        name = same_as(instance.type, instance.mode, str(reference.path[0]))
        values, names = self._complete(instance)
        if name in names:
            return Unknown(references=(names[name],), exact=True)
        value = values.get(name)
        unclear = value is None or (isinstance(value, Unknown) and not value.exact)
        return COMPUTED if unclear else value

    def _dynamic(self, instance: Instance) -> frozenset[str]:
        """The blocks that the configuration in a plan does not show, but that nothing else can have set.

        Those are dynamic ones. Terraform carries blocks of an existing resource over as they are, so
        only what is new or different tells.
        """
        blocks = {name for name, value in instance.values.items() if _is_blocks(value)}
        if instance.change in (Change.CREATED, Change.REPLACED) or instance.mode == "data":
            return frozenset(blocks)
        was = self._before.get(instance.address)
        if instance.change is not Change.UPDATED or was is None:
            return frozenset()
        return frozenset(name for name in blocks if was.values.get(name) != instance.values[name])


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
