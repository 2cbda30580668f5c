"""Files and paths: reading stays below the root that the scan was given, links resolved.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Filesystem Functions".
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iacscan.core import Unknown
from iacscan.terraform.functions.regexes import Matcher
from iacscan.terraform.functions.registry import ANY, STRING, Function, FunctionContext, too_large
from iacscan.terraform.values import EvaluationError, SetValue


def _resolve(context: FunctionContext, path: str) -> Path:
    """``path`` with links resolved; raises for one that leads out of the root."""
    if "\0" in path or path.startswith("~"):
        raise EvaluationError(f"cannot read {path!r}")
    root = context.root_directory.resolve()
    try:
        resolved = (context.base_directory / path).resolve()
    except (OSError, RuntimeError):
        raise EvaluationError(f"cannot read {path!r}") from None
    if not resolved.is_relative_to(root):
        raise EvaluationError(f"{path!r} lies outside of the directory that is scanned")
    return resolved


def read_bytes(context: FunctionContext, path: str) -> bytes:
    """The content of the file at ``path``; raises ``EvaluationError`` where it may not or cannot be read."""
    resolved = _resolve(context, path)
    try:
        if not resolved.is_file():
            raise EvaluationError(f"no file exists at {path!r}")
        if resolved.stat().st_size > context.limits.file:
            raise too_large(f"the file {path!r}")
        return context.read_file(resolved)
    except OSError as error:
        raise EvaluationError(f"failed to read {path!r}: {error.strerror}") from None


def _file(context: FunctionContext, path: str) -> str:
    try:
        return read_bytes(context, path).decode()
    except UnicodeDecodeError:
        raise EvaluationError(f"contents of {path!r} are not valid UTF-8; use the filebase64 function") from None


def _filebase64(context: FunctionContext, path: str) -> str:
    return b64encode(read_bytes(context, path)).decode()


def _fileexists(context: FunctionContext, path: str) -> bool:
    resolved = _resolve(context, path)
    try:
        mode = resolved.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise EvaluationError(f"failed to check {path!r}: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        raise EvaluationError(f"{path!r} is a directory, not a file")
    return stat.S_ISREG(mode)


def _templatefile(context: FunctionContext, path: str, variables: Any) -> Any:
    if not isinstance(variables, dict):
        raise EvaluationError("invalid vars value: must be a map")
    return context.render_template(_file(context, path), variables)


def _fileset(context: FunctionContext, path: str, pattern: str) -> SetValue:
    """The files below ``path`` that match ``pattern``, with forward slashes."""
    base = _resolve(context, path)
    if ".." in pattern.split("/"):
        raise EvaluationError(f"the pattern {pattern!r} leads out of its directory")
    *directories, last = posixpath.normpath(pattern).split("/")
    prefix = "".join("(?:[^/]+/)*" if part == "**" else _glob(part) + "/" for part in directories)
    matcher = Matcher(f"(?s)^{prefix}{'.*' if last == '**' else _glob(last)}$", context)
    depth = None if "**" in (*directories, last) else len(directories)
    return SetValue.of(name for name in _walk(context, base, depth) if matcher.search(name))


def _walk(context: FunctionContext, base: Path, depth: int | None) -> Iterator[str]:
    """Every file below ``base`` by its relative path, at most ``depth`` directories down.

    Links that lead out of the root are left out.
    """
    root, seen = context.root_directory.resolve(), 0
    for directory, below, names in os.walk(base):
        if depth is not None and len(Path(directory).relative_to(base).parts) >= depth:
            below.clear()
        for name in names:
            seen += 1
            if seen > context.limits.items:
                raise too_large("the directory")
            path = Path(directory, name)
            if path.is_file() and (not path.is_symlink() or path.resolve().is_relative_to(root)):
                yield path.relative_to(base).as_posix()


def _glob(pattern: str) -> str:
    """One path component of a glob, with ``*``, ``?``, ``[…]`` and ``{a,b}``, as an RE2 pattern."""
    result, depth, position = "", 0, 0
    while position < len(pattern):
        rest = pattern[position:]
        token, translated = _glob_token(rest, depth)
        depth += (token == "{") - (token == "}" and depth > 0)
        result += translated
        position += len(token)
    if depth:
        raise EvaluationError(f"invalid pattern {pattern!r}")
    return result


def _glob_token(rest: str, depth: int) -> tuple[str, str]:
    """The token that ``rest`` starts with, and its translation."""
    for token, translated in (("*", "[^/]*"), ("?", "[^/]"), ("{", "(?:")):
        if rest.startswith(token):
            return token, translated
    if depth and rest[0] in ",}":
        return rest[0], "|" if rest[0] == "," else ")"
    bracket = re.match(r"\[(\^?)((?:\\.|[^]\\])+)\]", rest)
    if bracket:
        return bracket[0], f"[{bracket[1]}{bracket[2].replace('[', chr(92) + '[')}]"
    if rest[0] == "[" or rest == "\\":
        raise EvaluationError("invalid pattern: syntax error in pattern")
    return (rest[:2], _quoted(rest[1])) if rest[0] == "\\" else (rest[0], _quoted(rest[0]))


def _quoted(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"


def _abspath(context: FunctionContext, path: str) -> str:
    return re.sub("^//", "/", posixpath.normpath(posixpath.join(context.base_directory.resolve().as_posix(), path)))


def _basename(path: str) -> str:
    if not path:
        return "."
    return posixpath.basename(path.rstrip("/")) or "/"


def _dirname(path: str) -> str:
    cleaned = posixpath.normpath(path[: path.rfind("/") + 1] or ".")
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def _pathexpand(path: str) -> str | Unknown:
    return Unknown("the home directory is not part of the configuration") if path.startswith("~") else path


FUNCTIONS = (
    Function("abspath", _abspath, (STRING,), contextual=True),
    Function("basename", _basename, (STRING,)),
    Function("dirname", _dirname, (STRING,)),
    Function("file", _file, (STRING,), contextual=True),
    Function("filebase64", _filebase64, (STRING,), contextual=True),
    Function("fileexists", _fileexists, (STRING,), contextual=True),
    Function("fileset", _fileset, (STRING, STRING), contextual=True),
    Function("pathexpand", _pathexpand, (STRING,)),
    Function("templatefile", _templatefile, (STRING, ANY), contextual=True),
)
