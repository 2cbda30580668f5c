"""What holds for every function: errors are EvaluationErrors, holes are kept, work is bounded, files stay inside."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.core import Encoded, Reference, Template, Unknown
from iacscan.terraform.functions import FUNCTIONS, FunctionContext, Limits, call
from iacscan.terraform.values import EvaluationError, SetValue, is_known, number

HERE = Path(__file__).parent
CONTEXT = FunctionContext(HERE, HERE, render_template=lambda text, variables: text)
ARN = Unknown("known after apply", (Reference("aws_s3_bucket.b", ("arn",)),), exact=True)
OBJECTS = Template((ARN, "/*"))

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + previous] * 9)}]\n"
    for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9).map(number),
    st.text(max_size=12),
    st.sampled_from(
        ["10.0.0.0/8", "%d %s", "(a|b)*c", "2020-01-01T00:00:00Z", "1h", "YYYY", "{}", "a: b", "x,y\n1,2", "utf-8"]
    ),
    st.sampled_from([ARN, OBJECTS, Encoded({"a": ARN}), Unknown("data source")]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=4), inner, max_size=4),
        st.lists(inner, max_size=3).map(SetValue.of),
    ),
    max_leaves=6,
)


def outcome(name: str, args: list[Any]) -> Any:
    """The result of a call, or the error itself."""
    try:
        return call(name, args, CONTEXT)
    except EvaluationError as error:
        return error


@given(data=st.data())
def test_only_evaluation_errors_are_raised(data: st.DataObject) -> None:
    function = FUNCTIONS[data.draw(st.sampled_from(sorted(FUNCTIONS)))]
    extra = 2 if function.rest is not None else 0
    args = data.draw(st.lists(values, min_size=len(function.parameters), max_size=len(function.parameters) + extra))
    result = outcome(function.name, args)
    assert not isinstance(result, float | tuple)
    assert str(result) or result == ""


@given(
    pattern=st.text(alphabet="ab01[]()*+?{},|^$.\\-:<>PimsUdwpLQE", max_size=16),
    text=st.text(alphabet="ab01-", max_size=8),
)
def test_any_pattern_matches_or_is_refused(pattern: str, text: str) -> None:
    assert isinstance(outcome("regexall", [pattern, text]), list | EvaluationError)


@given(value=values.filter(is_known))
def test_json_and_yaml_are_read_back(value: Any) -> None:
    as_lists = call("jsondecode", [call("jsonencode", [value], CONTEXT)], CONTEXT)
    assert call("jsonencode", [as_lists], CONTEXT) == call("jsonencode", [value], CONTEXT)


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=200))
def test_yaml_text_is_read_back(text: str) -> None:
    encoded = call("yamlencode", [{"key": [text]}], CONTEXT)
    assert outcome("yamldecode", [encoded]) == {"key": [unicodedata.normalize("NFC", text)]}


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("join", ["", [ARN, "/*"]], OBJECTS),
        ("join", [",", ["a", "b"]], "a,b"),
        ("format", ["%s/*", ARN], OBJECTS),
        ("format", ["%v%s", ARN, "/*"], OBJECTS),
        ("formatlist", ["%s/*", [ARN, "x"]], [OBJECTS, "x/*"]),
        ("tostring", [ARN], ARN),
        ("tolist", [[ARN, "a"]], [ARN, "a"]),
        ("concat", [[ARN], ["a"]], [ARN, "a"]),
        ("flatten", [[[ARN, [OBJECTS]], "a"]], [ARN, OBJECTS, "a"]),
        ("compact", [["", OBJECTS, None, "a"]], [OBJECTS, "a"]),
        ("compact", [["", ARN]], Unknown(ARN.reason, ARN.references)),
        ("coalesce", [None, OBJECTS, "a"], OBJECTS),
        ("coalesce", ["", ARN], ARN),
        ("coalesce", [ARN, "a"], Unknown(ARN.reason, ARN.references)),
        ("element", [[ARN, "a"], 2], ARN),
        ("lookup", [{"a": ARN}, "a", "b"], ARN),
        ("merge", [{"a": 1}, {"a": ARN}], {"a": ARN}),
        ("values", [{"b": ARN, "a": 1}], [1, ARN]),
        ("zipmap", [["a"], [ARN]], {"a": ARN}),
        ("contains", [["a", ARN], "a"], True),
        ("startswith", [OBJECTS, "arn:"], Unknown(ARN.reason, ARN.references)),
        ("endswith", [OBJECTS, "/*"], True),
        ("endswith", [OBJECTS, "/x"], False),
        ("strcontains", [OBJECTS, "/"], True),
        ("trimsuffix", [OBJECTS, "/*"], ARN),
        ("trimsuffix", [OBJECTS, "*"], Template((ARN, "/"))),
        ("upper", [OBJECTS], Unknown(ARN.reason, ARN.references)),
        ("jsondecode", [Encoded({"a": ARN})], {"a": ARN}),
        ("provider::aws::arn_build", ["aws", "s3", "", "", ARN], Template(("arn:aws:s3:::", ARN))),
        ("core::max", [1, Decimal("1.5")], Decimal("1.5")),
    ],
)
def test_what_is_not_known_is_kept_in_place(name: str, args: list[Any], expected: Any) -> None:
    assert call(name, args, CONTEXT) == expected


def test_jsonencode_keeps_the_shape_of_what_is_not_known() -> None:
    encoded = call("jsonencode", [{"Resource": [ARN, OBJECTS]}], CONTEXT)
    assert isinstance(encoded, Encoded)
    assert encoded.value == {"Resource": [ARN, OBJECTS]}


@pytest.mark.parametrize(
    "name", ["bcrypt", "plantimestamp", "timestamp", "uuid", "rsadecrypt", "base64gzip", "issensitive"]
)
def test_what_differs_from_run_to_run_is_unknown_with_a_reason(name: str) -> None:
    result = call(name, ["text"] * len(FUNCTIONS[name].parameters), CONTEXT)
    assert isinstance(result, Unknown)
    assert result.reason != Unknown().reason


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("setproduct", [["a", "b"]] * 30),
        ("setproduct", [list(range(300)), list(range(300))]),
        ("format", ["%999999999s", "x"]),
        ("format", ["%40000s%40000s", "x", "y"]),
        ("format", ["%.99999999999f", 1]),
        ("indent", [10**6, "\n" * 100]),
        ("join", ["x" * 10**6, ["a"] * 100]),
        ("replace", ["a" * 10**5, "a", "b" * 10**3]),
        ("replace", ["a" * 10**4, "/a/", "b" * 10**4]),
        ("regexall", ["", "a" * 10**5]),
        ("regex", ["(a?){50}b", "a" * 10**6 + "c"]),
        ("regex", ["(" * 900 + "a*" + ")" * 900, "a" * 10**5]),
        ("regex", ["(a|a)*$", "a" * 60 + "b"]),
        ("regex", ["((a{1000}){1000}){1000}", "a"]),
        ("formatlist", ["x" * 10**4 + "%s", ["a"] * 10**4]),
        ("yamldecode", [LAUGHS]),
        ("yamldecode", ["[" * 5000]),
        ("jsondecode", ["[" * 100_000]),
        ("jsondecode", ["1e999999999"]),
        ("range", [10**9]),
        ("parseint", ["9" * 10**6, 10]),
        ("csvdecode", ["a\n" + "1\n" * 10**5]),
        ("base64encode", ["x" * 4_000_000]),
    ],
)  # fmt: skip
def test_a_hostile_call_is_refused(name: str, args: list[Any]) -> None:
    context = FunctionContext(HERE, HERE, limits=Limits(regex_seconds=0.1))
    with pytest.raises(EvaluationError):
        call(name, args, context)


def test_a_deep_value_is_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(EvaluationError):
        call("jsonencode", [deep], CONTEXT)


@pytest.fixture
def project(tmp_path: Path) -> FunctionContext:
    root = tmp_path / "root"
    (root / "live").mkdir(parents=True)
    (root / "shared.txt").write_text("shared")
    (root / "live" / "own.txt").write_text("own")
    (root / "live" / "large.txt").write_text("x" * 100)
    (tmp_path / "secret.txt").write_text("secret")
    (root / "live" / "link.txt").symlink_to(tmp_path / "secret.txt")
    return FunctionContext(root / "live", root, limits=Limits(file=64))


@pytest.mark.parametrize(
    ("path", "text"), [("own.txt", "own"), ("../shared.txt", "shared"), ("./../live/own.txt", "own")]
)
def test_files_below_the_root_are_read(project: FunctionContext, path: str, text: str) -> None:
    assert call("file", [path], project) == text


@pytest.mark.parametrize("name", ["file", "filebase64", "filesha256", "templatefile", "fileexists"])
@pytest.mark.parametrize("path", ["../../secret.txt", "link.txt", "/etc/hostname", "~/x", "a\0b"])
def test_nothing_outside_of_the_root_is_read(project: FunctionContext, name: str, path: str) -> None:
    with pytest.raises(EvaluationError):
        call(name, [path, {}] if name == "templatefile" else [path], project)


def test_links_that_lead_out_are_not_listed(project: FunctionContext) -> None:
    assert call("fileset", [".", "*.txt"], project) == SetValue.of(["large.txt", "own.txt"])


@pytest.mark.parametrize("args", [["..", "../*"], ["../..", "*"], [".", "../*"], [".", "[z-a]"], [".", "[a"]])
def test_a_listing_that_leads_out_or_is_malformed_is_refused(project: FunctionContext, args: list[str]) -> None:
    with pytest.raises(EvaluationError):
        call("fileset", args, project)


def test_a_large_file_is_refused(project: FunctionContext) -> None:
    with pytest.raises(EvaluationError, match="too large"):
        call("file", ["large.txt"], project)


def test_abspath_starts_at_the_base_directory(project: FunctionContext) -> None:
    assert call("abspath", ["../x"], project) == (project.root_directory.resolve() / "x").as_posix()


def test_the_home_directory_is_unknown() -> None:
    assert isinstance(call("pathexpand", ["~/x"], CONTEXT), Unknown)


def test_arns() -> None:
    arn = "arn:aws:iam::123456789012:role/path/name"
    parsed = {
        "partition": "aws",
        "service": "iam",
        "region": "",
        "account_id": "123456789012",
        "resource": "role/path/name",
    }
    assert call("provider::aws::arn_parse", [arn], CONTEXT) == parsed
    assert call("provider::aws::arn_build", list(parsed.values()), CONTEXT) == arn
    assert call("provider::aws::trim_iam_role_path", [arn], CONTEXT) == "arn:aws:iam::123456789012:role/name"


@pytest.mark.parametrize("arn", ["", "arn:aws:s3", "s3://bucket", "arn:aws:s3:::b"])
def test_what_is_no_role_is_refused(arn: str) -> None:
    with pytest.raises(EvaluationError):
        call("provider::aws::trim_iam_role_path", [arn], CONTEXT)


@pytest.mark.parametrize("name", ["nope", "core::nope", "provider::aws::nope", "can", "try"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(EvaluationError, match="no function named"):
        call(name, [], CONTEXT)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("upper", [], "at least 1 argument"),
        ("upper", ["a", "b"], "only 1 argument"),
        ("upper", [None], "must not be null"),
        ("upper", [["a"]], "string required"),
        ("lookup", [{}, "a", 1, 2], "only 3 argument"),
        ("file", ["no-such-file"], "no file exists"),
        ("regex", ["(?=a)", "a"], "invalid regular expression"),
        ("regex", ["b", "a"], "did not match"),
    ],
)
def test_messages_say_what_is_wrong(name: str, args: list[Any], message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        call(name, args, CONTEXT)
