"""The settings of a project: ``.iacscan.yaml``, or ``[tool.iacscan]`` of a ``pyproject.toml``."""
