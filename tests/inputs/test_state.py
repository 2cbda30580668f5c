from pathlib import Path
from typing import Any

from plan_maker import by_address, parts, read

from iacscan.inputs.configuration import Kind


def listed(address: str, **more: Any) -> dict[str, Any]:
    return {**parts(address), "values": {"bucket": "b"}, "sensitive_values": {}, **more}


def state(*resources: dict[str, Any], **children: Any) -> dict[str, Any]:
    root = {"resources": list(resources), **children}
    return {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}}


def test_managed_resources_and_data_sources_of_all_modules_are_read(tmp_path: Path) -> None:
    inner = {
        "address": 'module.m["a"]',
        "resources": [listed('module.m["a"].aws_s3_bucket.x[0]', index=0)],
        "child_modules": [
            {"address": 'module.m["a"].module.n', "resources": [listed('module.m["a"].module.n.aws_s3_bucket.y')]}
        ],
    }
    content = state(listed("aws_s3_bucket.x"), listed("data.aws_s3_bucket.d"), child_modules=[inner])
    configuration = read(content, tmp_path)
    found = by_address(configuration)
    assert configuration.kind is Kind.STATE
    assert configuration.before is None
    assert {address: (item.mode, item.module, item.key) for address, item in found.items()} == {
        "aws_s3_bucket.x": ("managed", "", None),
        "data.aws_s3_bucket.d": ("data", "", None),
        'module.m["a"].aws_s3_bucket.x[0]': ("managed", 'module.m["a"]', 0),
        'module.m["a"].module.n.aws_s3_bucket.y': ("managed", 'module.m["a"].module.n', None),
    }


def test_a_state_cannot_tell_what_was_written_or_what_changes(tmp_path: Path) -> None:
    (resource,) = read(state(listed("aws_s3_bucket.x", tainted=True)), tmp_path).resources
    assert resource.declared is None
    assert resource.writes("acl")
    assert resource.change is None
    assert resource.provider == "aws"


def test_deposed_objects_are_not_the_resource(tmp_path: Path) -> None:
    content = state(
        listed("aws_s3_bucket.x", deposed_key="0123abcd", values={"bucket": "deposed"}), listed("aws_s3_bucket.x")
    )
    (resource,) = read(content, tmp_path).resources
    assert resource.values == {"bucket": "b"}


def test_an_empty_state_has_no_resources(tmp_path: Path) -> None:
    for content in (
        {"format_version": "1.0"},
        {"format_version": "1.0", "terraform_version": "1.11.4", "values": None},
    ):
        assert read(content, tmp_path).resources == ()


def test_sensitive_values_are_marked_and_collected(tmp_path: Path) -> None:
    entry = listed("aws_s3_object.o", values={"content": "hunter2", "key": "k"}, sensitive_values={"content": True})
    configuration = read(state(entry), tmp_path)
    (resource,) = configuration.resources
    assert resource.sensitive == (("content",),)
    assert resource.is_sensitive(("content",))
    assert not resource.is_sensitive(("key",))
    assert configuration.secrets == {"hunter2"}
