"""Random module trees: every join that Terraform's rules decide is found, whatever the order of the lists."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_maker import block, by_address, call, change, const, module, plan, read, refs

from iacscan.core import Encoded, Reference, Unknown
from iacscan.inputs.configuration import Configuration

Key = int | str | None

KEYS = st.lists(st.sampled_from(["a", "b", "c.d", "e[0]", "é"]), min_size=1, max_size=3, unique=True)
REPETITIONS = st.one_of(st.just((None,)), st.integers(1, 3).map(lambda count: tuple(range(count))), KEYS.map(tuple))


@dataclass(frozen=True)
class Spec:
    """A module with a bucket and children joined to it, and modules that are given a bucket and give one back.

    ``keys`` are the instances of its bucket, ``call_keys`` those of the call of the module itself.
    """

    keys: tuple[Key, ...]
    call_keys: tuple[Key, ...] = (None,)
    join: str = "key"
    passes: str = "pick"
    modules: tuple["Spec", ...] = field(default=())


@st.composite
def specs(draw: st.DrawFn, depth: int = 0) -> Spec:
    keys = draw(REPETITIONS)
    # A call that hands on the bucket of its own key needs the keys of the bucket.
    passes = draw(st.sampled_from(["pick", "key", "up"]))
    call_keys = draw(REPETITIONS)
    count = draw(st.integers(0, 2 if depth < 2 else 0))
    modules = tuple(draw(specs(depth + 1)) for _ in range(count))
    modules = tuple(
        Spec(item.keys, keys if item.passes == "key" else item.call_keys, item.join, item.passes, item.modules)
        for item in modules
    )
    return Spec(keys, call_keys, draw(st.sampled_from(["key", "value", "pick"])), passes, modules)


def suffix(key: Key) -> str:
    return "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"


def repetition(keys: tuple[Key, ...], over: str = "") -> dict[str, Any]:
    if keys == (None,):
        return {}
    if isinstance(keys[0], int):
        return {"count": const(len(keys))}
    return {"for_each": refs(over) if over else refs("local.names")}


def by_own_key(target: str, keys: tuple[Key, ...], attribute: str = "id") -> dict[str, Any]:
    """``target`` at the key of the block itself, as Terraform records it."""
    if keys == (None,):
        return refs(f"{target}.{attribute}")
    return refs(target, "count.index" if isinstance(keys[0], int) else "each.key")


def written(spec: Spec, top: bool) -> dict[str, Any]:
    """The module in ``configuration``."""
    bucket = "aws_s3_bucket.x"
    chained = spec.join == "value" and isinstance(spec.keys[0], str)
    if spec.join == "pick":
        own = block("aws_s3_bucket_versioning.own", bucket=refs(f"{bucket}{suffix(spec.keys[-1])}.id"))
    else:
        expression = refs("each.value.id") if chained else by_own_key(bucket, spec.keys)
        over = bucket if chained else ""
        own = block("aws_s3_bucket_versioning.own", bucket=expression, **repetition(spec.keys, over))
    blocks = [block(bucket, **repetition(spec.keys)), own]
    if not top:
        blocks.append(block("aws_s3_bucket_acl.given", bucket=refs("var.given")))
    calls = {}
    for index, inner in enumerate(spec.modules):
        if inner.passes == "up" and not top:
            given_bucket = refs("var.given")
        elif inner.passes == "key":
            given_bucket = by_own_key(bucket, spec.keys)
        else:
            given_bucket = refs(f"{bucket}{suffix(spec.keys[0])}.id")
        calls[f"m{index}"] = call(written(inner, False), given=given_bucket, **repetition(inner.call_keys))
        taken = refs(f"module.m{index}{suffix(inner.call_keys[0])}.id")
        blocks.append(block(f"aws_s3_bucket_logging.taken{index}", bucket=taken))
    outputs = {"id": refs(f"{bucket}{suffix(spec.keys[0])}.id"), "note": const("text")}
    return module(*blocks, calls=calls, outputs=outputs, variables={} if top else {"given": {}})


def expected(spec: Spec, prefix: str, given_bucket: str | None) -> Iterator[tuple[str, str | None]]:
    """Every instance with the bucket that it belongs to; ``None`` for a bucket."""
    buckets = {key: f"{prefix}aws_s3_bucket.x{suffix(key)}" for key in spec.keys}
    yield from ((address, None) for address in buckets.values())
    if spec.join == "pick":
        yield f"{prefix}aws_s3_bucket_versioning.own", buckets[spec.keys[-1]]
    else:
        yield from ((f"{prefix}aws_s3_bucket_versioning.own{suffix(key)}", found) for key, found in buckets.items())
    if given_bucket is not None:
        yield f"{prefix}aws_s3_bucket_acl.given", given_bucket
    for index, inner in enumerate(spec.modules):
        first = f"{prefix}module.m{index}{suffix(inner.call_keys[0])}.aws_s3_bucket.x{suffix(inner.keys[0])}"
        yield f"{prefix}aws_s3_bucket_logging.taken{index}", first
        for key in inner.call_keys:
            passed = buckets[spec.keys[0]]
            if inner.passes == "up" and given_bucket is not None:
                passed = given_bucket
            elif inner.passes == "key":
                passed = buckets[key]
            yield from expected(inner, f"{prefix}module.m{index}{suffix(key)}.", passed)


def made_change(address: str) -> dict[str, Any]:
    """``change`` for addresses whose keys hold brackets."""
    prefix, _, last = address.rpartition(".aws_s3")
    local = f"aws_s3{last}" if prefix else address
    name, _, key = local.partition("[")
    entry = {**change(name), "address": address}
    if prefix:
        entry["module_address"] = prefix
    if key:
        entry["index"] = json.loads(key.removesuffix("]"))
    return entry


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(spec=specs(), seed=st.integers(0, 999))
def test_every_join_of_a_module_tree_is_exact(folder: Path, spec: Spec, seed: int) -> None:
    wanted = dict(expected(spec, "", None))
    changes = [made_change(address) for address in wanted]
    random.Random(seed).shuffle(changes)
    found = by_address(read(plan(changes, written(spec, True)), folder))
    assert found.keys() == wanted.keys()
    for address, bucket in wanted.items():
        if bucket is not None:
            value = found[address].values["bucket"]
            assert isinstance(value, Unknown)
            assert value.exact, (address, value)
            assert [reference.address for reference in value.references] == [bucket]


def comparable(value: Any) -> Any:
    """The value with encoded documents, which are equal only to themselves, opened."""
    if isinstance(value, Encoded):
        return ("encoded", comparable(value.value))
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items()}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def outcome(configuration: Configuration) -> dict[str, Any]:
    return {a: replace(item, values=comparable(item.values)) for a, item in by_address(configuration).items()}


PLANS = Path(__file__).parents[2] / "fixtures" / "plans"


@pytest.mark.parametrize("name", ["first-create", "ten-buckets", "update", "inline", "replace", "sensitive"])
def test_the_order_of_the_lists_changes_nothing(tmp_path: Path, name: str) -> None:
    text = (PLANS / name / "plan.json").read_text(encoding="utf-8")
    first = read(json.loads(text), tmp_path)
    for seed in range(3):
        content = json.loads(text)
        order = random.Random(seed)
        order.shuffle(content["resource_changes"])
        order.shuffle(content["planned_values"]["root_module"].get("resources", []))
        order.shuffle(content["planned_values"]["root_module"].get("child_modules", []))
        order.shuffle(content["configuration"]["root_module"]["resources"])
        again = read(content, tmp_path)
        assert outcome(again) == outcome(first)
        assert again.before is not None
        assert first.before is not None
        assert outcome(again.before) == outcome(first.before)
        assert again.secrets == first.secrets


def test_a_reference_of_the_tree_is_a_resource_address(tmp_path: Path) -> None:
    spec = Spec(("a", "b"), modules=(Spec((0, 1), ("a", "b"), "key", "key"),))
    wanted = dict(expected(spec, "", None))
    configuration = read(plan([made_change(address) for address in wanted], written(spec, True)), tmp_path)
    value = by_address(configuration)['module.m0["b"].aws_s3_bucket_acl.given'].values["bucket"]
    assert value == Unknown(references=(Reference('aws_s3_bucket.x["b"]', ("id",)),), exact=True)
