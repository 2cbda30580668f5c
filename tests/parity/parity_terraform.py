"""Random cases and real terraform: many as modules of one root that is made here, some as roots themselves."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from parity_cases import Case, Writer
from parity_text import literal

VERSIONS = """\
# Made by scripts/parity.py.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
"""
PROVIDER = """
provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "other"
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  default_tags {
    tags = { Owner = "platform" }
  }
}
"""
PROVIDERS = "{ aws = aws, aws.other = aws.other }"
CASE_FILE = re.compile(r"\bcases/([a-z0-9]+)/")
TIMESTAMP = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FIXED_TIME = "2025-01-01T00:00:00Z"


class TerraformError(Exception):
    """Terraform refuses the whole, and it is not one case that it names."""


@dataclass(frozen=True, slots=True)
class Terraform:
    """The terraform binary with one directory of installed providers."""

    home: Path

    def run(self, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run terraform in ``directory``, without any setting of the caller's."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "TF_")) or name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")
        }
        settings = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        settings |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        command = ["terraform", *arguments]
        return subprocess.run(command, cwd=directory, env=kept | settings, capture_output=True, text=True, check=False)

    def must(self, directory: Path, *arguments: str) -> str:
        """What terraform prints; ``TerraformError`` where it fails."""
        done = self.run(directory, *arguments)
        if done.returncode:
            raise TerraformError(f"terraform {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def prepare(self, directory: Path) -> None:
        """Make ``directory`` ready to plan; the provider is installed once for all."""
        if not (self.home / ".terraform").exists():
            self.home.mkdir(parents=True, exist_ok=True)
            (self.home / "main.tf").write_text(VERSIONS)
            self.must(self.home, "init", "-input=false", "-backend=false")
        (directory / ".terraform").mkdir(exist_ok=True)
        link = directory / ".terraform/providers"
        if not link.exists():
            link.symlink_to((self.home / ".terraform/providers").resolve())
        shutil.copy(self.home / ".terraform.lock.hcl", directory)

    def plan(self, directory: Path) -> tuple[str, dict[str, str]]:
        """Plan the prepared ``directory``.

        Returns the plan as JSON on one line, without what differs from run to run; or, where terraform refuses
        cases, an empty text and their messages by name.
        """
        done = self.run(directory, "get", "-no-color")
        if done.returncode:
            return "", dict.fromkeys(CASE_FILE.findall(done.stderr), done.stderr)
        found = _by_case(json.loads(self.run(directory, "validate", "-json").stdout)["diagnostics"])
        if found:
            return "", found
        arguments = ("-json", "-input=false", "-refresh=false", "-parallelism=2", "-out=tfplan")
        done = self.run(directory, "plan", *arguments)
        if done.returncode:
            lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
            return "", _by_case([line["diagnostic"] for line in lines if "diagnostic" in line])
        text = self.must(directory, "show", "-json", "tfplan")
        (directory / "tfplan").unlink()
        document = json.loads(TIMESTAMP.sub(FIXED_TIME, text.replace(str(directory.resolve()), ".")))
        document["relevant_attributes"] = sorted(document.get("relevant_attributes", ()), key=json.dumps)
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n", {}


def _by_case(diagnostics: list[dict[str, object]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in diagnostics:
        if item["severity"] == "error":
            text = json.dumps(item.get("range")) + str(item.get("address")) + str(item.get("detail"))
            names = CASE_FILE.findall(text) or re.findall(r"\bmodule\.(c[0-9a-z]+)\b", text)
            found.update((name, f"{item['summary']}: {item.get('detail')}") for name in names[:1])
    return found


def write_cases(directory: Path, cases: Mapping[str, Case]) -> None:
    """Write the root and every case below ``directory``, which is emptied of others."""
    shutil.rmtree(directory / "cases", ignore_errors=True)
    calls = [VERSIONS, PROVIDER]
    for name, case in sorted(cases.items()):
        write_files(directory / "cases" / name, case.files)
        given = "".join(f"  {key} = {literal(value)}\n" for key, value in case.given.items())
        calls.append(f'module "{name}" {{\n  source    = "./cases/{name}"\n  providers = {PROVIDERS}\n{given}}}\n')
    write_files(directory, {"main.tf": "\n".join(calls)})


def write_files(directory: Path, files: Mapping[str, str]) -> None:
    """Write ``files`` below ``directory`` as they are."""
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def root_files(random: Random, case: Case) -> dict[str, str]:
    """A case as a root: with its providers, and what it is given in files of variables that outdo each other."""
    files = {**case.files, "versions.tf": VERSIONS, "providers.tf": PROVIDER}
    given: dict[str, dict[str, object]] = {"terraform.tfvars": {}, "a.auto.tfvars": {}, "b.auto.tfvars.json": {}}
    for name, value in case.given.items():
        last = random.randrange(len(given))
        for position, values in enumerate(given.values()):
            if position == last:
                values[name] = value
            elif position < last and random.random() < 0.3:
                values[name] = None
    for path, values in given.items():
        if values:
            lines = "".join(f"{name} = {literal(value)}\n" for name, value in values.items())
            files[path] = json.dumps(values, indent=2) + "\n" if path.endswith(".json") else lines
    return files


def random_cases(seed: int, count: int) -> dict[str, Case]:
    """``count`` cases; each is the same for its number and ``seed``, however many there are."""
    names = [f"c{seed}n{number}" for number in range(count)]
    return {name: Writer(Random(f"{seed}/{number}"), name).case() for number, name in enumerate(names)}


def record_roots(terraform: Terraform, directory: Path, seed: int, count: int) -> dict[str, str]:
    """Write ``count`` cases that are roots, with their plans; returns those that terraform refuses, left out."""
    refused: dict[str, str] = {}
    made = 0
    for number in itertools.count():
        name = f"root-{seed}-{number}"
        random = Random(name)
        if made == count:
            break
        case = Writer(random, f"r{seed}n{number}", root=True).case()
        if len(case.given) < 2:
            continue
        write_files(directory / name, root_files(random, case))
        terraform.prepare(directory / name)
        plan, _ = terraform.plan(directory / name)
        if plan:
            (directory / name / "plan.json").write_text(plan)
            made += 1
        else:
            refused[name] = terraform.run(directory / name, "validate", "-no-color").stderr or "refused by the plan"
            shutil.rmtree(directory / name)
    return refused


def record(terraform: Terraform, directory: Path, cases: dict[str, Case]) -> dict[str, str]:
    """Write ``cases`` and their plan below ``directory``; returns those that terraform refuses, left out."""
    refused: dict[str, str] = {}
    left = dict(cases)
    while left:
        write_cases(directory, left)
        terraform.prepare(directory)
        plan, found = terraform.plan(directory)
        if plan:
            (directory / "plan.json").write_text(plan)
            return refused
        if not found:
            raise TerraformError(f"terraform fails in {directory}, and names no case")
        refused |= found
        left = {name: case for name, case in left.items() if name not in found}
    raise TerraformError("terraform refuses every case")
