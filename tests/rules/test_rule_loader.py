"""Loading rule files: what a good one becomes, and the message and line of every kind of fault."""

from pathlib import Path

import pytest

from iacscan.core import Level, Location, Severity
from iacscan.rules import Rule, builtin_directory, load
from iacscan.rules.yaml_nodes import MAX_LENGTH

FIELDS = {
    "bucket": {"name": None, "tags": None, "acl": {"canned": None, "grants": None}, "policy": {"public": None}},
    "access_point": {"policy": {"public": None}},
    "aws_kms_key": {"rotation"},
}

LINES = {
    "id": "id: public-acl",
    "title": "title: Bucket ACL is public",
    "severity": "severity: high",
    "subject": "subject: bucket",
    "fail_when": "fail_when: any(&(group == 'everyone'), acl.grants)",
    "message": 'message: "{address} grants access to everyone"',
    "why": "why: Anyone can read it.",
    "fix": "fix: Remove the grant.",
    "checklist": "checklist: audit-open-buckets",
}


def write(directory: Path, changes: dict[str, str | None], name: str = "public-acl") -> Path:
    """A rule file with some of its lines changed, left out (None) or added."""
    lines = [line for line in {**LINES, **changes}.values() if line is not None]
    path = directory / f"{name}.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def faults(directory: Path) -> list[tuple[str, int, str]]:
    """File name, line and message of every diagnostic; no rule may come of such a file."""
    rules, diagnostics = load([directory], FIELDS)
    assert rules == ()
    found = []
    for item in diagnostics:
        assert item.level is Level.ERROR
        assert item.location is not None
        assert item.location.span is not None
        found.append((Path(item.location.path).name, item.location.span.start_line, item.message))
    return found


def loaded(directory: Path) -> tuple[Rule, ...]:
    rules, diagnostics = load([directory], FIELDS)
    assert diagnostics == ()
    return rules


def test_whole_rule(tmp_path: Path) -> None:
    changes = {
        "fail_when": "fail_when: >-\n  contains(params.bad, acl.canned)\n  && policy.public",
        "locate": "locate: acl",
        "applies_when": "applies_when: name != params.except",
        "references": "references: [https://example.org/a, https://example.org/b#c]",
        "maps": "maps: {security-hub: [S3.2, '3'], cis: [2.10, 3]}",
        "params": "params: {bad: [public-read], except: no, days: 30, on: true, none: null}",
        "default": "default: false",
        "snippet": 'snippet: |\n  resource "x" "y" {\n    z = 1\n  }\n',
    }
    path = write(tmp_path, changes)
    (rule,) = loaded(tmp_path)
    assert (rule.id, rule.title, rule.severity, rule.subject) == (
        "public-acl",
        "Bucket ACL is public",
        Severity.HIGH,
        "bucket",
    )
    assert rule.fail_when.text == "contains(params.bad, acl.canned) && policy.public"
    assert rule.fail_when.paths == ("params.bad", "acl.canned", "policy.public")
    assert rule.applies_when is not None
    assert rule.applies_when.text == "name != params.except"
    assert rule.message == "{address} grants access to everyone"
    assert (rule.why, rule.fix) == ("Anyone can read it.", "Remove the grant.")
    assert rule.snippet == 'resource "x" "y" {\n  z = 1\n}'
    assert (rule.checklist, rule.locate, rule.default) == ("audit-open-buckets", "acl", False)
    assert rule.references == ("https://example.org/a", "https://example.org/b#c")
    assert rule.maps == {"security-hub": ("S3.2", "3"), "cis": ("2.10", "3")}
    assert rule.params == {"bad": ["public-read"], "except": "no", "days": 30, "on": True, "none": None}
    assert rule.source is not None
    assert rule.source.path == path.as_posix()
    assert rule.fail_when.source is not None
    assert rule.fail_when.source.span is not None
    assert rule.fail_when.source.span.start_line == 5


