"""Write iacscan/terraform/provider_schema.json from ``terraform providers schema -json`` on standard input.

Run it in a directory whose configuration requires the provider version wanted, after ``terraform init``:

    terraform providers schema -json | python scripts/generate_provider_schema.py

Two parts of the file are not in the schema. Blocks that the provider reads back when they are not
written (``l``) are kept from the file as it is. What is planned for arguments that are left out (``d``)
is kept too, and added to from plans (JSON) named as arguments: there it is what the plan knows although
the configuration does not say it.

    python scripts/generate_provider_schema.py fixtures/*/*/*plan.json < schema.json
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "iacscan" / "terraform" / "provider_schema.json"
RESOURCES = re.compile(
    r"""aws_(s3_.*|s3control_.*|s3tables_.*|kms_.*|iam_.*|cloudtrail.*|vpc|vpc_endpoint|vpc_endpoint_policy
    |cloudfront_(distribution|origin_access_control|origin_access_identity)
    |guardduty_(detector|detector_feature|organization_configuration)
    |cloudwatch_(event_(rule|target|bus)|log_(group|metric_filter|resource_policy)|(metric|composite)_alarm)
    |config_(config_rule|configuration_recorder|configuration_recorder_status|delivery_channel
    |remediation_configuration|aggregate_authorization)
    |sns_topic|sns_topic_policy|sns_topic_subscription|sqs_queue|sqs_queue_policy|lambda_(function|permission)
    |ssoadmin_(.*polic.*|permission_set)|organizations_policy|macie2_account|accessanalyzer_analyzer
    |securityhub_account|security_group|athena_workgroup|flow_log|lb|elb)""",
    re.VERBOSE,
)
DATA_SOURCES = re.compile(
    r"""aws_(iam_(policy_document|role|policy|user)|s3_.*|caller_identity|partition|region|canonical_user_id
    |(elb|cloudtrail|redshift|billing)_service_account|organizations_organization|kms_(key|alias)|vpc
    |availability_zones|cloudfront_.*|default_tags|arn|service_principal)""",
    re.VERBOSE,
)
TERRAFORM_DATA = {
    "a": {"id": ["string", "c"], "input": ["any", "o"], "output": ["any", "c"], "triggers_replace": ["any", "o"]}
}
"""The one built-in resource type, which belongs to no provider."""


def kind(written: Any) -> Any:
    """A type constraint as the file has it."""
    if isinstance(written, str):
        return written
    name, inner = written
    if name == "object":
        return [name, {each: kind(item) for each, item in inner.items()}]
    return [name, kind(inner)]


def nested_kind(nested: Mapping[str, Any]) -> Any:
    """The type of an attribute with attributes of its own."""
    inner = ["object", {name: kind(item["type"]) for name, item in nested["attributes"].items() if "type" in item}]
    return inner if nested["nesting_mode"] == "single" else [nested["nesting_mode"], inner]


def attribute(written: Mapping[str, Any]) -> list[Any]:
    """The type and the flags of an attribute."""
    flags = "".join(name[0] for name in ("computed", "optional", "required", "sensitive") if written.get(name))
    return [nested_kind(written["nested_type"]) if "nested_type" in written else kind(written["type"]), flags]


def block(written: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes and blocks of a block."""
    result: dict[str, Any] = {
        "a": {name: attribute(item) for name, item in sorted(written.get("attributes", {}).items())}
    }
    blocks = sorted(written.get("block_types", {}).items())
    if blocks:
        result["b"] = {name: [item["nesting_mode"], block(item["block"])] for name, item in blocks}
    return result


Observed = dict[tuple[str, ...], set[str]]
"""By type and path: the values planned for an argument that is left out, as JSON."""


def written_resources(module: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The resources of a plan's configuration by address, with their expressions."""
    for resource in module.get("resources", []):
        yield prefix + resource["address"], resource.get("expressions", {})
    for name, call in module.get("module_calls", {}).items():
        yield from written_resources(call.get("module", {}), f"{prefix}module.{name}.")


def observe_plan(plan: Mapping[str, Any], tables: Mapping[str, Any], found: Observed) -> None:
    """Add what ``plan`` tells of left-out arguments to ``found``."""
    written = dict(written_resources(plan["configuration"].get("root_module", {})))
    for change in plan.get("resource_changes", []):
        address = re.sub(r"\[[^]]*\]", "", change["address"])
        if change["change"]["actions"] == ["create"] and change["type"] in tables and address in written:
            after = change["change"]["after"]
            observe(written[address], after, tables[change["type"]], (change["type"],), found)


def observe(
    expressions: Mapping[str, Any],
    after: Mapping[str, Any],
    table: Mapping[str, Any],
    path: tuple[str, ...],
    found: Observed,
) -> None:
    """Add the arguments of one block that are not in ``expressions`` and are known in ``after``."""
    for name, (_, flags) in table["a"].items():
        if name not in expressions and after.get(name) not in (None, "", [], {}) and "c" not in flags:
            found.setdefault((*path, name), set()).add(json.dumps(after[name]))
    for name, (_, inner) in table.get("b", {}).items():
        blocks = expressions.get(name, [])
        said = together(blocks if isinstance(blocks, list) else [blocks])
        items = after.get(name)
        if isinstance(blocks, list) and isinstance(items, list) and len(blocks) == len(items):
            for item in items:
                observe(said, item, inner, (*path, name), found)


def together(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """All that blocks of one type say, as one block: a plan may show them in another order."""
    result: dict[str, Any] = {}
    for each in blocks:
        for key, value in each.items():
            known = result.get(key)
            result[key] = known + value if isinstance(known, list) and isinstance(value, list) else value
    return result


def remember(tables: Mapping[str, Any], found: Observed) -> None:
    """Put what was always the same into the tables."""
    for (kind_name, *path), values in sorted(found.items()):
        if len(values) > 1:
            continue
        known = tables[kind_name].setdefault("d", {})
        for name in path[:-1]:
            known = known.setdefault(name, {})
        value = json.loads(min(values))
        if known.get(path[-1]) != value:
            print("planned when left out:", kind_name, ".".join(path), value)
        known[path[-1]] = value


def main() -> None:
    """Read the schema, keep what was observed, add what the plans tell, write the file: one type a line."""
    (provider,) = json.load(sys.stdin)["provider_schemas"].values()
    before = json.loads(TARGET.read_text(encoding="utf-8"))
    tables = {
        name: block(item["block"])
        for name, item in sorted(provider["resource_schemas"].items())
        if RESOURCES.fullmatch(name)
    }
    for name, item in sorted(provider["data_source_schemas"].items()):
        if DATA_SOURCES.fullmatch(name):
            tables[f"data.{name}"] = block(item["block"])
    tables["terraform_data"] = TERRAFORM_DATA
    for name, table in tables.items():
        table.update({part: before[name][part] for part in "dl" if part in before.get(name, {})})
    found: Observed = {}
    for name in sys.argv[1:]:
        observe_plan(json.loads(Path(name).read_text(encoding="utf-8")), tables, found)
    remember(tables, found)
    lines = (f"{json.dumps(name)}:{json.dumps(table, separators=(',', ':'))}" for name, table in tables.items())
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
