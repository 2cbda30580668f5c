"""Bucket and IAM policies in the forms in which people write them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from parity_sites import Ref, Site
from parity_spelling import Speller
from parity_text import Block, Item, literal, quoted

TLS = {"Bool": {"aws:SecureTransport": ["false"]}}
EVERYONE = {"AWS": ["*"]}
STATEMENTS: list[dict[str, Any]] = [
    {"Effect": "Deny", "Principal": EVERYONE, "Action": ["s3:*"], "on": "both", "Condition": TLS},
    {"Effect": "Deny", "Principal": EVERYONE, "Action": ["s3:*"], "on": "both", "Condition": TLS},
    {"Effect": "Deny", "Principal": EVERYONE, "Action": ["s3:*"], "on": "objects", "Condition": TLS},
    {"Effect": "Deny", "Principal": EVERYONE, "Action": ["s3:GetObject"], "on": "both", "Condition": TLS},
    {"Effect": "Allow", "Principal": EVERYONE, "Action": ["s3:GetObject"], "on": "objects"},
    {"Effect": "Allow", "Principal": EVERYONE, "Action": ["s3:*"], "on": "both"},
    {
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "on": "objects",
    },
    {"Effect": "Allow", "Principal": {"AWS": ["123456789012"]}, "Action": ["s3:ListBucket"], "on": "bucket"},
    {
        "Effect": "Allow",
        "Principal": {"Service": ["logging.s3.amazonaws.com"]},
        "Action": ["s3:PutObject"],
        "on": "objects",
    },
    {
        "Effect": "Allow",
        "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
        "Action": ["s3:PutObject"],
        "on": "objects",
        "Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"]}},
    },
    {
        "Effect": "Allow",
        "Principal": EVERYONE,
        "Action": ["s3:GetObject"],
        "on": "objects",
        "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}},
    },
    {
        "Effect": "Deny",
        "Principal": EVERYONE,
        "Action": ["s3:DeleteObject"],
        "on": "objects",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}},
    },
]
POINT_STATEMENTS: list[dict[str, Any]] = [
    {**statement, "on": "all"} for statement in STATEMENTS if "GetObject" in str(statement["Action"])
]
IAM_STATEMENTS: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["s3:GetObject"], "on": "objects"},
    {"Effect": "Allow", "Action": ["s3:PutObjectAcl", "s3:PutBucketPolicy"], "on": "both"},
    {"Effect": "Allow", "Action": ["s3:*"], "on": "all"},
    {"Effect": "Allow", "Action": ["ec2:DescribeInstances"], "on": "all"},
    {"Effect": "Deny", "Action": ["s3:*"], "on": "both", "Condition": TLS},
]


def statements(random: Random, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One to three statements, each with a name of its own."""
    chosen = random.sample(known, random.choice([1, 1, 2, 2, 3]))
    return [{"Sid": f"S{number}", **item} for number, item in enumerate(chosen)]


def resources(random: Random, ref: Ref, on: str) -> list[str]:
    """Expressions for the ARNs that a statement is on."""
    if on == "all":
        return ['"*"']
    arn = random.choice([ref("arn"), f'"${{{ref("arn")}}}"', f'"arn:aws:s3:::${{{ref("id")}}}"'])
    inner = ref("arn") if random.random() < 0.7 else f'format("%s:s3:::%s", "arn:aws", {ref("bucket")})'
    objects = random.choice([f'"${{{inner}}}/*"', f'format("%s/*", {inner})', f'join("/", [{inner}, "*"])'])
    return {"bucket": [arn], "objects": [objects], "both": [arn, objects]}[on]


