"""IP network functions.

Follows https://developer.hashicorp.com/terraform/language/functions, section "IP Network Functions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from iacscan.terraform.functions.registry import NUMBER, STRING, Function, FunctionContext, too_large, whole
from iacscan.terraform.kinds import ListValue
from iacscan.terraform.values import EvaluationError, Number

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network: TypeAlias = IPv4Network | IPv6Network

_MOST_NEW_BITS = 32


def _network(prefix: str) -> Network:
    """The network that ``prefix`` lies in; leading zeros in IPv4 are decimal, as Terraform reads them."""
    import ipaddress

    address, slash, length = prefix.partition("/")
    try:
        if not slash or not length.isdecimal() or not length.isascii():
            raise ValueError
        if ":" not in address:
            address = ".".join(part.lstrip("0") or "0" if part else "" for part in address.split("."))
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        raise EvaluationError(f"invalid CIDR expression: invalid CIDR address: {prefix}") from None


def _cidrhost(prefix: str, host: Number) -> str:
    network = _network(prefix)
    if not isinstance(host, int):
        raise EvaluationError("hostnum must be a whole number")
    offset = host if host >= 0 else network.num_addresses + host
    if not 0 <= offset < network.num_addresses:
        raise EvaluationError(f"prefix of {network.prefixlen} does not accommodate a host numbered {host}")
    return str(network.network_address + offset)


def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise EvaluationError("IPv6 addresses cannot have a netmask")
    return str(network.netmask)


def _cidrsubnet(prefix: str, new_bits: Number, number: Number) -> str:
    network, bits = _network(prefix), whole(new_bits)
    length = network.prefixlen + bits
    if not isinstance(number, int):
        raise EvaluationError("netnum must be a whole number")
    if not 0 <= length <= network.max_prefixlen:
        raise EvaluationError(f"insufficient address space to extend prefix of {network.prefixlen} by {bits}")
    if bits >= 0 and abs(number) >= 2**bits:
        raise EvaluationError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    # Terraform does not reject a negative number: it takes the magnitude of the combined bits.
    combined = abs(int(network.network_address) | number << network.max_prefixlen - length)
    if combined >> network.max_prefixlen:
        raise EvaluationError(f"there is no subnet numbered {number}")
    return f"{type(network.network_address)(combined)}/{length}"


def _cidrsubnets(context: FunctionContext, prefix: str, *new_bits: Number) -> list[str]:
    """Subnets side by side, each on a boundary of its own size."""
    if len(new_bits) > context.limits.items:
        raise too_large("the list of subnets")
    network = _network(prefix)
    if new_bits and int(network.network_address) == 0:
        raise EvaluationError("not enough remaining address space")  # Terraform's own limitation
    used, subnets = 0, []
    for position, each in enumerate(new_bits):
        bits = whole(each)
        if not 1 <= bits <= _MOST_NEW_BITS:
            raise EvaluationError(f"argument {position + 2} must extend the prefix by 1 to {_MOST_NEW_BITS} bits")
        length = network.prefixlen + bits
        if length > network.max_prefixlen:
            raise EvaluationError(f"would extend prefix to {length} bits, which is too long for this address family")
        size = 1 << network.max_prefixlen - length
        start = -(-used // size) * size
        used = start + size
        if used > network.num_addresses:
            raise EvaluationError(f"not enough remaining address space for a subnet with a prefix of {length} bits")
        subnets.append(f"{network.network_address + start}/{length}")
    return subnets


FUNCTIONS = (
    Function("cidrhost", _cidrhost, (STRING, NUMBER)),
    Function("cidrnetmask", _cidrnetmask, (STRING,)),
    Function("cidrsubnet", _cidrsubnet, (STRING, NUMBER, NUMBER)),
    Function("cidrsubnets", _cidrsubnets, (STRING,), rest=NUMBER, contextual=True, result=ListValue),
)
