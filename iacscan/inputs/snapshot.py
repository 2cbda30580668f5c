"""The configuration that a saved plan carries: ``tfconfig/`` in its zip, every module included.

``tfconfig/modules.json`` lists the modules with the directories that they were read from, and
``tfconfig/m-<key>/`` holds the files of each. A plan comes from outside: reading it is bounded.
"""

from __future__ import annotations

import io
import json
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MAX_FILES = 20_000
MAX_TOTAL = 128 << 20
"""Bytes of text, after unpacking."""

_MANIFEST = "tfconfig/modules.json"
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, OSError, RuntimeError)
"""What zipfile raises for a damaged archive, a compression that it does not know or a password, and what its
contents raise where they are not as Terraform writes them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a configuration by their path below the directory that terraform ran in."""

    files: Mapping[str, str]

    def names(self, directory: str) -> Iterable[str]:
        """The names of the files in ``directory``."""
        return [posixpath.basename(path) for path in self.files if posixpath.dirname(path) == directory]


class SnapshotError(ValueError):
    """The configuration inside a saved plan cannot be read: one sentence that says why."""


def read_snapshot(data: bytes) -> Snapshot | None:
    """The configuration inside a saved plan; ``None`` where it carries none.

    Raises :class:`SnapshotError` where what it carries is damaged, or more than is read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if _MANIFEST not in archive.namelist():
                return None
            total = sum(entry.file_size for entry in entries if entry.filename.startswith("tfconfig/"))
            if len(entries) > MAX_FILES or total > MAX_TOTAL:
                raise SnapshotError("it is too large to be read")
            modules = json.loads(archive.read(_MANIFEST))
            texts = {
                entry.filename: archive.read(entry) for entry in entries if entry.filename.startswith("tfconfig/m-")
            }
        return Snapshot(_laid_out(modules, texts))
    except SnapshotError:
        raise
    except _DAMAGE:
        raise SnapshotError("it is damaged") from None


def _laid_out(modules: list[dict[str, Any]], texts: Mapping[str, bytes]) -> dict[str, str]:
    """The files where they were read from, and the manifest that ``terraform init`` leaves beside them."""
    directories = {str(module["Key"]): str(module["Dir"]).replace("\\", "/") for module in modules}
    files: dict[str, str] = {}
    for name, content in texts.items():
        folder, _, base = name.removeprefix("tfconfig/m-").partition("/")
        directory = directories.get(folder)
        if directory is not None and base and not PurePosixPath(directory).is_absolute():
            files[posixpath.normpath(posixpath.join(directory, base))] = content.decode("utf-8", "replace")
    files[".terraform/modules/modules.json"] = json.dumps({"Modules": modules})
    return files


def exists_below(snapshot: Snapshot, base: Path) -> bool:
    """Whether the snapshot's own files lie below ``base`` on this disk, too."""
    return any((base / name).is_file() for name in snapshot.files if not name.startswith(".terraform/"))
