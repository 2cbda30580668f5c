"""What the end of a line means inside each kind of bracket.

In a body it ends an argument or a block, in an object an element, and elsewhere nothing; see the section
"Structural elements" of https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. A comment that spans
lines is no end of a line.
"""

from __future__ import annotations

from dataclasses import dataclass

ENDS_OPERAND = {"NAME", "INT_LITERAL", "FLOAT_LITERAL", "STRING", "HEREDOC_TEMPLATE", "HEREDOC_TEMPLATE_TRIM", "TRUE"}
ENDS_OPERAND |= {"FALSE", "NULL", "RPAR", "RBRACE", "RSQB", "ATTR_SPLAT", "FULL_SPLAT_START"}
NAMES = {"NAME", "TRUE", "FALSE", "NULL"}
"""The tokens that an argument or block may begin with."""

OWN_LINE = "An argument or block must begin on its own line"
INCOMPLETE = "The expression is not complete at the end of its line"


@dataclass(slots=True)
class Frame:
    """An open bracket, or the whole text: what it closes with, and what newlines mean in it.

    ``kind`` is ``body``, ``object`` or ``brackets``; ``loop`` is the state of a ``for``, ``links`` counts
    the steps that make an expression deep. In a body ``place`` says what is being read: ``open`` (nothing
    since the brace), ``fresh`` (a new line), ``header`` (the names of an argument or block), ``value`` or
    ``done`` (a block just ended); ``single`` is a block on one line.
    """

    closer: str
    kind: str
    start: int
    loop: str = ""
    links: int = 0
    place: str = "fresh"
    single: bool = False

    def token(self, kind: str, previous: str) -> str:
        """Take a token of a body; what is wrong with its place, or nothing."""
        if self.place == "value":
            return OWN_LINE if kind in NAMES and previous in ENDS_OPERAND else ""
        if self.place == "header":
            if kind == "EQ":
                self.place = "value"
            elif kind == "LBRACE" and self.single:
                return "A block that stands on one line can only hold one argument"
            return ""
        if self.place == "done":
            return OWN_LINE
        if kind not in NAMES:
            return "An argument or block must begin with a name"
        self.single, self.place = self.place == "open", "header"
        return ""

    def line_end(self, previous: str) -> str:
        """Take the end of a line of a body; what is wrong with it, or nothing."""
        if self.single:
            return "A block that begins on the line of its opening brace must also end on it"
        if self.place == "header":
            return "The opening brace of a block must stand on the line of its header"
        if self.place == "value" and previous not in ENDS_OPERAND:
            return INCOMPLETE
        self.place = "fresh"
        return ""

    def close(self) -> str:
        """Take the closing brace of a body; what is wrong with its place, or nothing."""
        fits = self.single if self.place == "value" else self.place != "done"
        return "" if fits else "The closing brace of a block must stand on its own line"

    def element_end(self, previous: str) -> str:
        """What is wrong with a line of an object that ends after the token ``previous``, or nothing."""
        return "" if previous in ENDS_OPERAND or previous in ("LBRACE", "COMMA") else INCOMPLETE
