"""Build the book twice, elsewhere and at another time, and compare the results byte for byte.

``make reproducible`` runs this. The second build differs from the first in its folder (with a space
and an umlaut in its name), hash seed, time zone, language and, where the program ``faketime`` is
installed, its year. The first file that differs is named, with the place where it does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("book", "src", "conf.py", "pyproject.toml")
ODD = {"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "COLUMNS": "30"}


def build(folder, settings, before=()):
    """Build a copy of the sources in a folder; give the folder of the pages."""
    for name in SOURCES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), **settings}
    command = [*before, sys.executable, "-m", "book_build.build", "book", "_build"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return folder / "_build/html"


def difference(first, second):
    """Say where two folders differ first, or nothing."""
    files = {
        path.relative_to(folder)
        for folder in (first, second)
        for path in folder.rglob("*")
        if path.is_file()
    }
    for name in sorted(files):
        one, other = first / name, second / name
        if not (one.exists() and other.exists()):
            return f"{name} is in one of the two books only"
        a, b = one.read_bytes(), other.read_bytes()
        if a != b:
            pairs = zip(a, b, strict=False)
            place = next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
            start = max(0, place - 40)
            return (
                f"{name} differs at byte {place}:\n"
                f"  {a[start : place + 60]!r}\n  {b[start : place + 60]!r}"
            )
    return ""


def main():
    """Build twice and compare."""
    faketime = shutil.which("faketime")
    if not faketime:
        print("faketime is not installed: both builds take place in this year.")
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, "here"), Path(folder, "an other plåce")
        here.mkdir()
        there.mkdir()
        first = build(here, {"PYTHONHASHSEED": "1", "TZ": "UTC"})
        second = build(there, ODD, [faketime, "2031-03-07 08:09:10"] if faketime else [])
        told = difference(first, second)
        count = sum(path.is_file() for path in first.rglob("*"))
    if told:
        sys.exit(f"The same sources gave two books. {told}")
    print(f"The same sources gave the same book: {count} files, no byte differs.")


if __name__ == "__main__":
    main()