class Policies:
    """Writes policies into a module; each method returns the expression of the text."""

    def __init__(self, speller: Speller) -> None:
        self.speller = speller
        self.random = speller.random

    def write(self, place: Site, known: list[dict[str, Any]]) -> str:
        """A policy for the bucket that ``place`` names."""
        chosen = statements(self.random, known)
        forms = [self._encoded, self._encoded, self._heredoc, self._document, self._document, self._template]
        text = self.random.choice(forms)(chosen, place)
        if self.random.random() < 0.1 and "<<" not in text:
            other = self._encoded(statements(self.random, known), place)
            truth = self.random.random() < 0.5
            pair = (text, other) if truth else (other, text)
            return f"({self.speller.boolean(truth, 1)} ? {pair[0]} : {pair[1]})"
        return text

    def _principal(self, principal: dict[str, Any]) -> object:
        short = {
            key: item[0] if len(item) == 1 and self.random.random() < 0.6 else item for key, item in principal.items()
        }
        return "*" if principal == EVERYONE and self.random.random() < 0.5 else short

    def _plain(self, statement: dict[str, Any]) -> dict[str, Any]:
        """``statement`` as JSON holds it, without its resources."""
        plain = {key: item for key, item in statement.items() if key not in ("on", "Principal")}
        if "Principal" in statement:
            plain["Principal"] = self._principal(statement["Principal"])
        if len(plain["Action"]) == 1 and self.random.random() < 0.5:
            plain["Action"] = plain["Action"][0]
        return plain

    def _object(self, statement: dict[str, Any], ref: Ref) -> str:
        parts = [f"{key} = {self.speller.any(item, 1)}" for key, item in self._plain(statement).items()]
        found = resources(self.random, ref, statement["on"])
        parts.append(f"Resource = {found[0] if len(found) == 1 else '[' + ', '.join(found) + ']'}")
        self.random.shuffle(parts)
        return "{ " + ", ".join(parts) + " }"

    def _encoded(self, chosen: list[dict[str, Any]], place: Site) -> str:
        objects = [self._object(item, place.ref) for item in chosen]
        listed = f"[{', '.join(objects)}]"
        if len(objects) > 1:
            listed = self.random.choice(
                [
                    listed,
                    f"concat([{objects[0]}], [{', '.join(objects[1:])}])",
                    f"flatten([[{objects[0]}], {', '.join(objects[1:])}])",
                    f"[for s in [{', '.join(objects)}] : s]",
                    f'[for s in [{", ".join(objects)}] : merge(s, {{ Sid = "x" }})]',
                ]
            )
        elif self.random.random() < 0.2:
            listed = f"{self.speller.boolean(True, 1)} ? {listed} : []"
        body = f"{{ Version = {self.speller.text('2012-10-17', 1)}, Statement = {listed} }}"
        if place.is_single and self.random.random() < 0.2:
            body = self.speller.local(body)
        return f"jsonencode({body})"

    def _json(self, chosen: list[dict[str, Any]], arns: list[list[str]]) -> str:
        document = {"Version": "2012-10-17", "Statement": [self._plain(item) for item in chosen]}
        for item, found in zip(document["Statement"], arns, strict=True):
            item["Resource"] = found  # type: ignore[index]
        return json.dumps(document, indent=2)

    def _heredoc(self, chosen: list[dict[str, Any]], place: Site) -> str:
        arn = f"${{{place.ref('arn')}}}"
        arns = [
            {"bucket": [arn], "objects": [f"{arn}/*"], "both": [arn, f"{arn}/*"]}.get(item["on"], ["*"])
            for item in chosen
        ]
        # JSON escapes the quotes of an index inside the interpolation: there they must stand as they are.
        text = self._json(chosen, arns).replace('\\"', '"')
        return self.random.choice([f"<<EOF\n{text}\nEOF\n", f"<<-EOF\n    {text}\n    EOF\n"])

    def _template(self, chosen: list[dict[str, Any]], place: Site) -> str:
        forms = {"bucket": ["${arn}"], "objects": ["${arn}/*"], "both": ["${arn}", "${arn}/*"], "all": ["*"]}
        name = self.speller.fresh("policy") + ".json.tftpl"
        self.speller.files[name] = self._json(chosen, [forms[item["on"]] for item in chosen])
        return f'templatefile("${{path.module}}/{name}", {{ arn = {place.ref("arn")} }})'

    def _document(self, chosen: list[dict[str, Any]], place: Site) -> str:
        if len(chosen) > 1 and self.random.random() < 0.4:
            inner = self._data(chosen[:1], place, [])
            argument = self.random.choice(["source_policy_documents", "override_policy_documents"])
            return self._data(chosen[1:], place, [(argument, f"[{inner}]")])
        return self._data(chosen, place, [])

    def _data(self, chosen: list[dict[str, Any]], place: Site, extra: list[Item]) -> str:
        name = self.speller.fresh("doc")
        block = Block("data", ("aws_iam_policy_document", name), [*place.meta, *extra])
        block.items += [self._statement(item, place.ref) for item in chosen]
        self.speller.blocks.append(block)
        index = f"[{place.key}]" if place.key else ""
        return f"data.aws_iam_policy_document.{name}{index}.{self.random.choice(['json', 'json', 'minified_json'])}"

    def _statement(self, statement: dict[str, Any], ref: Ref) -> Block:
        items: list[Item] = [
            ("sid", self.speller.text(statement["Sid"], 1)),
            ("actions", self.speller.sequence(list(statement["Action"]), 1)),
            ("resources", f"[{', '.join(resources(self.random, ref, statement['on']))}]"),
        ]
        if statement["Effect"] == "Deny" or self.random.random() < 0.5:
            items.append(("effect", self.speller.text(statement["Effect"], 1)))
        for kind, names in statement.get("Principal", {}).items():
            kind = "*" if names == ["*"] and self.random.random() < 0.5 else kind
            items.append(Block("principals", (), [("type", quoted(kind)), ("identifiers", literal(names))]))
        for operator, tests in statement.get("Condition", {}).items():
            for key, values in tests.items():
                items.append(self._condition(operator, key, values))
        if self.random.random() < 0.25:
            head: list[Item] = [("for_each", f"{self.speller.boolean(True, 1)} ? [1] : []")]
            return Block("dynamic", ("statement",), [*head, Block("content", (), items)])
        return Block("statement", (), items)

    def _condition(self, operator: str, key: str, values: list[str]) -> Block:
        items: list[Item] = [("test", quoted(operator)), ("variable", quoted(key)), ("values", literal(values))]
        if self.random.random() < 0.7:
            return Block("condition", (), items)
        table = self.speller.sequence([{"k": key, "v": values}], 1)
        inner: list[Item] = [
            ("test", quoted(operator)),
            ("variable", "condition.value.k"),
            ("values", "condition.value.v"),
        ]
        return Block("dynamic", ("condition",), [("for_each", table), Block("content", (), inner)])
