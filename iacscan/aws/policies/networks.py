"""Address ranges of ``aws:SourceIp``: a CIDR block, or one address."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TypeAlias

from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.references import is_fixed
from iacscan.core import Template, Ternary, Unknown, merge_unknown, unknowns

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_WIDEST = {4: 8, 6: 32}
_CIDR = re.compile(r"[0-9a-fA-F.:]+(/[0-9]{1,3})?")
"""Python reads masks (``/255.0.0.0``) and zones (``%eth0``) as well; AWS does not."""
_PREFIX_LENGTH = re.compile(r"/(\d{1,3})$")


@lru_cache(maxsize=2048)
def network_of(text: str) -> Network | None:
    """The network written as ``text`` (host bits ignored, a bare address is itself); None: it is none."""
    if not _CIDR.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def is_narrow(leaf: Leaf) -> Ternary:
    """Whether a range is no broader than S3 accepts as a limit: /8 for IPv4, /32 for IPv6.

    After "The meaning of public" in
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
    """
    if isinstance(leaf, str):
        network = network_of(leaf)
        if network is None:
            return Unknown(f'"{leaf}" is not an address range, so AWS refuses the policy')
        return network.prefixlen >= _WIDEST[network.version]
    if isinstance(leaf, Template):
        return _narrow_template(leaf)
    return True if is_fixed(leaf) else leaf


def _narrow_template(leaf: Template) -> Ternary:
    """By the prefix length where that is written: ``"${aws_eip.x.public_ip}/32"``."""
    last = leaf.parts[-1]
    found = _PREFIX_LENGTH.search(last) if isinstance(last, str) else None
    length = int(found[1]) if found else None
    if length is not None and length >= _WIDEST[6]:
        return True
    if length is not None and length < _WIDEST[4]:
        return False
    return merge_unknown(unknowns(leaf))
