"""RE2 patterns in the syntax of the ``regex`` package, with RE2's meaning.

Look-around, backreferences and possessive or nested repetition do not exist in RE2 and are rejected;
``\\d``, ``\\w``, ``\\s`` and ``\\b`` are ASCII; ``$`` is the very end. Follows
https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from iacscan.terraform.values import EvaluationError

MAX_REPEAT = 1000
MAX_PATTERN = 20_000

_PERL = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_BOUNDARIES = {
    "b": r"(?:(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?![0-9A-Za-z_]))",
    "B": r"(?:(?<![0-9A-Za-z_])(?![0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_]))",
    "A": r"\A",
    "z": r"\Z",
}
_REPEAT = re.compile(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")
_GROUP = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Za-z]))")
_NUMBER = re.compile(r"\\(?:x\{([0-9A-Fa-f]{1,8})\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))")


def translate(pattern: str) -> tuple[str, dict[int, str]]:
    """``pattern`` in the ``regex`` package's syntax without group names, and the names by group number.

    Raises ``EvaluationError`` where RE2 rejects it.
    """
    if len(pattern) > MAX_PATTERN:
        raise EvaluationError("the regular expression is too large to evaluate")
    translation = _Translation(pattern)
    return translation.run(), translation.names


@dataclass(slots=True)
class _Translation:
    pattern: str
    position: int = 0
    flags: frozenset[str] = frozenset()
    outer: list[frozenset[str]] = field(default_factory=list)
    groups: int = 0
    weight: int = 1
    heaviest: list[int] = field(default_factory=lambda: [1])
    names: dict[int, str] = field(default_factory=dict)

    def run(self) -> str:
        result: list[str] = []
        repeatable = False
        while self.position < len(self.pattern):
            repeat = _REPEAT.match(self.pattern, self.position)
            if repeat:
                if not repeatable:
                    raise self._error("missing or nested repetition operand")
                result.append(self._repeat(repeat[0]))
                repeatable = False
            else:
                piece, repeatable = self._piece()
                result.append(piece)
        if self.outer:
            raise self._error("missing closing )")
        return "".join(result)

    def _error(self, message: str) -> EvaluationError:
        return EvaluationError(f"invalid regular expression: {message} in {self.pattern[:100]!r}")

    def _repeat(self, operator: str) -> str:
        counts = [int(count) for count in re.findall("[0-9]+", operator)]
        self.weight *= max(1, *counts, 1)
        if self.weight > MAX_REPEAT or counts != sorted(counts):
            raise self._error("invalid repeat count")
        self.heaviest[-1] = max(self.heaviest[-1], self.weight)
        self.position += len(operator)
        lazy = self.pattern.startswith("?", self.position)
        self.position += lazy
        return operator + ("?" if lazy != ("U" in self.flags) else "")

    def _piece(self) -> tuple[str, bool]:
        """The next piece translated, and whether it may be repeated."""
        each, self.weight = self.pattern[self.position], 1
        match each:
            case "(":
                return self._open()
            case ")":
                if not self.outer:
                    raise self._error("unexpected )")
                self._close()
            case "[":
                return self._scoped(self._class()), True
            case "\\":
                return self._escape()
            case ".":
                self.position += 1
                return ("(?s:.)" if "s" in self.flags else r"[^\n]"), True
            case "^":
                self.position += 1
                return ("(?m:^)" if "m" in self.flags else r"\A"), True
            case "$":
                self.position += 1
                return ("(?m:$)" if "m" in self.flags else r"\Z"), True
            case "|":
                self.position += 1
                return "|", False
            case _:
                self.position += 1
                return self._scoped(re.escape(each)), True
        self.position += 1
        return ")", True

    def _scoped(self, piece: str) -> str:
        return f"(?i:{piece})" if "i" in self.flags else piece

    def _open(self) -> tuple[str, bool]:
        named = _GROUP.match(self.pattern, self.position)
        if named or not self.pattern.startswith("(?", self.position):
            self.groups += 1
            self.position = named.end() if named else self.position + 1
            self._enter()
            if named:
                self.names[self.groups] = named[1]
            return "(", False
        flags = _FLAGS.match(self.pattern, self.position)
        if not flags or flags[0] == "(?)":
            raise self._error("invalid or unsupported Perl syntax")
        changed = (self.flags | set(flags[1])) - set(flags[2] or "")
        self.position = flags.end()
        if flags[3] == ":":
            self._enter()
        self.flags = changed
        return ("(?:" if flags[3] == ":" else ""), False

    def _enter(self) -> None:
        if len(self.outer) >= MAX_REPEAT:
            raise self._error("expression nests too deeply")
        self.outer.append(self.flags)
        self.heaviest.append(1)

    def _close(self) -> None:
        """Ends a group: its repetitions multiply with those inside."""
        self.flags = self.outer.pop()
        self.weight = self.heaviest.pop()
        self.heaviest[-1] = max(self.heaviest[-1], self.weight)

    def _escape(self) -> tuple[str, bool]:
        following = self.pattern[self.position + 1 : self.position + 2]
        if following == "Q":
            return self._quoted()
        if following in _BOUNDARIES and following:
            self.position += 2
            return _BOUNDARIES[following], True
        if following.lower() in _PERL and following:
            self.position += 2
            return f"[{'^' if following.isupper() else ''}{_PERL[following.lower()]}]", True
        if found := _PROPERTY.match(self.pattern, self.position):
            self.position = found.end()
            return self._scoped(self._property(found)), True
        return self._scoped(re.escape(self._character())), True

    def _quoted(self) -> tuple[str, bool]:
        """``\\Q…\\E``: everything between is literal."""
        start = self.position + 2
        end = self.pattern.find("\\E", start)
        literal = self.pattern[start : end if end >= 0 else None]
        self.position = end + 2 if end >= 0 else len(self.pattern)
        return "".join(self._scoped(re.escape(each)) for each in literal), bool(literal)

    def _property(self, found: re.Match[str]) -> str:
        name = found[3] or found[4]
        negated = (found[1] == "P") != bool(found[2])
        if name == "Any":
            return r"[^\s\S]" if negated else r"(?s:.)"
        return f"\\{'P' if negated else 'p'}{{{name}}}"

    def _character(self) -> str:
        """The one character that the escape at the position stands for."""
        if number := _NUMBER.match(self.pattern, self.position):
            self.position = number.end()
            code = int(number[1] or number[2] or number[3], 8 if number[3] else 16)
            if code > 0x10FFFF:
                raise self._error("invalid escape sequence")
            return chr(code)
        following = self.pattern[self.position + 1 : self.position + 2]
        if following in _CONTROLS and following:
            self.position += 2
            return _CONTROLS[following]
        if not following:
            raise self._error("trailing backslash at end of expression")
        if following.isascii() and not following.isalnum():
            self.position += 2
            return following
        raise self._error("invalid escape sequence")

    def _class(self) -> str:
        """A bracketed class; its first ``]`` and ``-`` at an edge are literal."""
        self.position += 1
        negated = self.pattern.startswith("^", self.position)
        self.position += negated
        parts: list[str] = []
        while not self.pattern.startswith("]", self.position) or not parts:
            if self.position >= len(self.pattern):
                raise self._error("missing closing ]")
            parts.append(self._named_class() or self._range())
        self.position += 1
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _named_class(self) -> str:
        """``[:alpha:]``, ``\\d`` or ``\\pL`` inside a class; empty where there is none."""
        if posix := re.compile(r"\[:(\^?)([a-z]+):\]").match(self.pattern, self.position):
            if posix[2] not in _POSIX:
                raise self._error("invalid character class range")
            self.position = posix.end()
            return _complement(_POSIX[posix[2]]) if posix[1] else _POSIX[posix[2]]
        if found := _PROPERTY.match(self.pattern, self.position):
            self.position = found.end()
            return r"\s\S" if found[3] == "Any" else self._property(found)
        escape = self.pattern[self.position : self.position + 2]
        if len(escape) == 2 and escape[0] == "\\" and escape[1].lower() in _PERL:
            self.position += 2
            members = _PERL[escape[1].lower()]
            return members if escape[1].islower() else _complement(members)
        return ""

    def _range(self) -> str:
        low = self._member()
        following = self.pattern[self.position : self.position + 2]
        if len(following) < 2 or following[0] != "-" or following[1] == "]":
            return _literal(low)
        self.position += 1
        high = self._member()
        if high < low:
            raise self._error("invalid character class range")
        return f"{_literal(low)}-{_literal(high)}"

    def _member(self) -> str:
        if self.position >= len(self.pattern):
            raise self._error("missing closing ]")
        if self.pattern[self.position] == "\\":
            return self._character()
        self.position += 1
        return self.pattern[self.position - 1]


def _literal(character: str) -> str:
    return f"\\U{ord(character):08x}"


def _complement(members: str) -> str:
    """The ranges outside of ``members``, a class of ASCII characters."""
    outside = [chr(code) for code in range(128) if not re.fullmatch(f"[{members}]", chr(code))]
    return "".join(map(_literal, outside)) + r"\U00000080-\U0010ffff"
