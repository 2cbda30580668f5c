"""Hashes and name-based identifiers; random and keyed results are not known before apply.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Hash and Crypto Functions".
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from iacscan.core import Unknown
from iacscan.terraform.functions.files import read_bytes
from iacscan.terraform.functions.registry import NUMBER, STRING, Function, FunctionContext
from iacscan.terraform.values import EvaluationError

_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
_BASE64 = ("sha256", "sha512")


def _digest(algorithm: str, data: bytes) -> Any:
    import hashlib

    return hashlib.new(algorithm, data, usedforsecurity=False)


def _hex(algorithm: str) -> Callable[[str], str]:
    def digest(text: str) -> str:
        return str(_digest(algorithm, text.encode()).hexdigest())

    return digest


def _base64(algorithm: str) -> Callable[[str], str]:
    def digest(text: str) -> str:
        return b64encode(_digest(algorithm, text.encode()).digest()).decode()

    return digest


def _file_hex(algorithm: str) -> Callable[[FunctionContext, str], str]:
    def digest(context: FunctionContext, path: str) -> str:
        return str(_digest(algorithm, read_bytes(context, path)).hexdigest())

    return digest


def _file_base64(algorithm: str) -> Callable[[FunctionContext, str], str]:
    def digest(context: FunctionContext, path: str) -> str:
        return b64encode(_digest(algorithm, read_bytes(context, path)).digest()).decode()

    return digest


def _uuidv5(namespace: str, name: str) -> str:
    import uuid

    named = {
        "dns": uuid.NAMESPACE_DNS,
        "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID,
        "x500": uuid.NAMESPACE_X500,
    }
    try:
        return str(uuid.uuid5(named.get(namespace) or uuid.UUID(namespace), name))
    except ValueError:
        raise EvaluationError("uuidv5() doesn't support this namespace") from None


def _uuid() -> Unknown:
    return Unknown("uuid() differs on every run")


def _bcrypt(_text: str, *_cost: Any) -> Unknown:
    return Unknown("bcrypt() differs on every run")


def _rsadecrypt(_text: str, _key: str) -> Unknown:
    return Unknown("rsadecrypt() is not evaluated")


FUNCTIONS = (
    *(Function(name, _hex(name), (STRING,)) for name in _ALGORITHMS),
    *(Function(f"base64{name}", _base64(name), (STRING,)) for name in _BASE64),
    *(Function(f"file{name}", _file_hex(name), (STRING,), contextual=True) for name in _ALGORITHMS),
    *(Function(f"filebase64{name}", _file_base64(name), (STRING,), contextual=True) for name in _BASE64),
    Function("bcrypt", _bcrypt, (STRING,), rest=NUMBER, most=2),
    Function("rsadecrypt", _rsadecrypt, (STRING, STRING)),
    Function("uuid", _uuid),
    Function("uuidv5", _uuidv5, (STRING, STRING)),
)
