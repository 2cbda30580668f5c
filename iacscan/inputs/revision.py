"""The source as it was at a git revision, in a directory of its own; the work tree and the index stay as they are.

Read with ``git ls-tree`` and ``git cat-file``, so that no filter, hook or attribute of the repository runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from iacscan.terraform.file_names import SUFFIXES

MAX_SIZE = 4 << 20
"""Files larger than this are no source: they are left out."""

BATCH = 64 << 20
"""Bytes asked of git at a time."""

_SKIPPED = frozenset({".git", "node_modules", "__pycache__", "providers"})
_HOOK_VARIABLES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
"""What git tells its hooks; it would have every command look at that repository, as seen from elsewhere."""

_DATA = frozenset({".json", ".yaml", ".yml", ".tpl", ".tftpl", ".tfvars", ".toml", ".csv", ".txt"})
"""Files that source may read from anywhere; others only from the folder of a module or below it."""

_LINK, _SUBMODULE = b"120000", b"160000"


class RevisionError(ValueError):
    """The revision cannot be read: one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Revision:
    """``tree`` holds the files of the repository at ``top`` as they were."""

    top: Path
    tree: Path

    def path(self, path: str) -> Path:
        """Where the ``path`` of the work tree is in ``tree``; it may not exist. Raises :class:`RevisionError`."""
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(self.top):
            raise RevisionError(
                f"{path} is not in the git repository {self.top}, so there is no earlier revision of it"
            )
        return self.tree / real.relative_to(self.top)

    def file(self, path: str) -> str:
        """``path`` as it was, where git knew it then; itself where it did not."""
        real = Path(os.path.realpath(path))
        there = self.tree / real.relative_to(self.top) if real.is_relative_to(self.top) else real
        return str(there if there.exists() else real)

    def root(self, path: str) -> str:
        """``path`` as seen from the root of the repository, be it in the work tree or in ``tree``."""
        real = Path(os.path.realpath(path))
        base = self.tree if real.is_relative_to(self.tree) else self.top
        return os.path.relpath(real, base).replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file, or with mode :data:`_SUBMODULE` a commit of another repository."""

    path: PurePosixPath
    id: str
    size: int
    mode: bytes


@contextmanager
def revision(ref: str, start: Path) -> Iterator[Revision]:
    """The files at ``ref`` of the repository that ``start`` is in, until the context ends.

    What git does not track is taken from the work tree where the source needs it: modules that
    ``terraform init`` has fetched, and variable files that are ignored. Raises :class:`RevisionError`.
    """
    directory = start if start.is_dir() else start.parent
    top = Path(os.path.realpath(_git(directory, "rev-parse", "--show-toplevel").decode().rstrip("\n")))
    commit = _commit(directory, ref)
    with tempfile.TemporaryDirectory(prefix="iacscan-") as name:
        tree = Path(os.path.realpath(name))
        (tree / ".git").touch()  # files are read up to the root of a repository: let this look like one
        if commit is not None:
            _write(top, tree, commit)
        _add_untracked(top, tree)
        yield Revision(top, tree)


def _commit(directory: Path, ref: str) -> str | None:
    """The id of the commit; ``None`` for the HEAD of a repository that has no commit yet, where all is new."""
    try:
        found = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except RevisionError:
        if ref == "HEAD":
            return None
        hint = "fetch it first (in a shallow clone: git fetch --depth=1 origin REF)"
        raise RevisionError(f"there is no revision {ref!r} in this repository; {hint}") from None
    return found.decode().strip()


def _git(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(directory), *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    try:
        done = subprocess.run(command, input=stdin, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error.strerror or error}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RevisionError(f"git {arguments[0]}: {lines[-1] if lines else f'exit code {done.returncode}'}")
    return done.stdout


def _write(top: Path, tree: Path, commit: str) -> None:
    """The files of ``commit`` in ``tree``, and those of the submodules that are checked out."""
    entries = _that_matter(
        [entry for entry in _entries(top, commit) if entry.size <= MAX_SIZE and _is_safe(entry.path)]
    )
    links: list[tuple[Path, str]] = []
    for batch in _batches([entry for entry in entries if entry.mode != _SUBMODULE]):
        for entry, data in zip(batch, _contents(top, batch), strict=True):
            target = tree / entry.path
            if entry.mode == _LINK:
                links.append((target, data.decode("utf-8", "surrogateescape")))
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    for place, to in links:  # after all files, so that none is written through a link
        _link(tree, place, to)
    for entry in entries:
        if entry.mode == _SUBMODULE and (top / entry.path / ".git").exists():
            with suppress(RevisionError):  # a commit that was never fetched: its files are missing, and that is said
                _write(top / entry.path, tree / entry.path, entry.id)


def _entries(top: Path, commit: str) -> Iterator[_Entry]:
    listed = _git(top, "ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    for line in listed.split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, _, id_, size = facts.split()
            yield _Entry(PurePosixPath(os.fsdecode(path)), id_.decode(), int(size) if size != b"-" else 0, mode)


def _that_matter(entries: Sequence[_Entry]) -> list[_Entry]:
    """Without what Terraform source does not read: the programs of a repository that holds more than source."""
    homes = {entry.path.parent for entry in entries if entry.path.name.endswith(SUFFIXES)}

    def matters(entry: _Entry) -> bool:
        special = entry.mode in (_LINK, _SUBMODULE)
        return special or entry.path.suffix in _DATA or any(folder in homes for folder in entry.path.parents)

    return list(filter(matters, entries))


def _is_safe(path: PurePosixPath) -> bool:
    return not path.is_absolute() and not {"..", ".git"} & {part.lower() for part in path.parts}


def _batches(blobs: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    batch: list[_Entry] = []
    total = 0
    for blob in blobs:
        batch.append(blob)
        total += blob.size
        if total > BATCH:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _contents(top: Path, blobs: Sequence[_Entry]) -> Iterator[bytes]:
    """The contents, in order; each comes as ``id type size``, a line feed, the bytes, and a line feed."""
    stdin = "".join(f"{blob.id}\n" for blob in blobs).encode()
    data = _git(top, "cat-file", "--batch", stdin=stdin)
    at = 0
    for blob in blobs:
        at = data.index(b"\n", at) + 1
        yield data[at : at + blob.size]
        at += blob.size + 1


def _link(tree: Path, place: Path, to: str) -> None:
    """A symbolic link, if it stays inside ``tree``."""
    target = Path(os.path.normpath(place.parent / to))
    if target.is_relative_to(tree) and not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(to)


def _add_untracked(top: Path, tree: Path) -> None:
    ignored = ("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", "*.tfvars", "*.tfvars.json")
    for name in _git(top, *ignored).split(b"\0"):
        path = os.fsdecode(name)
        if path and not path.endswith("/"):
            _copy(top / path, tree / path)
    for current, directories, _ in os.walk(top):
        directories[:] = [each for each in directories if each not in _SKIPPED]
        if Path(current).name == ".terraform":
            place = tree / Path(current).relative_to(top)
            if place.parent.is_dir() and not place.exists():
                modules = Path(current, "modules")
                if modules.is_dir():
                    shutil.copytree(modules, place / "modules", ignore=shutil.ignore_patterns(".git"), symlinks=True)
                place.mkdir(exist_ok=True)
                _copy(Path(current, "environment"), place / "environment")  # the workspace that was selected
            directories.clear()


def _copy(source: Path, target: Path) -> None:
    if target.parent.is_dir() and source.is_file() and not target.exists():
        shutil.copyfile(source, target)
