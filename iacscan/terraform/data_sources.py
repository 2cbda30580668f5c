"""Attributes of AWS data sources that follow from their arguments and the provider's Region alone.

Terraform reads them while it plans; all others are unknown. See
https://registry.terraform.io/providers/hashicorp/aws/latest/docs for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iacscan.core import Template, Unknown, join_text

PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
}


def partition_of(region: Any) -> tuple[str, str]:
    """The partition of a Region and its DNS suffix.

    Where the Region is not known it is the commercial partition: nothing is judged by it alone, and a
    hole in every ARN would leave whole policies unjudged.
    """
    name = region if isinstance(region, str) else ""
    return next((found for prefix, found in PARTITIONS.items() if name.startswith(prefix)), ("aws", "amazonaws.com"))


def partition(_: Mapping[str, Any], region: Any) -> Mapping[str, Any]:
    """``aws_partition``."""
    name, suffix = partition_of(region)
    return {"id": name, "partition": name, "dns_suffix": suffix}


def current_region(arguments: Mapping[str, Any], region: Any) -> Mapping[str, Any]:
    """``aws_region`` without arguments: the Region of the provider."""
    if not isinstance(region, str) or any(isinstance(arguments.get(name), str) for name in ("name", "endpoint")):
        return {}
    return {"id": region, "name": region, "region": region}


def bucket(arguments: Mapping[str, Any], region: Any) -> Mapping[str, Any]:
    """``aws_s3_bucket``: its name is its id, and its ARN is made of it."""
    name = arguments.get("bucket")
    if not isinstance(name, str | Unknown | Template):
        return {}
    return {"id": name, "arn": join_text([f"arn:{partition_of(region)[0]}:s3:::", name])}


DATA_SOURCES: Mapping[str, Callable[[Mapping[str, Any], Any], Mapping[str, Any]]] = {
    "aws_partition": partition,
    "aws_region": current_region,
    "aws_s3_bucket": bucket,
}
