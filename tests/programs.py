"""Programs that development dependencies install beside the Python that runs the tests."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def program(name: str) -> str:
    """The path of the program ``name``; fails where it is not installed."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    found = shutil.which(name, path=path)
    assert found is not None, f"{name} is not installed: pip install -e '.[dev]'"
    return found
