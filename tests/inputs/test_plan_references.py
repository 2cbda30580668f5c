"""The resolver: one small plan for each way in which a value can depend on another resource."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from plan_maker import block, by_address, call, change, const, module, plan, read, refs

from iacscan.core import Reference, Unknown, Value

BUCKET = "aws_s3_bucket"
CHILD = "aws_s3_bucket_versioning"


def join(folder: Path, addresses: Sequence[str], root: dict[str, Any], **more: Any) -> dict[str, Value]:
    """The ``bucket`` of every other resource than a bucket, where all at ``addresses`` are created."""
    configuration = read(plan([change(address) for address in addresses], root, **more), folder)
    resources = by_address(configuration)
    assert sorted(resources) == sorted(addresses)
    return {a: r.values["bucket"] for a, r in resources.items() if r.type != BUCKET}


def exactly(address: str, attribute: str = "id") -> Unknown:
    return Unknown(references=(Reference(address, (attribute,)),), exact=True)


def candidates(value: Value) -> set[str]:
    """The addresses that a value may come from, where it is not told which."""
    assert isinstance(value, Unknown)
    assert not value.exact
    assert value.reason != "known after apply"
    return {reference.address for reference in value.references}


def child(expression: dict[str, Any], **more: Any) -> dict[str, Any]:
    return block(f"{CHILD}.v", bucket=expression, **more)


@pytest.mark.parametrize("attribute", ["id", "bucket", "arn"])
def test_a_direct_reference(tmp_path: Path, attribute: str) -> None:
    root = module(block("aws_s3_bucket.x"), child(refs(f"aws_s3_bucket.x.{attribute}")))
    found = join(tmp_path, ["aws_s3_bucket.x", f"{CHILD}.v"], root)
    assert found == {f"{CHILD}.v": exactly("aws_s3_bucket.x", attribute)}


@pytest.mark.parametrize("key", ["0", '"a"', '"with.dot"', '"with[bracket]"', '"schön"', '"a\\"b"', '"$${x}"'])
def test_a_literal_index(tmp_path: Path, key: str) -> None:
    repetition = {"count": const(2)} if key == "0" else {"for_each": refs("local.names")}
    root = module(
        block("aws_s3_bucket.x", **repetition),
        child({"references": [f"aws_s3_bucket.x[{key}].id", f"aws_s3_bucket.x[{key}]", "aws_s3_bucket.x"]}),
    )
    changes = [change(f"{CHILD}.v")]
    for name in (key, "1" if key == "0" else '"other"'):
        entry = change("aws_s3_bucket.x")
        changes.append(
            {
                **entry,
                "address": f"aws_s3_bucket.x[{name}]",
                "index": {"0": 0, "1": 1, '"$${x}"': "${x}", '"a\\"b"': 'a"b'}.get(name, name.strip('"')),
            }
        )
    resources = by_address(read(plan(changes, root), tmp_path))
    assert resources[f"{CHILD}.v"].values["bucket"] == exactly(f"aws_s3_bucket.x[{key}]")


def test_each_key_pairs_equal_keys(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        child(refs("aws_s3_bucket.x", "each.key"), for_each=refs("local.b")),
    )
    buckets = [f'aws_s3_bucket.x["{key}"]' for key in "abc"]
    found = join(tmp_path, [*buckets, f'{CHILD}.v["c"]', f'{CHILD}.v["a"]', f'{CHILD}.v["z"]'], root)
    assert found[f'{CHILD}.v["c"]'] == exactly('aws_s3_bucket.x["c"]')
    assert found[f'{CHILD}.v["a"]'] == exactly('aws_s3_bucket.x["a"]')
    assert candidates(found[f'{CHILD}.v["z"]']) == set(buckets)


def test_for_each_over_a_resource(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        child(refs("each.value.id"), for_each=refs("aws_s3_bucket.x")),
    )
    buckets = [f'aws_s3_bucket.x["{key}"]' for key in "ab"]
    found = join(tmp_path, [*buckets, f'{CHILD}.v["a"]', f'{CHILD}.v["b"]'], root)
    assert found == {f'{CHILD}.v["{key}"]': exactly(f'aws_s3_bucket.x["{key}"]') for key in "ab"}


def test_for_each_over_several_resources_stays_open(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x"),
        block("aws_s3_bucket.y"),
        child(refs("each.value"), for_each=refs("aws_s3_bucket.x.id", "aws_s3_bucket.y.id")),
    )
    found = join(tmp_path, ["aws_s3_bucket.x", "aws_s3_bucket.y", f'{CHILD}.v["x"]'], root)
    assert candidates(found[f'{CHILD}.v["x"]']) == {"aws_s3_bucket.x", "aws_s3_bucket.y"}


def test_for_each_with_one_unknown_value_is_exact(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x"),
        child(refs("each.value.name"), for_each=refs("aws_s3_bucket.x.id", "path.module")),
    )
    found = join(tmp_path, ["aws_s3_bucket.x", f'{CHILD}.v["x"]'], root)
    assert found[f'{CHILD}.v["x"]'] == exactly("aws_s3_bucket.x")


def test_each_value_as_an_index(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        child(refs("aws_s3_bucket.x", "each.value.of"), for_each=const({"first": {"of": "b"}})),
    )
    found = join(tmp_path, ['aws_s3_bucket.x["a"]', 'aws_s3_bucket.x["b"]', f'{CHILD}.v["first"]'], root)
    assert found[f'{CHILD}.v["first"]'] == exactly('aws_s3_bucket.x["b"]')


@pytest.mark.parametrize(("children", "paired"), [(3, True), (2, False), (1, False)])
def test_count_index_pairs_only_equal_numbers(tmp_path: Path, children: int, paired: bool) -> None:
    root = module(
        block("aws_s3_bucket.x", count=const(3)), child(refs("aws_s3_bucket.x", "count.index"), count=const(children))
    )
    buckets = [f"aws_s3_bucket.x[{index}]" for index in range(3)]
    found = join(tmp_path, [*buckets, *(f"{CHILD}.v[{index}]" for index in range(children))], root)
    for index in range(children):
        value = found[f"{CHILD}.v[{index}]"]
        if paired:
            assert value == exactly(buckets[index])
        else:
            assert candidates(value) == set(buckets)


def test_a_splat_of_one_instance_is_that_instance(tmp_path: Path) -> None:
    root = module(block("aws_s3_bucket.x", count=const(1)), child(refs("aws_s3_bucket.x")))
    assert join(tmp_path, ["aws_s3_bucket.x[0]", f"{CHILD}.v"], root)[f"{CHILD}.v"] == exactly("aws_s3_bucket.x[0]")


def test_a_splat_of_several_instances_keeps_them_all(tmp_path: Path) -> None:
    root = module(block("aws_s3_bucket.x", count=const(2)), child(refs("aws_s3_bucket.x")))
    found = join(tmp_path, ["aws_s3_bucket.x[0]", "aws_s3_bucket.x[1]", f"{CHILD}.v"], root)
    assert candidates(found[f"{CHILD}.v"]) == {"aws_s3_bucket.x[0]", "aws_s3_bucket.x[1]"}


def test_several_references_are_all_kept(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x"), block("aws_s3_bucket.y"), child(refs("aws_s3_bucket.x.id", "aws_s3_bucket.y.id"))
    )
    found = join(tmp_path, ["aws_s3_bucket.x", "aws_s3_bucket.y", f"{CHILD}.v"], root)
    value = found[f"{CHILD}.v"]
    assert candidates(value) == {"aws_s3_bucket.x", "aws_s3_bucket.y"}
    assert isinstance(value, Unknown)
    assert value.references == (Reference("aws_s3_bucket.x", ("id",)), Reference("aws_s3_bucket.y", ("id",)))


def test_known_names_and_absent_instances_beside_a_reference_do_not_count(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x"),
        block("aws_s3_bucket.gone", count=const(0)),
        child(refs("var.create", "aws_s3_bucket.gone[0].id", "aws_s3_bucket.x.id", "path.module")),
    )
    found = join(tmp_path, ["aws_s3_bucket.x", f"{CHILD}.v"], root, variables={"create": {"value": True}})
    assert found[f"{CHILD}.v"] == exactly("aws_s3_bucket.x")


def test_a_local_is_named_and_stays_open(tmp_path: Path) -> None:
    root = module(block("aws_s3_bucket.x"), child(refs("local.bucket_id")))
    value = join(tmp_path, ["aws_s3_bucket.x", f"{CHILD}.v"], root)[f"{CHILD}.v"]
    assert isinstance(value, Unknown)
    assert "local.bucket_id" in value.reason
    assert value.references == ()


def test_a_local_beside_a_reference_takes_away_certainty(tmp_path: Path) -> None:
    root = module(block("aws_s3_bucket.x"), child(refs("aws_s3_bucket.x.id", "local.other")))
    value = join(tmp_path, ["aws_s3_bucket.x", f"{CHILD}.v"], root)[f"{CHILD}.v"]
    assert candidates(value) == {"aws_s3_bucket.x"}
    assert isinstance(value, Unknown)
    assert "local.other" in value.reason


def test_an_attribute_that_cannot_be_a_bucket_is_not_exact(tmp_path: Path) -> None:
    root = module(block("random_id.x"), child(refs("random_id.x.hex")))
    changes = [change("random_id.x", unknown=("hex",)), change(f"{CHILD}.v")]
    value = by_address(read(plan(changes, root), tmp_path))[f"{CHILD}.v"].values["bucket"]
    assert candidates(value) == {"random_id.x"}


def test_the_name_of_a_bucket_is_a_text(tmp_path: Path) -> None:
    root = module(block("aws_s3_bucket.x"), block("aws_s3_bucket.logs", bucket=refs("aws_s3_bucket.x.id")))
    configuration = read(plan([change("aws_s3_bucket.x"), change("aws_s3_bucket.logs")], root), tmp_path)
    assert candidates(by_address(configuration)["aws_s3_bucket.logs"].values["bucket"]) == {"aws_s3_bucket.x"}


def test_the_target_of_an_equal_key_is_not_guessed_twice(tmp_path: Path) -> None:
    keyed = refs("aws_s3_bucket.x", "each.key")
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        block("aws_s3_bucket_logging.l", bucket=keyed, target_bucket=keyed, for_each=refs("local.b")),
    )
    changes = [
        change('aws_s3_bucket.x["a"]'),
        change('aws_s3_bucket.x["a-logs"]'),
        change('aws_s3_bucket_logging.l["a"]', unknown=("bucket", "target_bucket")),
    ]
    values = by_address(read(plan(changes, root), tmp_path))['aws_s3_bucket_logging.l["a"]'].values
    assert values["bucket"] == exactly('aws_s3_bucket.x["a"]')
    assert candidates(values["target_bucket"]) == {'aws_s3_bucket.x["a"]'}


def test_a_reference_through_another_part_of_the_bucket_is_followed(tmp_path: Path) -> None:
    root = module(
        block("aws_s3_bucket.x"),
        block("aws_s3_bucket_public_access_block.b", bucket=refs("aws_s3_bucket.x.id")),
        child(refs("aws_s3_bucket_public_access_block.b.id")),
        block("aws_s3_bucket_acl.a", bucket=refs(f"{CHILD}.v.bucket")),
    )
    addresses = ["aws_s3_bucket_acl.a", f"{CHILD}.v", "aws_s3_bucket_public_access_block.b", "aws_s3_bucket.x"]
    assert set(join(tmp_path, addresses, root).values()) == {exactly("aws_s3_bucket.x")}


def test_resources_that_wait_for_each_other_are_left_open(tmp_path: Path) -> None:
    root = module(
        block(f"{CHILD}.v", bucket=refs("aws_s3_bucket_acl.a.bucket")),
        block("aws_s3_bucket_acl.a", bucket=refs(f"{CHILD}.v.bucket")),
    )
    found = join(tmp_path, [f"{CHILD}.v", "aws_s3_bucket_acl.a"], root)
    assert all(isinstance(value, Unknown) for value in found.values())


# Modules


def test_an_input_of_a_module(tmp_path: Path) -> None:
    inner = module(child(refs("var.name")), variables={"name": {}})
    root = module(block("aws_s3_bucket.x"), calls={"m": call(inner, name=refs("aws_s3_bucket.x.id"))})
    found = join(tmp_path, ["aws_s3_bucket.x", f"module.m.{CHILD}.v"], root)
    assert found == {f"module.m.{CHILD}.v": exactly("aws_s3_bucket.x")}


def test_a_whole_resource_as_input(tmp_path: Path) -> None:
    inner = module(child(refs("var.bucket.id")), variables={"bucket": {}})
    root = module(block("aws_s3_bucket.x"), calls={"m": call(inner, bucket=refs("aws_s3_bucket.x"))})
    assert join(tmp_path, ["aws_s3_bucket.x", f"module.m.{CHILD}.v"], root) == {
        f"module.m.{CHILD}.v": exactly("aws_s3_bucket.x")
    }


def test_a_map_of_resources_as_input_of_for_each(tmp_path: Path) -> None:
    inner = module(child(refs("each.value.id"), for_each=refs("var.buckets")), variables={"buckets": {}})
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        calls={"m": call(inner, buckets=refs("aws_s3_bucket.x"))},
    )
    found = join(tmp_path, ['aws_s3_bucket.x["a"]', 'aws_s3_bucket.x["b"]', f'module.m.{CHILD}.v["b"]'], root)
    assert found == {f'module.m.{CHILD}.v["b"]': exactly('aws_s3_bucket.x["b"]')}


def test_an_element_of_an_input_by_key(tmp_path: Path) -> None:
    inner = module(child(refs('var.buckets["b"].id')), variables={"buckets": {}})
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        calls={"m": call(inner, buckets=refs("aws_s3_bucket.x"))},
    )
    found = join(tmp_path, ['aws_s3_bucket.x["a"]', 'aws_s3_bucket.x["b"]', f"module.m.{CHILD}.v"], root)
    assert found == {f"module.m.{CHILD}.v": exactly('aws_s3_bucket.x["b"]')}


def test_an_input_made_of_several_values_stays_open(tmp_path: Path) -> None:
    inner = module(child(refs("var.names.first")), variables={"names": {}})
    root = module(
        block("aws_s3_bucket.x"),
        block("aws_s3_bucket.y"),
        calls={"m": call(inner, names=refs("aws_s3_bucket.x.id", "aws_s3_bucket.y.id"))},
    )
    found = join(tmp_path, ["aws_s3_bucket.x", "aws_s3_bucket.y", f"module.m.{CHILD}.v"], root)
    assert candidates(found[f"module.m.{CHILD}.v"]) == {"aws_s3_bucket.x", "aws_s3_bucket.y"}


def test_the_key_of_a_module_instance_is_seen_by_its_arguments(tmp_path: Path) -> None:
    inner = module(child(refs("var.name")), variables={"name": {}})
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        calls={"m": call(inner, name=refs("aws_s3_bucket.x", "each.key"), for_each=refs("local.a"))},
    )
    addresses = [f'aws_s3_bucket.x["{key}"]' for key in "ab"] + [f'module.m["{key}"].{CHILD}.v' for key in "ab"]
    assert join(tmp_path, addresses, root) == {
        f'module.m["{key}"].{CHILD}.v': exactly(f'aws_s3_bucket.x["{key}"]') for key in "ab"
    }


def test_a_default_and_a_constant_input_are_known(tmp_path: Path) -> None:
    inner = module(
        child(refs("var.prefix", "var.suffix", "aws_s3_bucket.x.id")),
        block("aws_s3_bucket.x"),
        variables={"prefix": {"default": "p"}, "suffix": {}},
    )
    root = module(calls={"m": call(inner, suffix=const("s"))})
    found = join(tmp_path, ["module.m.aws_s3_bucket.x", f"module.m.{CHILD}.v"], root)
    assert found == {f"module.m.{CHILD}.v": exactly("module.m.aws_s3_bucket.x")}


@pytest.mark.parametrize("key", ["", "[0]", '["a"]'])
def test_an_output_of_a_module(tmp_path: Path, key: str) -> None:
    inner = module(block("aws_s3_bucket.x"), outputs={"id": refs("aws_s3_bucket.x.id")})
    repetition = {"": {}, "[0]": {"count": const(1)}, '["a"]': {"for_each": refs("local.a")}}[key]
    root = module(child(refs(f"module.m{key}.id")), calls={"m": call(inner, **repetition)})
    found = join(tmp_path, [f"module.m{key}.aws_s3_bucket.x", f"{CHILD}.v"], root)
    assert found == {f"{CHILD}.v": exactly(f"module.m{key}.aws_s3_bucket.x")}


def test_an_output_that_is_a_whole_resource(tmp_path: Path) -> None:
    inner = module(block("aws_s3_bucket.x", count=const(1)), outputs={"bucket": refs("aws_s3_bucket.x[0]")})
    root = module(child(refs("module.m.bucket.id")), calls={"m": call(inner)})
    found = join(tmp_path, ["module.m.aws_s3_bucket.x[0]", f"{CHILD}.v"], root)
    assert found == {f"{CHILD}.v": exactly("module.m.aws_s3_bucket.x[0]")}


def test_for_each_over_a_module(tmp_path: Path) -> None:
    inner = module(block("aws_s3_bucket.x"), outputs={"id": refs("aws_s3_bucket.x.id")})
    root = module(
        child(refs("each.value.id"), for_each=refs("module.m")), calls={"m": call(inner, for_each=refs("local.a"))}
    )
    addresses = [f'module.m["{key}"].aws_s3_bucket.x' for key in "ab"] + [f'{CHILD}.v["{key}"]' for key in "ab"]
    assert join(tmp_path, addresses, root) == {
        f'{CHILD}.v["{key}"]': exactly(f'module.m["{key}"].aws_s3_bucket.x') for key in "ab"
    }


def module_by_key(folder: Path, outputs: dict[str, Any]) -> Value:
    inner = module(block("aws_s3_bucket.x"), block("aws_s3_bucket.logs"), outputs=outputs)
    root = module(
        child(refs("module.m", "each.key"), for_each=refs("local.a")),
        calls={"m": call(inner, for_each=refs("local.a"))},
    )
    addresses = [f'module.m["{key}"].aws_s3_bucket.{name}' for key in "ab" for name in ("x", "logs")]
    return join(folder, [*addresses, f'{CHILD}.v["b"]'], root)[f'{CHILD}.v["b"]']


def test_an_output_by_each_key_is_the_only_one_that_fits(tmp_path: Path) -> None:
    outputs = {"arn": refs("aws_s3_bucket.x.arn"), "id": refs("aws_s3_bucket.x.id"), "note": const("text")}
    assert module_by_key(tmp_path, outputs) == exactly('module.m["b"].aws_s3_bucket.x')


def test_an_output_by_each_key_stays_open_where_two_fit(tmp_path: Path) -> None:
    outputs = {"id": refs("aws_s3_bucket.x.id"), "logs": refs("aws_s3_bucket.logs.id")}
    found = candidates(module_by_key(tmp_path, outputs))
    assert found == {'module.m["b"].aws_s3_bucket.x', 'module.m["b"].aws_s3_bucket.logs'}


def test_an_output_is_passed_through_a_module_without_resources(tmp_path: Path) -> None:
    middle = module(outputs={"id": refs("var.id")}, variables={"id": {}})
    root = module(
        block("aws_s3_bucket.x"),
        child(refs("module.m.id")),
        calls={"m": call(middle, id=refs("aws_s3_bucket.x.id"))},
    )
    assert join(tmp_path, ["aws_s3_bucket.x", f"{CHILD}.v"], root)[f"{CHILD}.v"] == exactly("aws_s3_bucket.x")


def test_modules_that_feed_each_other_in_a_circle_are_left_open(tmp_path: Path) -> None:
    inner = module(outputs={"out": refs("var.in")}, variables={"in": {}})
    root = module(
        child(refs("module.a.out")),
        calls={"a": call(inner, **{"in": refs("module.b.out")}), "b": call(inner, **{"in": refs("module.a.out")})},
    )
    value = join(tmp_path, [f"{CHILD}.v"], root)[f"{CHILD}.v"]
    assert isinstance(value, Unknown)
    assert not value.exact


def test_a_very_long_way_through_modules_is_given_up(tmp_path: Path) -> None:
    inner = module(outputs={"out": refs("var.in")}, variables={"in": {}})
    calls = {f"m{i}": call(inner, **{"in": refs(f"module.m{i + 1}.out")}) for i in range(3000)}
    root = module(child(refs("module.m0.out")), calls=calls)
    value = join(tmp_path, [f"{CHILD}.v"], root)[f"{CHILD}.v"]
    assert isinstance(value, Unknown)
    assert "too many modules" in value.reason


def test_a_known_value_of_a_data_source_is_put_in_place_of_the_reference(tmp_path: Path) -> None:
    root = module(block("data.aws_s3_bucket.d", bucket=const("live")), child(refs("data.aws_s3_bucket.d.id")))
    changes = [change("data.aws_s3_bucket.d", {"bucket": "live"}, ("id", "arn"), ("read",)), change(f"{CHILD}.v")]
    assert by_address(read(plan(changes, root), tmp_path))[f"{CHILD}.v"].values["bucket"] == "live"


# Arguments that are known all the same


def known(folder: Path, bucket: dict[str, Any], child_bucket: str, expression: dict[str, Any]) -> Any:
    """The child of a bucket in a plan that changes nothing."""
    changes = [
        change("aws_s3_bucket.x", bucket, (), ("no-op",), bucket),
        change("aws_s3_bucket.y", {"bucket": "y", "id": "y"}, (), ("no-op",), {"bucket": "y", "id": "y"}),
        change(f"{CHILD}.v", {"bucket": child_bucket}, (), ("no-op",), {"bucket": child_bucket}),
    ]
    root = module(block("aws_s3_bucket.x"), block("aws_s3_bucket.y"), child(expression))
    configuration = read(plan(changes, root), folder)
    after, before = by_address(configuration)[f"{CHILD}.v"], by_address(configuration.before)[f"{CHILD}.v"]
    assert after.values == {"bucket": child_bucket}
    assert after.references == before.references
    return after


def test_a_known_name_keeps_the_reference_that_it_came_from(tmp_path: Path) -> None:
    found = known(tmp_path, {"bucket": "x", "id": "x"}, "x", refs("aws_s3_bucket.x.id"))
    assert found.references == {"bucket": Reference("aws_s3_bucket.x", ("id",))}
    assert found.named_by("bucket") == exactly("aws_s3_bucket.x")


def test_a_known_name_tells_which_of_several_references_it_took(tmp_path: Path) -> None:
    found = known(tmp_path, {"id": "x"}, "y", refs("aws_s3_bucket.x.id", "aws_s3_bucket.y.id"))
    assert found.references == {"bucket": Reference("aws_s3_bucket.y", ("id",))}


def test_a_known_name_with_text_round_the_reference_is_no_reference(tmp_path: Path) -> None:
    found = known(tmp_path, {"id": "x"}, "x-logs", refs("aws_s3_bucket.x.id"))
    assert found.references == {}
    assert found.named_by("bucket") == "x-logs"


# Indexes that the plan does not record


@pytest.mark.parametrize("repetition", [{}, const(["a", "b"]), refs("var.names")])
def test_the_value_of_a_set_is_its_key(tmp_path: Path, repetition: dict[str, Any]) -> None:
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        child(refs("aws_s3_bucket.x", "each.value"), for_each=repetition),
    )
    addresses = ['aws_s3_bucket.x["a"]', 'aws_s3_bucket.x["b"]', f'{CHILD}.v["b"]']
    found = join(tmp_path, addresses, root, variables={"names": {"value": ["b", "a"]}})
    assert found[f'{CHILD}.v["b"]'] == exactly('aws_s3_bucket.x["b"]')


def output_map(folder: Path, expression: dict[str, Any], child_key: str = "", **more: Any) -> Value:
    """The bucket of a child that uses an output which is a map of buckets."""
    inner = module(block("aws_s3_bucket.x", for_each=refs("var.names")), outputs={"ids": refs("aws_s3_bucket.x")})
    root = module(child(expression, **more), calls={"m": call(inner, names=refs("local.names"))})
    addresses = ['module.m.aws_s3_bucket.x["a"]', 'module.m.aws_s3_bucket.x["b"]', f"{CHILD}.v{child_key}"]
    return join(folder, addresses, root, variables={"which": {"value": "b"}})[f"{CHILD}.v{child_key}"]


def test_an_output_map_is_indexed_by_a_literal_a_variable_or_the_key(tmp_path: Path) -> None:
    wanted = exactly('module.m.aws_s3_bucket.x["b"]')
    assert output_map(tmp_path, refs('module.m.ids["b"]')) == wanted
    assert output_map(tmp_path, refs("module.m.ids", "var.which")) == wanted
    assert output_map(tmp_path, refs("module.m.ids", "each.key"), '["b"]', for_each=refs("local.names")) == wanted
    assert output_map(tmp_path, refs("each.value"), '["b"]', for_each=refs("module.m.ids")) == wanted


def test_an_output_map_without_a_known_index_stays_open(tmp_path: Path) -> None:
    both = {'module.m.aws_s3_bucket.x["a"]', 'module.m.aws_s3_bucket.x["b"]'}
    assert candidates(output_map(tmp_path, refs("module.m.ids"))) == both
    assert candidates(output_map(tmp_path, refs("module.m.ids", "local.which"))) == both


def test_a_variable_map_is_indexed_by_the_key(tmp_path: Path) -> None:
    inner = module(
        child(refs("var.buckets", "each.key"), for_each=refs("var.names")), variables={"buckets": {}, "names": {}}
    )
    root = module(
        block("aws_s3_bucket.x", for_each=refs("local.a")),
        calls={"m": call(inner, buckets=refs("aws_s3_bucket.x"), names=refs("local.a"))},
    )
    addresses = ['aws_s3_bucket.x["a"]', 'aws_s3_bucket.x["b"]', f'module.m.{CHILD}.v["a"]']
    assert join(tmp_path, addresses, root) == {f'module.m.{CHILD}.v["a"]': exactly('aws_s3_bucket.x["a"]')}


@pytest.mark.parametrize("more", [(), ("aws_s3_bucket.x",)], ids=["x[i]", "x[(i + 1) % length(x)]"])
@pytest.mark.parametrize("alike", [True, False])
def test_count_index_pairs_instances_that_differ_only_with_the_source(
    tmp_path: Path, alike: bool, more: tuple[str, ...]
) -> None:
    index = refs("aws_s3_bucket.x", "count.index", *more)
    root = module(block("aws_s3_bucket.x", count=const(2)), child(index, count=const(2)))
    buckets = [f"aws_s3_bucket.x[{index}]" for index in range(2)]
    children = [change(f"{CHILD}.v[{index}]", {"mfa": "same" if alike else f"for {index}"}) for index in range(2)]
    values = by_address(read(plan([*map(change, buckets), *children], root), tmp_path))
    for index in range(2):
        bucket = values[f"{CHILD}.v[{index}]"].values["bucket"]
        assert bucket == exactly(buckets[index]) if alike else candidates(bucket) == set(buckets)


def test_two_unknown_arguments_by_index_may_differ(tmp_path: Path) -> None:
    by_index = refs("aws_s3_bucket.x", "count.index")
    root = module(block("aws_s3_bucket.x", count=const(2)), child(by_index, count=const(2), id=by_index))
    buckets = [f"aws_s3_bucket.x[{index}]" for index in range(2)]
    children = [change(f"{CHILD}.v[{index}]") for index in range(2)]
    values = by_address(read(plan([*map(change, buckets), *children], root), tmp_path))
    assert candidates(values[f"{CHILD}.v[0]"].values["bucket"]) == set(buckets)


def test_count_index_into_modules_pairs_only_what_is_alike(tmp_path: Path) -> None:
    inner = module(block("aws_s3_bucket.x"), outputs={"id": refs("aws_s3_bucket.x.id")})
    root = module(child(refs("module.m", "count.index"), count=const(2)), calls={"m": call(inner, count=const(2))})
    buckets = [f"module.m[{index}].aws_s3_bucket.x" for index in range(2)]
    children = [change(f"{CHILD}.v[{index}]", {"mfa": f"for {index}"}) for index in range(2)]
    values = by_address(read(plan([*map(change, buckets), *children], root), tmp_path))
    assert candidates(values[f"{CHILD}.v[0]"].values["bucket"]) == set(buckets)


def test_a_policy_with_the_arn_of_an_instance_in_its_text_is_no_policy_of_the_bucket(tmp_path: Path) -> None:
    policy = block("aws_s3_bucket_policy.p", policy=refs("aws_s3_bucket.x", "each.key"), for_each=refs("local.a"))
    root = module(block("aws_s3_bucket.x", for_each=refs("local.a")), policy)
    changes = [change('aws_s3_bucket.x["a"]'), change('aws_s3_bucket_policy.p["a"]', unknown=("policy",))]
    value = by_address(read(plan(changes, root), tmp_path))['aws_s3_bucket_policy.p["a"]'].values["policy"]
    assert candidates(value) == {'aws_s3_bucket.x["a"]'}


def test_count_index_of_a_module_call_pairs_like_that_of_a_block(tmp_path: Path) -> None:
    indexed = refs("aws_s3_bucket.x", "count.index")
    part = module(child(refs("var.it")), variables={"it": {}})
    root = module(block("aws_s3_bucket.x", count=const(2)), calls={"m": call(part, it=indexed, count=const(2))})
    buckets = [f"aws_s3_bucket.x[{index}]" for index in range(2)]
    for other, exact in (("same", True), ("other", False)):
        children = [change(f"module.m[{at}].{CHILD}.v", {"mfa": mfa}) for at, mfa in enumerate(("same", other))]
        values = by_address(read(plan([*map(change, buckets), *children], root), tmp_path))
        bucket = values[f"module.m[1].{CHILD}.v"].values["bucket"]
        assert bucket == exactly(buckets[1]) if exact else candidates(bucket) == set(buckets)
