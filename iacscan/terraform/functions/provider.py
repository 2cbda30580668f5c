"""The functions of the AWS provider: ARNs taken apart and put together.

Follows https://registry.terraform.io/providers/hashicorp/aws/latest/docs, section "Functions".
"""

from __future__ import annotations

from typing import Any

from iacscan.core import join_text
from iacscan.terraform.functions.registry import HOLED, STRING, Function
from iacscan.terraform.functions.strings import holes
from iacscan.terraform.kinds import ObjectValue
from iacscan.terraform.values import EvaluationError

_FIELDS = ("partition", "service", "region", "account_id", "resource")


def _sections(arn: str) -> list[str]:
    sections = arn.split(":", 5)
    if len(sections) != 6 or sections[0] != "arn":
        raise EvaluationError(f"error parsing ARN: {arn!r} is not an ARN")
    return sections[1:]


def _arn_parse(arn: str) -> dict[str, str]:
    return ObjectValue(zip(_FIELDS, _sections(arn), strict=True))


def _arn_build(*fields: Any) -> Any:
    parts: list[Any] = ["arn"]
    for field in fields:
        parts += [":", holes(field)]
    return join_text(parts)


def _trim_iam_role_path(arn: str) -> str:
    sections = _sections(arn)
    kind, slash, rest = sections[-1].partition("/")
    if sections[1] != "iam" or sections[2] or kind != "role" or not slash:
        raise EvaluationError(f"{arn!r} is not the ARN of an IAM role")
    return ":".join(["arn", *sections[:-1], f"role/{rest.rsplit('/', 1)[-1]}"])


FUNCTIONS = (
    Function("provider::aws::arn_build", _arn_build, (HOLED,) * 5),
    Function("provider::aws::arn_parse", _arn_parse, (STRING,)),
    Function("provider::aws::trim_iam_role_path", _trim_iam_role_path, (STRING,)),
)