def test_optional_keys_have_defaults(tmp_path: Path) -> None:
    write(tmp_path, {})
    (rule,) = loaded(tmp_path)
    assert (rule.locate, rule.applies_when, rule.references, rule.maps, rule.params) == (None, None, (), {}, {})
    assert rule.default is True
    assert rule.snippet is None


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        ({"x": "fail_wen: a"}, 10, "unknown key 'fail_wen'; did you mean 'fail_when'?"),
        ({"x": "qqq: a"}, 10, "unknown key 'qqq'"),
        ({"x": "<<: {a: b}"}, 10, "unknown key '<<'"),
        ({"why": None}, 1, "missing key 'why'"),
        ({"fail_when": None}, 1, "missing key 'fail_when'"),
        ({"title": "title: [a]"}, 2, "'title' must be text, not a list"),
        ({"title": "title: {a: b}"}, 2, "'title' must be text, not a mapping"),
        ({"title": "title:"}, 2, "'title' must be text, not empty"),
        ({"title": "title: 5"}, 2, "'title' must be text, not the number 5"),
        ({"title": "title: true"}, 2, "'title' must be text, not true"),
        ({"title": "title: ' '"}, 2, "'title' is empty"),
        ({"x": "snippet: [a]"}, 10, "'snippet' must be text, not a list"),
        ({"x": "snippet: ''"}, 10, "'snippet' is empty"),
        ({"severity": "severity: severe"}, 3, "'severity' must be one of low, medium, high, critical, not 'severe'"),
        ({"severity": "severity: High"}, 3, "'severity' must be one of low, medium, high, critical, not 'High'"),
        ({"id": "id: other-name"}, 1, "id 'other-name' is not the file's name, 'public-acl'"),
        (
            {"id": "id: Public_ACL"},
            1,
            "id 'Public_ACL' is not kebab-case: small letters and digits, words joined by '-'",
        ),
        ({"subject": "subject: buckt"}, 4, "unknown subject 'buckt'; did you mean 'bucket'?"),
        ({"subject": "subject: acess_point"}, 4, "unknown subject 'acess_point'; did you mean 'access_point'?"),
        (
            {"subject": "subject: Queue!"},
            4,
            "unknown subject 'Queue!': it is a Terraform resource type or one of access_point, bucket",
        ),
        (
            {"fail_when": "fail_when: policy.publc"},
            5,
            "fail_when: unknown fact 'policy.publc'; did you mean 'policy.public'?",
        ),
        ({"fail_when": "fail_when: grants"}, 5, "fail_when: unknown fact 'grants'; did you mean 'acl.grants'?"),
        (
            {"fail_when": "fail_when: polcy.public"},
            5,
            "fail_when: unknown fact 'polcy.public'; did you mean 'policy.public'?",
        ),
        ({"fail_when": "fail_when: zzz"}, 5, "fail_when: unknown fact 'zzz'"),
        ({"fail_when": "fail_when: params.x"}, 5, "fail_when: unknown fact 'params.x'; 'params' has none"),
        (
            {"fail_when": "fail_when: '!policy.public'"},
            5,
            "fail_when: `!a.b` means `(!a).b`, which is null: write `!(a.b)` (column 1)",
        ),
        ({"fail_when": "fail_when: name =="}, 5, "fail_when: the expression ends too early (column 8)"),
        ({"x": "applies_when: policy.open"}, 10, "applies_when: unknown fact 'policy.open'; 'policy' has public"),
        ({"x": "locate: alc"}, 10, "locate: unknown fact 'alc'; did you mean 'acl'?"),
        ({"message": "message: '{adress}'"}, 6, "message: unknown fact 'adress'"),
        ({"message": "message: '{acl.caned}'"}, 6, "message: unknown fact 'acl.caned'; did you mean 'acl.canned'?"),
        ({"message": "message: 'a { b'"}, 6, "message: stray '{' in the message: write '{{' for a brace"),
        ({"x": "references: https://example.org"}, 10, "'references' must be a list, not text"),
        (
            {"x": "references:\n  - https://example.org\n  - http://example.org"},
            12,
            "each item of 'references' must be an https address, not 'http://example.org'",
        ),
        ({"x": "references: ['https://']"}, 10, "each item of 'references' must be an https address, not 'https://'"),
        (
            {"x": "references: ['https://[x']"},
            10,
            "each item of 'references' must be an https address, not 'https://[x'",
        ),
        ({"x": "references: [[a]]"}, 10, "each item of 'references' must be text, not a list"),
        ({"x": "references: [~]"}, 10, "each item of 'references' must be text, not empty"),
        ({"x": "maps: [a]"}, 10, "'maps' must be a mapping, not a list"),
        ({"x": "maps: {cis: '2.1'}"}, 10, "'maps.cis' must be a list, not text"),
        ({"x": "params: [a]"}, 10, "'params' must be a mapping, not a list"),
        ({"x": "params: {a b: 1}"}, 10, "'params.a b' is not a name: letters, digits and '_'"),
        ({"x": "default: no"}, 10, "'default' must be true or false, not text"),
        ({"x": "why: again"}, 10, "key 'why' is already on line 7"),
        ({"x": "params:\n  a: 1\n  a: 2"}, 12, "key 'a' is already on line 11"),
    ],
)
def test_fault(tmp_path: Path, changes: dict[str, str | None], line: int, message: str) -> None:
    write(tmp_path, changes)
    assert faults(tmp_path) == [("public-acl.yaml", line, message)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("- a\n", 1, "a rule file is a mapping, not a list"),
        ("text", 1, "a rule file is a mapping, not text"),
        ("true", 1, "a rule file is a mapping, not true"),
        ("a: b\0", 1, "not YAML: it holds a character that YAML does not allow"),
        ("id: a\n---\nid: b\n", 2, "a second document starts here"),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases are not supported: write the value out"),
        ("a: !!python/object:os.system x\n", 1, "tags are not supported"),
        ("? [a]\n: b\n", 1, "a key must be text"),
        ("a:\n  " + "[" * 60, 2, "nested more than 50 levels deep"),
        ("a: " + "x" * MAX_LENGTH, 1, f"the file is longer than {MAX_LENGTH} characters"),
    ],
)
def test_not_a_rule_file(tmp_path: Path, text: str, line: int, message: str) -> None:
    (tmp_path / "x.yml").write_text(text, "utf-8")
    assert faults(tmp_path) == [("x.yml", line, message)]


