"""Bytes of any origin to one JSON document: encodings, saved binary plans, and plain mistakes.

Whatever a user may hand over in place of ``terraform show -json`` output is either read or refused
with one sentence that names it and says what to run. Shapes that are told apart here follow
https://developer.hashicorp.com/terraform/internals/json-format.
"""

from __future__ import annotations

import codecs
import io
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STDIN = "-"
SHOW_PLAN = "run `terraform show -json PLANFILE > plan.json` and give plan.json"
SHOW_STATE = "run `terraform show -json > state.json` where it was initialised and give state.json"
MISSING = "no such file or directory; check the path"
SHOW_TIMEOUT_SECONDS = 300
ZIP_MAGIC = b"PK\x03\x04"
LOG_RECORD_KEY = "@level"

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FRAME = re.compile(r"\x1b\[[0-9;]*m|[│╷╵]")


class InputError(Exception):
    """An input that cannot be used: one sentence, and the line and column where there is one."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class NotADocumentError(InputError):
    """The input is something else than a plan or a state."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object as read, with remarks on how it had to be read."""

    content: dict[str, Any]
    warnings: tuple[str, ...] = ()


def read_bytes(path: str) -> bytes:
    """The content of a file, or of standard input for ``-``; raises ``InputError``."""
    try:
        if path == STDIN:
            return sys.stdin.buffer.read() if sys.stdin else b""
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(MISSING) from None
    except ValueError:
        raise InputError("not a path that can exist; check it") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}; check the path and its permissions") from None


def read_document(path: str) -> Document:
    """The JSON object at ``path`` (``-`` for standard input); raises ``InputError``.

    A saved binary plan is turned into JSON by ``terraform show -json``, else by ``tofu``.
    """
    data = read_bytes(path)
    if data.startswith(ZIP_MAGIC):
        data = _show_saved_plan(data, path)
    text = decode(data)
    del data  # a large plan need not be held twice while it is parsed
    return parse_text(text)


def decode(data: bytes) -> str:
    """UTF-8, or UTF-16 with a byte order mark (what PowerShell's ``>`` writes), as text."""
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"not {encoding.upper()} text (byte {error.start}); {SHOW_PLAN}") from None


def parse_text(text: str) -> Document:
    """The JSON object in ``text``; text round it, as CI wrappers print, is left out with a warning."""
    if not text.strip():
        raise InputError(f"the file is empty; {SHOW_PLAN}")
    start = _object_start(text)
    try:
        content, end = _decode_json(text, start)
    except RecursionError:
        raise InputError("the JSON is nested too deeply to be a plan or a state") from None
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    except ValueError as error:
        raise InputError(f"not usable JSON: {_first_line(str(error).partition(';')[0])}") from None
    if not isinstance(content, dict):
        raise InputError(f"JSON, but not an object; {SHOW_PLAN}")
    if LOG_RECORD_KEY in content:
        raise InputError(
            "the log stream of `terraform plan -json`, which holds no plan; run `terraform plan -out tfplan`, "
            "then `terraform show -json tfplan > plan.json`, and give plan.json"
        )
    noise = text[:start].strip() or text[end : end + 1000].strip()
    return Document(content, (_NOISE,) if noise else ())


_NOISE = (
    "there is other text round the JSON, which is left out; "
    "with hashicorp/setup-terraform set `terraform_wrapper: false`"
)


def _object_start(text: str) -> int:
    """Where the JSON begins: at the first line that opens an object, if any does."""
    opening = re.search(r"^[ \t\r]*\{", text, re.MULTILINE)
    return opening.end() - 1 if opening else len(text) - len(text.lstrip())


def _decode_json(text: str, start: int) -> tuple[Any, int]:
    decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse_constant)
    content, end = decoder.raw_decode(text, start)
    if "\\ud" in text or "\\uD" in text:
        _refuse_surrogates(content)
    return content, end


def _finite(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):
        raise ValueError(f"the number {literal[:20]} is too large")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _refuse_surrogates(content: Any) -> None:
    """Raise ``ValueError`` where a string is not Unicode text, which no output could print."""
    pending = [content]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, str) and not item.isascii():
            try:
                item.encode()
            except UnicodeEncodeError:
                raise ValueError("a string holds half a surrogate pair") from None


def _syntax_error(text: str, error: json.JSONDecodeError) -> InputError:
    place = (error.lineno, error.colno)
    if "\0" in text:
        return InputError(f"not text: it holds NUL bytes; {SHOW_PLAN}")
    if not text.lstrip().startswith(("{", "[")) and error.pos <= len(text) - len(text.lstrip()):
        return InputError(f"neither JSON nor a saved plan; {SHOW_PLAN}", *place)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return InputError("the JSON ends too early (truncated?); write the file again", *place)
    return InputError(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", *place)


def _show_saved_plan(data: bytes, path: str) -> bytes:
    """The JSON of a saved plan; ``data`` is the zip archive found at ``path``."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise InputError("a damaged zip archive; write the plan again with `terraform plan -out`") from None
    if "tfplan" not in members:
        raise InputError(f"a zip archive, but not a saved plan; {SHOW_PLAN}")
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        raise InputError(f"a saved binary plan, and neither terraform nor tofu is installed to read it; {SHOW_PLAN}")
    if path != STDIN:
        return _run_show(program, Path(path).resolve())
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tfplan")
        copy.write_bytes(data)
        return _run_show(program, copy)


def _run_show(program: str, plan: Path) -> bytes:
    """What ``terraform show -json`` prints, run where the providers of the plan are installed."""
    data_directory = os.environ.get("TF_DATA_DIR", ".terraform")
    places = [place for place in (plan.parent, Path.cwd()) if (place / data_directory).is_dir()]
    name = Path(program).stem
    try:
        shown = subprocess.run(
            [program, "show", "-json", "-no-color", str(plan)],
            cwd=places[0] if places else plan.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SHOW_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = f"took over {SHOW_TIMEOUT_SECONDS} s" if isinstance(error, subprocess.TimeoutExpired) else str(error)
        raise InputError(f"a saved binary plan, and `{name} show -json` failed: {why}; {SHOW_PLAN}") from None
    if shown.returncode != 0:
        why = _first_line(shown.stderr.decode(errors="replace")) or f"exit code {shown.returncode}"
        raise InputError(f"a saved binary plan, and `{name} show -json` failed: {why}; {SHOW_PLAN} (after init)")
    return shown.stdout


def _first_line(text: str) -> str:
    """The first line that says something, without Terraform's frame and colours."""
    lines = (_FRAME.sub("", line).strip() for line in text.splitlines())
    return next((line.removeprefix("Error: ")[:300] for line in lines if line), "")
