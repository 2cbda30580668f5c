"""Records what real Terraform answers to function calls, as test data for our own functions.

    python scripts/record_terraform_functions.py [--generate N]

Every file ``fixtures/functions/<group>.json`` is a list of cases: ``function``, ``args``, and as
recorded ``result`` or ``error``. The script asks ``terraform`` (on the PATH) for all of them again
and rewrites the files; to add a case, add its function and arguments and run it. ``--generate N``
adds pseudo-random cases, N a function, from ``fixtures/functions/generator/arguments.json``. No provider
and no network are needed.

Arguments and results are JSON, with ``{"$number": "0.5"}`` for a fraction, ``{"$set": […]}``,
``{"$list": […]}`` and ``{"$map": {…}}`` for what the JSON types (tuple and object) are not, and
``{"$unknown": "string"}`` for a value that is not known before apply.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent.parent / "fixtures" / "functions"
LONGEST_RESULT = 4000

Case = dict[str, Any]


def hcl(value: Any) -> str:
    """``value``, an argument as the fixtures write it, in Terraform's own syntax."""
    match value:
        case {"$number": text}:
            return f"({text})"
        case {"$unknown": kind}:
            return {"string": "terraform_data.unknown.id", "any": "jsondecode(terraform_data.unknown.id)"}[kind]
        case {"$set": items} | {"$list": items}:
            return f"{'toset' if '$set' in value else 'tolist'}({hcl(items)})"
        case {"$map": items}:
            return f"tomap({hcl(items)})"
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {hcl(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(hcl, value)) + "]"
        case str():
            return quoted(value)
        case int() if not isinstance(value, bool) and value < 0:
            return f"({value})"
        case _:
            return json.dumps(value)


def quoted(text: str) -> str:
    """``text`` as a quoted Terraform string without interpolation."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    body = "".join(escapes.get(each) or (each if each.isprintable() else f"\\U{ord(each):08x}") for each in text)
    return '"' + body.replace("${", "$${").replace("%{", "%%{") + '"'


def call(number: int, case: Case) -> str:
    """The call of ``case``; a template must be a reference, so that one becomes a local value."""
    args = list(map(hcl, case["args"]))
    if case["function"] == "templatestring" and args:
        args[0] = f"local.template{number}"
    return f"{case['function']}({', '.join(args)})"


def configuration(cases: list[Case]) -> str:
    """A configuration whose outputs answer all known ``cases``."""
    rows, templates = [], []
    for number, case in enumerate(cases):
        text = call(number, case)
        if case["function"] == "templatestring" and case["args"]:
            templates.append(f"template{number} = {hcl(case['args'][0])}")
        rows.append(
            f"{{ ok = can({text}), json = try(jsonencode({text}), null), "
            f"set = can([for x in {text} : x]) && !can(({text})[0]) && can(setunion({text})) }},"
        )
    lines = ["locals {", *templates, "}", 'output "answers" {', "sensitive = true", "value = [", *rows, "]", "}"]
    return "\n".join(lines)


def unknown_configuration(cases: list[Case]) -> str:
    """A configuration with an output for each of ``cases``, which hold values unknown in the plan."""
    outputs = (
        f'output "o{number}" {{\nsensitive = true\nvalue = {call(number, case)}\n}}'
        for number, case in enumerate(cases)
    )
    return "\n".join(['resource "terraform_data" "unknown" {}', *outputs])


def plan(text: str) -> Any:
    """The plan of the configuration ``text``, made beside a copy of the fixture files."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        shutil.copytree(FIXTURES / "files", directory, dirs_exist_ok=True, symlinks=True)
        (directory / "main.tf").write_text(text)
        for arguments in (["init"], ["plan", "-refresh=false", "-out=plan"]):
            run(directory, *arguments)
        return json.loads(run(directory, "show", "-json", "plan"))


def run(directory: Path, *arguments: str) -> str:
    """The output of ``terraform``; raises with its message when it fails."""
    command = ["terraform", *arguments, *(["-input=false", "-no-color"] if arguments[0] != "show" else [])]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return done.stdout


def record(cases: list[Case]) -> list[Case]:
    """``cases`` with Terraform's answers."""
    known = [case for case in cases if "$unknown" not in json.dumps(case["args"])]
    waiting = [case for case in cases if case not in known]
    recorded = []
    if known:
        answers = plan(configuration(known))["output_changes"]["answers"]["after"]
        # A null without a type makes some answers unknown: those rows lack a part and say nothing.
        rows = ((case, answer) for case, answer in zip(known, answers, strict=True) if len(answer) == 3)
        recorded += [answered(case, answer) for case, answer in rows]
    if waiting:
        changes = plan(unknown_configuration(waiting))["output_changes"]
        for number, case in enumerate(waiting):
            change = changes[f"o{number}"]
            result = masked(change.get("after"), change["after_unknown"])
            recorded.append({"function": case["function"], "args": case["args"], "result": result})
    return [case for case in recorded if len(json.dumps(case)) <= LONGEST_RESULT]


def answered(case: Case, answer: dict[str, Any]) -> Case:
    """``case`` with what Terraform said."""
    if not answer["ok"] or answer["json"] is None:
        return {"function": case["function"], "args": case["args"], "error": True}
    result = typed(json.loads(answer["json"], parse_float=Decimal))
    if case["function"] == "fileset":
        result = [name for name in result if (FIXTURES / "files" / case["args"][0] / name).is_file()]
    if result and isinstance(result, list) and answer["set"]:
        result = {"$set": result}
    return {"function": case["function"], "args": case["args"], "result": result}


def typed(value: Any) -> Any:
    """A decoded result in the notation of the fixtures."""
    match value:
        case Decimal():
            return {"$number": f"{value:f}"}
        case list():
            return [typed(item) for item in value]
        case dict():
            return {key: typed(item) for key, item in value.items()}
        case _:
            return value


def masked(value: Any, unknown: Any) -> Any:
    """``value`` with a marker wherever ``unknown`` (the shape of a plan's ``after_unknown``) is true."""
    match unknown:
        case True:
            return {"$unknown": "any"}
        case dict():
            names = sorted({*(value or {}), *unknown})
            return {name: masked((value or {}).get(name), unknown.get(name, False)) for name in names}
        case list():
            items = [*(value or []), *[None] * (len(unknown) - len(value or []))]
            return [masked(item, unknown[i] if i < len(unknown) else False) for i, item in enumerate(items)]
        case _:
            return typed(value)


def generated(function: str, wanted: int) -> Iterator[Case]:
    """Calls of ``function``: with each value of its one pool, or ``wanted`` fixed random picks from several."""
    arguments = json.loads((FIXTURES / "generator" / "arguments.json").read_text())
    pools = [arguments["pools"][name] for name in arguments["signatures"].get(function, ())]
    source = random.Random(function)
    if len(pools) == 1:
        yield from ({"function": function, "args": [arg]} for arg in pools[0])
    elif pools:
        yield from ({"function": function, "args": [source.choice(pool) for pool in pools]} for _ in range(wanted))


def main() -> None:
    """Records all files again, after adding the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generate", type=int, default=0, metavar="N")
    wanted = parser.parse_args().generate
    for path in sorted(FIXTURES.glob("*.json")):
        group = json.loads(path.read_text())
        if wanted:
            for function in dict.fromkeys(case["function"] for case in group):
                group += generated(function, wanted) if path.stem != "unknown" else ()
        unique = {json.dumps([case["function"], case["args"]]): case for case in group}
        recorded = sorted(record(list(unique.values())), key=lambda case: case["function"])
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in recorded)
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{path.name}: {len(recorded)} cases")


if __name__ == "__main__":
    main()
