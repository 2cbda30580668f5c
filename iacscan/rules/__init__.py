"""Rules: YAML files with three-valued JMESPath expressions, loaded, checked and judged."""

from iacscan.rules.examples import FILE as EXAMPLES_FILE
from iacscan.rules.examples import Example, Examples, load_examples, write_examples
from iacscan.rules.expression import (
    EvaluationError,
    Expression,
    ExpressionError,
    RuleError,
    compile_expression,
    judge,
)
from iacscan.rules.loader import builtin_directory, load
from iacscan.rules.message import format_message
from iacscan.rules.profiles import Profile, load_profiles
from iacscan.rules.rule import Rule

__all__ = [
    "EXAMPLES_FILE",
    "EvaluationError",
    "Example",
    "Examples",
    "Expression",
    "ExpressionError",
    "Profile",
    "Rule",
    "RuleError",
    "builtin_directory",
    "compile_expression",
    "format_message",
    "judge",
    "load",
    "load_examples",
    "load_profiles",
    "write_examples",
]
