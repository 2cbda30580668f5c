"""Make the plans and states in fixtures/ again, with real Terraform.

    python scripts/regenerate_fixtures.py                         everything
    python scripts/regenerate_fixtures.py plans/update 'rules/*'  what these globs name
    python scripts/regenerate_fixtures.py --into DIR ...          write there, leave fixtures/ alone

Needs `terraform` on PATH (the committed files are from 1.11.4 with hashicorp/aws 5.100.0) and, in this Python,
`moto[server]`: a stand-in for AWS that is started on a loopback port, so no account and no credentials are used.
TF_CLI_CONFIG_FILE is honoured (a provider mirror, a plugin cache). Running it twice gives the same bytes.

What is made:

- fixtures/plans/NAME/*.tf      -> plan.json beside them. A scenario.json there may say more:
    "before":    folder of the configuration that is applied first (`.` = this one), relative to NAME
    "requests":  S3 calls by hand after that, as [method, path, headers, body]: what Terraform does not know of
    "arguments": more arguments for `terraform plan`
    "outputs":   which of "plan" (after all that) and "state" (after the first apply) to keep; default ["plan"]
    "fails":     true when the plan must fail and still leave a plan file
    "opentofu":  folder whose plan.json is rewritten to what OpenTofu prints; no configuration of its own
- fixtures/rules/RULE/CASE.tf   -> CASE.plan.json beside it, on one line; a provider block is added where it has none.
                                   What stands in RULE/before/CASE.tf is applied first. A file that begins with
                                   "# Provider 6:" is planned through scripts/newer_provider.py, which adds an
                                   argument of that version to 5.100.0: it needs `grpcio protobuf msgpack` here, too.
- fixtures/broken/              -> texts that are no plan, and a plan spoiled in several ways; the other files there
                                   are written by hand. `utf-*` are to be read all the same, as is `empty-state`.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
NEWER_PROVIDER = (sys.executable, str(Path(__file__).resolve().with_name("newer_provider.py")))
VERSIONS = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
"""
PROVIDER = VERSIONS + '\nprovider "aws" {\n  region = "eu-west-1"\n}\n'
TIMESTAMP = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
FIXED_TIME = "2025-01-01T00:00:00Z"
TOFU = {"registry.terraform.io/": "registry.opentofu.org/"}
TOFU_LACKS = ("applyable", "complete")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One folder of plans/ and what its scenario.json says."""

    folder: Path
    before: str | None = None
    requests: tuple[tuple[str, str, Mapping[str, str], str], ...] = ()
    arguments: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("plan",)
    fails: bool = False
    opentofu: str | None = None

    @classmethod
    def read(cls, folder: Path) -> Scenario:
        """Return the scenario of a folder; an unknown key in scenario.json is a TypeError."""
        path = folder / "scenario.json"
        return cls(folder, **(json.loads(path.read_text()) if path.exists() else {}))


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A working directory with the provider ready, and a moto server of its own."""

    directory: Path
    endpoint: str
    environment: Mapping[str, str] = field(repr=False)
    wrapper: tuple[str, ...] = ()

    def clean(self) -> None:
        """Forget every AWS object, seed moto's random ids, and empty the working directory."""
        self.request("POST", "/moto-api/reset")
        self.request("POST", "/moto-api/seed?a=42")
        for path in self.directory.iterdir():
            if path.name not in (".terraform", ".terraform.lock.hcl"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def request(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = "") -> None:
        """Send one HTTP request to moto; SystemExit with its answer when it is refused."""
        credential = "Credential=test/20250101/eu-west-1/s3/aws4_request"
        always = {
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/xml",
        }
        request = urllib.request.Request(
            self.endpoint + path, body.encode(), always | dict(headers or {}), method=method
        )
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as refusal:
            raise SystemExit(f"{method} {path}: {refusal.read().decode()}") from None

    def configure(self, folder: Path) -> None:
        """Put the configuration of a folder in place of the one that is there."""
        for old in self.directory.glob("*.tf"):
            old.unlink()
        for path in folder.iterdir():
            if path.suffix in (".tf", ".tfvars"):
                shutil.copy(path, self.directory)
            elif path.is_dir() and path.name != "before":
                shutil.copytree(path, self.directory / path.name, dirs_exist_ok=True)
        if any(path.is_dir() and path.name != "before" for path in folder.iterdir()):
            self.terraform("get")

    def terraform(self, *arguments: str, fails: bool = False) -> str:
        """Run terraform and return what it prints; SystemExit with its message when it ends otherwise than said."""
        command = [*self.wrapper, "terraform", *arguments, *(["-no-color"] if arguments[0] != "show" else [])]
        done = subprocess.run(command, cwd=self.directory, env=self.environment, capture_output=True, text=True)
        if (done.returncode != 0) is not fails:
            raise SystemExit(f"terraform {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def plan(self, *arguments: str, fails: bool = False) -> str:
        """Plan what is configured and return the plan as JSON."""
        self.terraform("plan", "-input=false", "-parallelism=1", "-out=tfplan", *arguments, fails=fails)
        return self.show("tfplan")

    def show(self, *arguments: str) -> str:
        """Return a saved plan, or the state, as JSON text without what differs from run to run."""
        text = self.terraform("show", "-json", *arguments)
        source = "".join(path.read_text() for path in self.directory.rglob("*.tf"))
        kept = TIMESTAMP.sub(lambda found: found[0] if found[0] in source else FIXED_TIME, text)
        for real, fixed in ((self.endpoint, "http://127.0.0.1"), (str(self.directory), ".")):
            kept = kept.replace(real, fixed)
        return kept


def normal(text: str) -> Any:
    """Return the document of a JSON text; the one list that Terraform leaves in random order is sorted."""
    document = json.loads(text)
    if "relevant_attributes" in document:
        document["relevant_attributes"].sort(key=json.dumps)
    return document


def pretty(text: str) -> str:
    """Return JSON text with one value a line, keys in their order."""
    return json.dumps(normal(text), indent=1, ensure_ascii=False) + "\n"


def compact(text: str) -> str:
    """Return JSON text on one line, as `terraform show -json` prints it."""
    return json.dumps(normal(text), separators=(",", ":"), ensure_ascii=False) + "\n"


def run_scenario(scenario: Scenario, sandbox: Sandbox) -> dict[str, str]:
    """Play one scenario; return its files by name."""
    files = {}
    if scenario.before is not None:
        sandbox.configure(scenario.folder / scenario.before)
        sandbox.terraform("apply", "-input=false", "-parallelism=1", "-auto-approve")
        if "state" in scenario.outputs:
            files["state.json"] = pretty(sandbox.show())
    for method, path, headers, body in scenario.requests:
        sandbox.request(method, path, headers, body)
    if "plan" in scenario.outputs:
        sandbox.configure(scenario.folder)
        files["plan.json"] = pretty(sandbox.plan(*scenario.arguments, fails=scenario.fails))
    return files


def run_case(path: Path, sandbox: Sandbox) -> dict[str, str]:
    """Plan one file of rules/, after what stands in before/ under its name; return its plan by name."""
    text = path.read_text()
    has_provider = 'provider "aws"' in text
    if text.startswith("# Provider 6:"):
        sandbox = replace(sandbox, wrapper=NEWER_PROVIDER)
    (sandbox.directory / "provider.tf").write_text(VERSIONS if has_provider else PROVIDER)
    before = path.parent / "before" / path.name
    if before.exists():
        shutil.copy(before, sandbox.directory)
        sandbox.terraform("apply", "-input=false", "-parallelism=1", "-auto-approve")
    shutil.copy(path, sandbox.directory)
    return {f"{path.stem}.plan.json": compact(sandbox.plan("-refresh=false"))}


def run_texts(sandbox: Sandbox) -> dict[str, str]:
    """Return what people save by mistake in place of the JSON of a plan."""
    sandbox.configure(FIXTURES / "plans/target")
    stream = sandbox.terraform("plan", "-json", "-input=false", "-parallelism=1", "-out=tfplan")
    first, *changes, last = TIMESTAMP.sub(FIXED_TIME, stream).splitlines(keepends=True)
    return {
        "log-stream.json": "".join([first, *sorted(changes), last]),  # changes come in random order
        "plan-text.txt": sandbox.terraform("show", "-no-color", "tfplan"),
    }


def as_opentofu(plan: str) -> str:
    """Return a plan of Terraform's as OpenTofu prints it: its registry, its version, fewer keys."""
    for theirs, ours in TOFU.items():
        plan = plan.replace(theirs, ours)
    document = {key: value for key, value in json.loads(plan).items() if key not in TOFU_LACKS}
    return pretty(json.dumps(document | {"terraform_version": "1.9.1"}))


def spoiled(plan: str) -> dict[str, bytes]:
    """Return the files of broken/ made from one good plan."""
    other_major = compact(json.dumps(json.loads(plan) | {"format_version": "2.0"}))
    plan = compact(plan)
    noise = "Initializing plugins and modules...\n"
    return {
        "truncated.json": plan[: len(plan) // 2].encode(),
        "utf-16-le-bom.json": b"\xff\xfe" + plan.encode("utf-16-le"),
        "utf-16-be-bom.json": b"\xfe\xff" + plan.encode("utf-16-be"),
        "utf-8-bom.json": b"\xef\xbb\xbf" + plan.encode(),
        "format-version-2.json": other_major.encode(),
        "noise-around.json": f"{noise}{plan}Releasing state lock.\n".encode(),
    }


@contextmanager
def moto_server() -> Iterator[str]:
    """Start moto on a free loopback port, yield its address, stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{endpoint}/moto-api/data.json", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            raise SystemExit("moto did not start: is moto[server] installed in this Python?")
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def environment(endpoint: str) -> dict[str, str]:
    """Return the environment for terraform: the caller's without its AWS and Terraform settings, pointed at moto."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "TF_")) or name in ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")
    }
    return kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }


@contextmanager
def sandboxes(count: int) -> Iterator[list[Sandbox]]:
    """Yield working directories that share one installed provider."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="iacscan-fixtures-")))
        made = []
        for number in range(count):
            endpoint = stack.enter_context(moto_server())
            directory = root / str(number)
            directory.mkdir()
            made.append(Sandbox(directory, endpoint, environment(endpoint)))
        first = made[0]
        (first.directory / "versions.tf").write_text(VERSIONS)
        first.terraform("init", "-input=false", "-backend=false")
        for sandbox in made[1:]:
            (sandbox.directory / ".terraform").mkdir()
            (sandbox.directory / ".terraform/providers").symlink_to(first.directory / ".terraform/providers")
            shutil.copy(first.directory / ".terraform.lock.hcl", sandbox.directory)
        yield made


Job = Callable[[Sandbox], dict[str, str]]


def terraform_jobs(wanted: Callable[[str], bool]) -> list[tuple[Path, Job]]:
    """Return what has to be run: the folder relative to fixtures/, and what makes files for it."""
    found: list[tuple[Path, Job]] = []
    for folder in sorted(path.parent for path in FIXTURES.glob("plans/*/main.tf")):
        if wanted(folder.relative_to(FIXTURES).as_posix()):
            found.append((folder.relative_to(FIXTURES), partial(run_scenario, Scenario.read(folder))))
    for path in sorted(FIXTURES.glob("rules/*/*.tf")):
        if wanted(path.relative_to(FIXTURES).as_posix()):
            found.append((path.parent.relative_to(FIXTURES), partial(run_case, path)))
    if wanted("broken"):
        found.append((Path("broken"), run_texts))
    return found


def run(found: list[tuple[Path, Job]], into: Path, workers: int) -> None:
    """Run jobs, a few at a time, each in a clean sandbox, and write what they make."""
    with sandboxes(min(workers, len(found))) as made, ThreadPoolExecutor(len(made)) as pool:
        free: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        for sandbox in made:
            free.put(sandbox)

        def work(job: Job) -> dict[str, str]:
            sandbox = free.get()
            try:
                sandbox.clean()
                return job(sandbox)
            finally:
                free.put(sandbox)

        results = pool.map(work, [job for _, job in found])
        for (folder, _), files in zip(found, results, strict=True):
            write(into / folder, {name: text.encode() for name, text in files.items()})


def derive(wanted: Callable[[str], bool], into: Path) -> None:
    """Write what is made from other plans, without running anything."""
    for path in sorted(FIXTURES.glob("plans/*/scenario.json")):
        scenario = Scenario.read(path.parent)
        folder = path.parent.relative_to(FIXTURES)
        if scenario.opentofu is not None and wanted(folder.as_posix()):
            plan = as_opentofu((path.parent / scenario.opentofu / "plan.json").read_text("utf-8"))
            write(into / folder, {"plan.json": plan.encode()})
    if wanted("broken"):
        write(into / "broken", spoiled((FIXTURES / "plans/target/plan.json").read_text("utf-8")))


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made where missing, and say so."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(folder / name)


def main(arguments: list[str]) -> None:
    """Regenerate what the command line names."""
    parser = argparse.ArgumentParser(description="Make the plans and states in fixtures/ again.")
    parser.add_argument("patterns", nargs="*", default=["*"], help="globs of paths below fixtures/, default all")
    parser.add_argument("--into", type=Path, default=FIXTURES, help="write here instead of fixtures/")
    parser.add_argument("--jobs", type=int, default=2, help="terraform runs at the same time (default 2)")
    options = parser.parse_args(arguments)

    def wanted(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in options.patterns)

    if found := terraform_jobs(wanted):
        run(found, options.into, options.jobs)
    derive(wanted, options.into)


if __name__ == "__main__":
    main(sys.argv[1:])