@pytest.mark.parametrize(("text", "line"), [("a: [\n", 2), ("a: b\n c: d\n", 2), ("\ta: b\n", 1), ("a: 'x", 1)])
def test_syntax_error(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    ((name, where, message),) = faults(tmp_path)
    assert (name, where) == ("x.yaml", line)
    assert message.startswith("not YAML: ")


def test_all_faults_of_a_file_are_told_in_the_order_of_its_lines(tmp_path: Path) -> None:
    write(tmp_path, {"severity": "severity: bad", "why": "why: []", "x": "extra: 1", "fix": None})
    assert [line for _, line, _ in faults(tmp_path)] == [1, 3, 7, 9]


def test_column_of_a_bad_expression(tmp_path: Path) -> None:
    for text, column in [("fail_when: a b", 14), ("fail_when: 'a b'", 15), ("fail_when: >-\n  a b", 12)]:
        write(tmp_path, {"fail_when": text})
        _, (fault,) = load([tmp_path], FIELDS)
        assert fault.location is not None
        assert fault.location.span is not None
        assert fault.location.span.start_column == column


def test_good_rules_load_beside_bad_ones(tmp_path: Path) -> None:
    write(tmp_path, {})
    (tmp_path / "bad.yaml").write_text("id: [", "utf-8")
    rules, diagnostics = load([tmp_path], FIELDS)
    assert [rule.id for rule in rules] == ["public-acl"]
    assert len(diagnostics) == 1


def test_duplicate_id_names_both_places_and_the_first_one_stays(tmp_path: Path) -> None:
    for folder, title in [("a", "title: One"), ("b", "title: Two")]:
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, {"title": title})
    (rule,), (fault,) = load([tmp_path], FIELDS)
    assert rule.title == "One"
    assert fault.message == f"rule 'public-acl' is already defined in {(tmp_path / 'a/public-acl.yaml').as_posix()}:1"
    assert fault.location is not None
    assert fault.location.path == (tmp_path / "b/public-acl.yaml").as_posix()


def test_the_same_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    rules, diagnostics = load([tmp_path, path], FIELDS)
    assert (len(rules), diagnostics) == (1, ())


def test_below_a_directory_other_files_are_left_alone(tmp_path: Path) -> None:
    deep = tmp_path / "s3" / "acl"
    deep.mkdir(parents=True)
    write(deep, {})
    (tmp_path / "README.md").write_text("no rule", "utf-8")
    assert [rule.id for rule in loaded(tmp_path)] == ["public-acl"]


@pytest.mark.parametrize("subject", ["aws_sqs_queue", "google_storage_bucket"])
def test_facts_of_any_other_resource_type_are_not_checked(tmp_path: Path, subject: str) -> None:
    changes = {
        "subject": f"subject: {subject}",
        "fail_when": "fail_when: what.ever == params.x",
        "message": "message: '{what.ever}'",
        "locate": "locate: what",
        "params": "params: {x: 1}",
    }
    write(tmp_path, changes)
    (rule,) = loaded(tmp_path)
    assert rule.subject == subject


def test_params_of_an_unchecked_subject_are_checked(tmp_path: Path) -> None:
    changes = {"subject": "subject: aws_sqs_queue", "fail_when": "fail_when: a == params.y", "params": "params: {x: 1}"}
    write(tmp_path, changes)
    assert faults(tmp_path) == [("public-acl.yaml", 5, "fail_when: unknown fact 'params.y'; 'params' has x")]


def test_facts_of_a_resource_type_that_is_listed_are_checked(tmp_path: Path) -> None:
    write(tmp_path, {"subject": "subject: aws_kms_key", "fail_when": "fail_when: rotaton"})
    assert faults(tmp_path) == [("public-acl.yaml", 5, "fail_when: unknown fact 'rotaton'; did you mean 'rotation'?")]


def test_below_a_leaf_any_name_will_do(tmp_path: Path) -> None:
    write(tmp_path, {"fail_when": "fail_when: tags.Public == 'x'"})
    assert len(loaded(tmp_path)) == 1


def place(path: Path) -> Location:
    return Location(path.as_posix())


def test_directories_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (4 * MAX_LENGTH + 1))
    _, found = load([tmp_path / "missing", empty, binary, huge], FIELDS)
    assert [(item.message, item.location) for item in found] == [
        ("no such directory of rules", place(tmp_path / "missing")),
        ("no rule file (*.yaml, *.yml) in this directory", place(empty)),
        ("not UTF-8 text", place(binary)),
        (f"the file is longer than {MAX_LENGTH} characters", place(huge)),
    ]


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    text = "\n".join(LINES.values())
    (tmp_path / "public-acl.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert len(loaded(tmp_path)) == 1


def test_builtin_directory_has_the_policies() -> None:
    assert (builtin_directory() / "s3" / "public-policy.yaml").is_file()
