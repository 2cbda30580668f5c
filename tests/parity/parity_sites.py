"""Repeated blocks: what count and for_each make, and the ways in which another block names one of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from parity_text import Item, literal, quoted

Ref = Callable[[str], str]
"""From an attribute (``id``, ``arn``, ``bucket``) to an expression for it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The buckets of one resource block or module call.

    ``base`` is its address in the module, empty where it is only named. ``keys`` are the instance keys:
    none where it is not repeated. ``names`` are the bucket names that are known before apply, by key (``None`` for
    the single one).
    ``parts`` is what configures them inside their own module already. ``table`` is the map that makes them, whose
    objects say with ``on`` what is meant for the first key only.
    """

    base: str
    keys: tuple[str | int, ...] | None = None
    names: dict[str | int | None, str] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    table: str = ""

    @property
    def counted(self) -> bool:
        """Whether the keys are those of ``count``."""
        return bool(self.keys) and isinstance(self.keys[0], int)  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a block stands beside a group: its own repetition, how it names its bucket, and its key."""

    meta: tuple[Item, ...]
    ref: Ref
    key: str = ""
    keys: tuple[str | int, ...] = ()

    @property
    def is_single(self) -> bool:
        """Whether expressions for it may stand anywhere in the module: no ``each`` or ``count`` in them."""
        return not self.key


def _single(expression: str) -> Site:
    return Site((), lambda attribute: f"{expression}.{attribute}")


def _by_name(name: str) -> Site:
    """A place beside a bucket that is not declared here."""
    return Site((), lambda attribute: quoted(f"arn:aws:s3:::{name}" if attribute == "arn" else name))


def site(random: Random, group: Group) -> Site:
    """A random place beside ``group``: for all of its buckets, or for some."""
    if not group.base:
        return _by_name(group.names[None])
    if group.keys is None:
        return random.choice(_beside_one(group))
    if not group.keys:
        return Site((("count", "0"),), lambda attribute: f"{group.base}[0].{attribute}")
    return random.choice(_beside_counted(group) if group.counted else _beside_each(group))


def pick(random: Random, group: Group) -> Site:
    """A place that names one bucket of ``group``, without repetition."""
    if not group.base:
        return _by_name(group.names[None])
    if group.keys is None:
        return _single(group.base)
    key = random.choice(group.keys)
    return random.choice(_one_of(group, key))


def _one_of(group: Group, key: str | int) -> list[Site]:
    base = group.base
    if isinstance(key, int):
        return [
            _single(f"{base}[{key}]"),
            _single(f"{base}[{key + 3} - 3]"),
            _single(f"element({base}, {key})"),
            Site((), lambda attribute: f"{base}.*.{attribute}[{key}]"),
            Site((), lambda attribute: f"[for b in {base} : b.{attribute}][{key}]"),
            _single(f"{base}[length({base}) - {len(group.keys or ()) - key}]"),
        ]
    at = sorted(map(str, group.keys or ())).index(key)
    return [
        _single(f"{base}[{quoted(key)}]"),
        _single(f"lookup({base}, {quoted(key)})"),
        Site((), lambda attribute: f"(values({base})[*].{attribute})[{at}]"),
        Site((), lambda attribute: f"[for k, b in {base} : b.{attribute} if k == {quoted(key)}][0]"),
        Site((), lambda attribute: f"one([for k, b in {base} : b if k == {quoted(key)}]).{attribute}"),
    ]


def _beside_one(group: Group) -> list[Site]:
    base = group.base
    plain = _single(base)
    return [
        plain,
        plain,
        plain,
        Site((), lambda attribute: f"{base}.*.{attribute}[0]"),
        Site((), lambda attribute: f"one({base}[*].{attribute})"),
        Site((("count", "1"),), plain.ref, "count.index", (0,)),
        Site((("for_each", 'toset(["x"])'),), plain.ref, "each.key", ("x",)),
        Site((("for_each", f"{{ x = {base} }}"),), lambda attribute: f"each.value.{attribute}", "each.key", ("x",)),
    ]


