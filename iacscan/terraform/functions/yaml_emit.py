"""YAML as ``yamlencode`` lays it out: block style, strings quoted or literal, long ones folded.

The layout rules are those of libyaml's emitter, on which Terraform's is modelled; the escapes are those
of https://yaml.org/spec/1.2.2/#57-escaped-characters.
"""

from __future__ import annotations

from typing import Any

from iacscan.terraform.values import SetValue, is_number, to_string

_WIDTH = 80
_LONGEST_KEY = 128
_NAMED = dict(
    zip("\0\a\b\t\n\v\f\r\x1b\"\\\x85\u2028\u2029", "0abtnvfre\"\\NLP", strict=True),
)  # fmt: skip


def emit(value: Any) -> str:
    """The YAML document of a known ``value``."""
    writer = _Writer()
    writer.node(value, -1)
    open_ended = value is None or isinstance(value, bool) or is_number(value)
    return writer.text() + ("...\n" if open_ended else "")


class _Writer:
    """Text in the making; ``indent`` is the column of the collection that a node is part of (-1: none)."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._column = 0

    def text(self) -> str:
        """The document, ended by a line break."""
        self._end_line()
        return "".join(self._pieces)

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        last_break = text.rfind("\n")
        self._column = self._column + len(text) if last_break < 0 else len(text) - last_break - 1

    def _end_line(self) -> None:
        if self._column:
            self._put("\n")

    def _start_line(self, indent: int) -> None:
        """Moves to column ``indent``, on a new line unless this one is empty so far."""
        if self._column > indent:
            self._put("\n")
        self._put(" " * (indent - self._column))

    def node(self, value: Any, indent: int, *, after_key: bool = False) -> None:
        """Writes ``value``; a space sets it off from what introduces it on the same line."""
        match value:
            case dict() if value:
                self._mapping(value, indent + 2 if indent >= 0 else 0, after_key=after_key)
            case list() | SetValue() if len(value):
                deeper = indent if after_key else indent + 2 if indent >= 0 else 0
                self._sequence(value, deeper, after_key=after_key)
            case _:
                if after_key:
                    self._put(" ")
                self._leaf(value, max(indent, 0) + 2)

    def _leaf(self, value: Any, indent: int) -> None:
        match value:
            case dict():
                self._put("{}")
            case list() | SetValue():
                self._put("[]")
            case str() if "\n" in value and _literal_allowed(value):
                self._literal(value, indent)
            case str():
                self._quoted(value, indent)
            case _:
                self._put("null" if value is None else to_string(value))

    def _sequence(self, items: Any, indent: int, *, after_key: bool) -> None:
        for position, item in enumerate(items):
            if position:
                self._start_line(indent)
            elif after_key:
                self._break_to(indent)
            self._put("- ")
            self.node(item, indent)

    def _mapping(self, items: dict[str, Any], indent: int, *, after_key: bool) -> None:
        for position, key in enumerate(sorted(items)):
            if position:
                self._start_line(indent)
            elif after_key:
                self._break_to(indent)
            if "\n" in key or len(key.encode()) > _LONGEST_KEY:
                self._put("? ")
                self._leaf(key, indent + 2)
                self._start_line(indent)
                self._put(": ")
                self.node(items[key], indent)
            else:
                self._quoted(key, None)
                self._put(":")
                self.node(items[key], indent, after_key=True)

    def _break_to(self, indent: int) -> None:
        self._put("\n" + " " * indent)

    def _literal(self, text: str, indent: int) -> None:
        kept = text == "\n" or text.endswith("\n\n")
        chomping = "+" if kept else "" if text.endswith("\n") else "-"
        self._put("|" + ("2" if text[0] in " \n" else "") + chomping + "\n")
        for line in text.splitlines(keepends=True):
            self._put(line if line == "\n" else " " * indent + line)

    def _quoted(self, text: str, indent: int | None) -> None:
        """Double-quoted text, folded at spaces beyond the width where an ``indent`` is given."""
        self._put('"')
        spaces = False
        for position, each in enumerate(text):
            inside = 0 < position < len(text) - 1
            if each == " " and indent is not None and not spaces and inside and self._column > _WIDTH:
                self._break_to(indent)
                self._put("\\" if text[position + 1] == " " else "")
            else:
                self._put(each if _printable(each) else _escaped(each))
            spaces = each == " "
        self._put('"')


def _printable(each: str) -> bool:
    """Whether a character stands for itself between double quotes."""
    plain = " " <= each <= "~" or "\xa0" <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd"
    return plain and each not in '"\\\u2028\u2029\ufeff'


def _escaped(each: str) -> str:
    if each in _NAMED:
        return "\\" + _NAMED[each]
    code = ord(each)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _literal_allowed(text: str) -> bool:
    """Whether a block can hold ``text``: no special characters, no space where it would be lost."""
    return not text.endswith(" ") and " \n" not in text and all(_printable(each) or each in '\n"\\' for each in text)
