"""String functions; text with holes keeps them where the answer does not depend on what fills them.

Follows https://developer.hashicorp.com/terraform/language/functions, section "String Functions".
Characters are Unicode grapheme clusters, as Terraform counts them.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from iacscan.core import Encoded, Template, Unknown, join_text
from iacscan.terraform.functions.registry import (
    ANY,
    HOLED,
    NUMBER,
    STRING,
    STRINGS,
    Function,
    FunctionContext,
    check_text,
    too_large,
    whole,
)
from iacscan.terraform.kinds import ListValue
from iacscan.terraform.values import EvaluationError, Number, derived, text_parts


def graphemes(text: str) -> list[str]:
    """The characters of ``text`` as a reader counts them."""
    if text.isascii() and "\r" not in text:
        return list(text)
    import regex  # type: ignore[import-untyped]

    return list(regex.findall(r"\X", text))


def holes(value: Any) -> str | Unknown | Template:
    """``value``, a string known or not, in the form that :func:`iacscan.core.join_text` takes."""
    if isinstance(value, Encoded):
        return join_text(text_parts(value))
    assert isinstance(value, str | Unknown | Template)
    return value


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(context: FunctionContext, spaces: Number, text: str) -> str:
    count = whole(spaces)
    if max(count, 0) * (text.count("\n") + 1) > context.limits.text:
        raise too_large("the indented text")
    if count < 0:
        raise EvaluationError("the number of spaces must not be negative")
    return text.replace("\n", "\n" + " " * count)


def _join(context: FunctionContext, separator: str, *lists: list[Any]) -> Any:
    if not lists:
        raise EvaluationError("at least two arguments are required")
    items = list(chain.from_iterable(lists))
    if len(separator) * len(items) > context.limits.text:
        raise too_large("the joined text")
    check_text(items, context.limits)
    if all(isinstance(item, str) for item in items):
        return separator.join(items)
    for position, item in enumerate(items):
        if item is None:
            raise EvaluationError(f"element {position} is null; cannot concatenate null values")
    parts: list[Any] = []
    for position, item in enumerate(items):
        parts += [separator, holes(item)] if position else [holes(item)]
    return join_text(parts)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(each.lower()[0] for each in text)


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(_one(each.upper(), each) for each in text)


def _one(mapped: str, original: str) -> str:
    """Simple case mapping: a character never becomes several."""
    return next((each for each in (mapped, original.title()) if len(each) == 1), original)


def _title(text: str) -> str:
    result: list[str] = []
    previous = " "
    for each in text:
        result.append(_one(each.title(), each) if _separates(previous) else each)
        previous = each
    return "".join(result)


def _separates(each: str) -> bool:
    """Whether a word ends at ``each``."""
    if each.isascii():
        return not (each.isalnum() or each == "_")
    return not each.isalnum() and each.isspace()


def _strrev(text: str) -> str:
    return "".join(reversed(graphemes(text)))


def _substr(text: str, offset: Number, length: Number) -> str:
    characters, start, count = graphemes(text), whole(offset), whole(length)
    if start < 0:
        start = max(len(characters) + start, 0)
        count = count or -1  # Terraform gives the rest for a length of zero, but only from a negative offset
    return "".join(characters[start:] if count < 0 else characters[start : start + count])


def _trim(text: str, characters: str) -> str:
    return text.strip(characters) if characters else text


def _trimprefix(text: Any, prefix: str) -> Any:
    """Exact on text with holes that starts with enough known text."""
    return _edge(text, prefix, first=True)


def _trimsuffix(text: Any, suffix: str) -> Any:
    return _edge(text, suffix, first=False)


def _edge(text: Any, affix: str, *, first: bool) -> Any:
    if isinstance(text, str):
        return text.removeprefix(affix) if first else text.removesuffix(affix)
    whole_text = holes(text)
    known = _known_edge(whole_text, first=first)
    if not isinstance(whole_text, Template) or len(known) < len(affix):
        return derived(text)
    trimmed = known.removeprefix(affix) if first else known.removesuffix(affix)
    parts = whole_text.parts
    return join_text((trimmed, *parts[1:]) if first else (*parts[:-1], trimmed)) if known else whole_text


def _known_edge(text: str | Unknown | Template, *, first: bool) -> str:
    """The known text at the start or at the end of ``text``."""
    if isinstance(text, Unknown):
        return ""
    part = text if isinstance(text, str) else text.parts[0 if first else -1]
    return part if isinstance(part, str) else ""


def _startswith(text: Any, prefix: str) -> Any:
    return _has_edge(text, prefix, first=True)


def _endswith(text: Any, suffix: str) -> Any:
    return _has_edge(text, suffix, first=False)


def _has_edge(text: Any, affix: str, *, first: bool) -> Any:
    """Whether ``text`` starts (ends) with ``affix``, decided by its known edge where that suffices."""
    known = _known_edge(holes(text), first=first)
    if isinstance(text, str) or len(known) >= len(affix):
        return known.startswith(affix) if first else known.endswith(affix)
    common = min(len(known), len(affix))
    agrees = affix.startswith(known) if first else affix[len(affix) - common :] == known
    return derived(text) if agrees else False


def _strcontains(text: Any, part: str) -> Any:
    known = holes(text)
    if isinstance(known, str):
        return part in known
    pieces = known.parts if isinstance(known, Template) else (known,)
    return True if any(isinstance(piece, str) and part in piece for piece in pieces) else derived(text)


def _trimspace(text: str) -> str:
    return text.strip(_SPACES)


_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _templatestring(context: FunctionContext, template: str, variables: Any) -> Any:
    if not isinstance(variables, dict):
        raise EvaluationError("invalid vars value: must be a map")
    return context.render_template(template, variables)


def _replace(context: FunctionContext, text: str, old: str, new: str) -> str:
    """Plain replacement, or a regular expression between slashes."""
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from iacscan.terraform.functions.regexes import replace_all

        return replace_all(old[1:-1], text, new, context)
    if text.count(old) * len(new) > context.limits.text:
        raise too_large("the resulting text")
    return text.replace(old, new)


FUNCTIONS = (
    Function("chomp", _chomp, (STRING,)),
    Function("endswith", _endswith, (HOLED, STRING)),
    Function("indent", _indent, (NUMBER, STRING), contextual=True),
    Function("join", _join, (STRING,), rest=STRINGS, contextual=True),
    Function("lower", _lower, (STRING,)),
    Function("replace", _replace, (STRING, STRING, STRING), contextual=True),
    Function("split", _split, (STRING, STRING), result=ListValue),
    Function("startswith", _startswith, (HOLED, STRING)),
    Function("strcontains", _strcontains, (HOLED, STRING)),
    Function("strrev", _strrev, (STRING,)),
    Function("substr", _substr, (STRING, NUMBER, NUMBER)),
    Function("templatestring", _templatestring, (STRING, ANY), contextual=True),
    Function("title", _title, (STRING,)),
    Function("trim", _trim, (STRING, STRING)),
    Function("trimprefix", _trimprefix, (HOLED, STRING)),
    Function("trimspace", _trimspace, (STRING,)),
    Function("trimsuffix", _trimsuffix, (HOLED, STRING)),
    Function("upper", _upper, (STRING,)),
)