def _beside_counted(group: Group) -> list[Site]:
    base, count = group.base, len(group.keys or ())
    keys = tuple(range(count))
    names = tuple(f"k{index}" for index in keys)

    def counting(meta: str, ref: Ref, length: int = count) -> Site:
        return Site((("count", meta),), ref, "count.index", tuple(range(length)))

    def each(meta: str, ref: Ref) -> Site:
        return Site((("for_each", meta),), ref, "each.key", names)

    return [
        counting(str(count), lambda attribute: f"{base}[count.index].{attribute}"),
        counting(f"length({base})", lambda attribute: f"{base}[count.index].{attribute}"),
        counting(f"length({base}[*])", lambda attribute: f"{base}.*.{attribute}[count.index]"),
        counting(str(count), lambda attribute: f"element({base}[*].{attribute}, count.index)"),
        counting(str(count), lambda attribute: f"element({base}.*.{attribute}, count.index + {count})"),
        counting(str(count), lambda attribute: f"{base}[{count - 1} - count.index].{attribute}"),
        counting(str(count), lambda attribute: f"{base}[(count.index + 1) % length({base})].{attribute}"),
        counting(str(count - 1), lambda attribute: f"{base}[count.index + 1].{attribute}", count - 1),
        counting(str(count), lambda attribute: f"[for b in {base} : b.{attribute}][count.index]"),
        each(f'{{ for i, b in {base} : "k${{i}}" => b }}', lambda attribute: f"each.value.{attribute}"),
        each(f'{{ for i in range({count}) : "k${{i}}" => i }}', lambda attribute: f"{base}[each.value].{attribute}"),
        each(
            f'{{ for i, b in {base} : "k${{i}}" => {{ id = b.id, arn = b.arn, bucket = b.bucket }} }}',
            lambda attribute: f"each.value.{attribute}",
        ),
        each(
            f"toset({literal(list(names))})",
            lambda attribute: f'{base}[tonumber(trimprefix(each.key, "k"))].{attribute}',
        ),
        each(f'{{ for i in range({count}) : "k${{i}}" => tostring(i) }}', lambda a: f"{base}[each.value].{a}"),
    ]


def _beside_each(group: Group) -> list[Site]:
    base = group.base
    keys = tuple(sorted(map(str, group.keys or ())))
    whole = literal(list(keys))

    def each(meta: str, ref: Ref, named: tuple[str, ...] = keys) -> Site:
        return Site((("for_each", meta),), ref, "each.key", named)

    def counting(ref: Ref) -> Site:
        return Site((("count", str(len(keys))),), ref, "count.index", tuple(range(len(keys))))

    on = str((group.keys or ("",))[0])
    chosen = f"{{ for k, v in {group.table} : k => v if v.on }}"
    switched = [each(chosen, lambda attribute: f"{base}[each.key].{attribute}", (on,))] if group.table else []
    return [
        *switched * 4,
        each(base, lambda attribute: f"each.value.{attribute}"),
        each(base, lambda attribute: f"{base}[each.key].{attribute}"),
        each(f"toset({whole})", lambda attribute: f"{base}[each.key].{attribute}"),
        each(f"toset({whole})", lambda attribute: f"{base}[each.value].{attribute}"),
        each(f"toset(keys({base}))", lambda attribute: f"{base}[each.value].{attribute}"),
        each(f"{{ for k, b in {base} : k => b }}", lambda attribute: f"each.value.{attribute}"),
        each(f"zipmap(keys({base}), values({base}))", lambda attribute: f"each.value.{attribute}"),
        each(f"{{ for k in {whole} : k => {base}[k] }}", lambda attribute: f"each.value.{attribute}"),
        each(f"{{ for k, b in {base} : k => {{ b = b }} }}", lambda attribute: f"each.value.b.{attribute}"),
        each(f"{{ for k, b in {base} : k => b if k != {quoted(keys[0])} }}", lambda a: f"each.value.{a}", keys[1:]),
        each(
            f'toset([for k in {whole} : "x-${{k}}"])',
            lambda attribute: f'{base}[trimprefix(each.key, "x-")].{attribute}',
            tuple(f"x-{key}" for key in keys),
        ),
        counting(lambda attribute: f"values({base})[count.index].{attribute}"),
        counting(lambda attribute: f"(values({base})[*].{attribute})[count.index]"),
        counting(lambda attribute: f"{base}[{whole}[count.index]].{attribute}"),
        counting(lambda attribute: f"{base}[element({whole}, count.index)].{attribute}"),
    ]
