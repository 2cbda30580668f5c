"""``python -m iacscan``."""

from iacscan.cli import main

main(prog_name="iacscan")
