"""Address conditions that do nothing: ranges that no request can come from, or that every one does.

``aws:SourceIp`` holds the public address of the caller, and is missing from requests through a VPC
endpoint: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from iacscan.aws.judgements.limits import SOURCE_IP, shown
from iacscan.aws.policies.networks import Network, network_of
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.references import attribute
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Template, Unknown, merge_unknown, unknowns

_NOT_PUBLIC: dict[str, tuple[str, ...]] = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "shared (carrier-grade NAT)": ("100.64.0.0/10",),
    "loopback": ("127.0.0.0/8", "::1/128"),
    "multicast or reserved": ("224.0.0.0/4", "240.0.0.0/4", "ff00::/8"),
}
_NETWORKS = [(kind, ipaddress.ip_network(text)) for kind, texts in _NOT_PUBLIC.items() for text in texts]
_PRIVATE_ATTRIBUTES = frozenset({"private_ip", "cidr_block", "ipv4_cidr_block"})


def has_ineffective_source_ip(policy: Policy | Unknown) -> Judgement:
    """Whether an ``aws:SourceIp`` value of ``policy`` can never match, or the values always match."""
    return judge(policy, _of_statement, "No aws:SourceIp condition is without effect.")


def _of_statement(statement: Statement) -> Iterator[Found]:
    for condition in statement.conditions:
        if not isinstance(condition.key, str):
            yield merge_unknown(unknowns(condition.key))
        elif condition.key.lower() == SOURCE_IP:
            yield from _of_condition(statement, condition)


def _of_condition(statement: Statement, condition: Condition) -> Iterator[Found]:
    operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
    if not isinstance(condition.operator, str):
        yield merge_unknown(unknowns(condition.operator))
    if operator is None or operator.family != "ip":
        return
    begin = f"{statement.name}: {condition.operator} aws:SourceIp"
    for value in condition.values:
        yield from _never(begin, value)
    for network in _whole_internet(condition.values):
        yield f"{begin} covers every address (together {network}), so it limits nothing."


def _never(begin: str, value: Leaf) -> Iterator[Found]:
    if isinstance(value, str):
        network = network_of(value)
        kind = _not_public(network) if network is not None else None
        if kind is not None:
            meaning = "" if str(network) == value or "/" not in value else f" (which means {network})"
            yield f"{begin} {value}{meaning} never matches: {kind} addresses are not what AWS sees of a caller."
        return
    name = _address_attribute(value)
    if name in _PRIVATE_ATTRIBUTES:
        named = f"{begin} {shown(value)}"
        yield f"{named} never matches: the private addresses of a network are not what AWS sees of a caller."
    elif name != "public_ip":
        yield merge_unknown(unknowns(value))


def _address_attribute(value: Unknown | Template) -> str | None:
    """The attribute that is the address, alone or as a range of its own (``"${aws_eip.a.public_ip}/32"``)."""
    if isinstance(value, Unknown):
        return attribute(value)
    match value.parts:
        case (Unknown() as hole, "/32" | "/128"):
            return attribute(hole)
    return None


def _not_public(network: Network) -> str | None:
    """What kind of address ``network`` lies in, where none of it is public."""
    for kind, outer in _NETWORKS:
        if network.version == outer.version and network[0] in outer and network[-1] in outer:
            return kind
    return None


def _whole_internet(values: Sequence[Leaf]) -> list[Network]:
    """``0.0.0.0/0`` and ``::/0`` where the ranges together are that."""
    networks = [network for value in values if isinstance(value, str) and (network := network_of(value)) is not None]
    fours = [network for network in networks if isinstance(network, ipaddress.IPv4Network)]
    sixes = [network for network in networks if isinstance(network, ipaddress.IPv6Network)]
    together: list[Network] = [*ipaddress.collapse_addresses(fours), *ipaddress.collapse_addresses(sixes)]
    return [network for network in together if network.prefixlen == 0]
