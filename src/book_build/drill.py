"""Show that the checks bite: put errors into a copy of the book, and see that each is caught.

``tests/drill/faults.toml`` lists errors of the kinds that real books contain, each as a change of
one file. The drill copies the repository, puts the errors in one at a time, and runs the cheapest
gate that should catch each. A fault counts as caught when the gate fails, and as named when the
gate's report gives the file and a line of the very block (formula, cell, paragraph, function) that
was changed.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

COPIED = (
    ".github",
    "book",
    "src",
    "tests",
    "conf.py",
    "pyproject.toml",
    "CONTRIBUTING.md",
    "README.md",
)


@dataclass(frozen=True)
class Fault:
    """An error to put into the book.

    Attributes
    ----------
    kind : str
        The class of errors that it belongs to.
    file : str
        The file that it is put into, from the root of the repository.
    find, put : str
        What stands there, exactly once, and what is put in its place.
    gate : str
        The gate that should catch it: a key of `GATES`.
    quick : bool
        Whether it belongs to the small part that every test run carries out.
    """

    kind: str
    file: str
    find: str
    put: str
    gate: str
    quick: bool = False


GATES = {
    "mathematics": "{python} -m checked_math {file}",
    "doctest": "{python} -m pytest -q --no-header -p no:cacheprovider {file}",
    "instructions": "{python} -m pytest -q --no-header -p no:cacheprovider "
    "tests/test_instructions.py",
    "build": "{python} -m sphinx -c . -d _build/doctrees -W --keep-going -q book _build/html",
}


def read_faults(path: Path) -> list[Fault]:
    """Read the list of errors.

    Parameters
    ----------
    path : Path
        A TOML file with a table ``[[fault]]`` for each.

    Returns
    -------
    list of Fault
    """
    return [Fault(**table) for table in tomllib.loads(path.read_text("utf-8"))["fault"]]


def block_of(text: str, place: int, suffix: str) -> range:
    r"""Lines of the block that a place of a file lies in.

    Parameters
    ----------
    text : str
        The file.
    place : int
        A position in it.
    suffix : str
        The end of its name. In Python a block is a function or class; elsewhere an outermost
        fenced block, or what stands between two empty lines.

    Returns
    -------
    range
        Line numbers, from 1.

    Examples
    --------
    >>> block_of("# Title\n\n```{math}\na = b\n```\n", 20, ".md")
    range(3, 6)
    >>> block_of("x = 1\n\ndef f():\n    return x\n", 20, ".py")
    range(3, 5)
    """
    line = text.count("\n", 0, place) + 1
    lines = text.splitlines()
    if suffix == ".py":
        for node in ast.parse(text).body:
            if node.lineno <= line <= (node.end_lineno or 0):
                return range(node.lineno, (node.end_lineno or 0) + 1)
    fences: list[int] = []
    for number, content in enumerate(lines, start=1):
        if re.match(r"```+\s*$", content) and fences:
            start = fences.pop()
            if not fences and start <= line <= number:
                return range(start, number + 1)
        elif content.startswith("```"):
            fences.append(number)
    start, end = line, line
    while start > 1 and lines[start - 2].strip():
        start -= 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return range(start, end + 1)


def named(report: str, file: str, block: range) -> bool:
    """Whether a report gives a file and a line of a block.

    Parameters
    ----------
    report : str
        What a gate printed.
    file : str
        The file, from the root of the repository.
    block : range
        The lines that count.

    Returns
    -------
    bool

    Examples
    --------
    >>> named("/tmp/copy/book/cost.md:41: the two sides differ", "book/cost.md", range(38, 45))
    True
    """
    places = re.findall(re.escape(file) + r":(\d+)", report)
    return any(int(line) in block for line in places)


class Drill:
    """A copy of the repository in which errors are put in and taken out again.

    Parameters
    ----------
    root : Path
        The repository.
    folder : Path
        Where the copy goes.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.copy = folder / "copy"
        self.built = folder / "built"
        self.copy.mkdir()
        for name in COPIED:
            if (root / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
                shutil.copytree(root / name, self.copy / name, ignore=ignored)
            else:
                shutil.copy2(root / name, self.copy / name)

    def run(self, gate: str, file: str) -> tuple[bool, str]:
        """Run a gate in the copy.

        Parameters
        ----------
        gate : str
            A key of `GATES`.
        file : str
            The file that the gate should look at.

        Returns
        -------
        tuple of bool and str
            Whether it passed, and what it printed.
        """
        # Parted first: a folder's name may have spaces.
        words = [word.format(python=sys.executable, file=file) for word in GATES[gate].split()]
        # The copy's own packages, not the installed ones; and nothing for browsers, which no gate
        # here looks at.
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.copy / "src"),
            "COLUMNS": "200",
            "LIVE": "0",
        }
        result = subprocess.run(
            words,
            cwd=self.copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return result.returncode == 0, result.stdout + result.stderr

    def try_fault(self, fault: Fault) -> tuple[bool, bool, str]:
        """Put an error in, run its gate, and take it out again.

        Parameters
        ----------
        fault : Fault
            The error.

        Returns
        -------
        tuple of bool, bool and str
            Whether it was caught, whether file and line were named, and the report.

        Raises
        ------
        ValueError
            If what the error replaces does not stand in the file exactly once.
        """
        path = self.copy / fault.file
        text = path.read_text("utf-8")
        if text.count(fault.find) != 1:
            raise ValueError(
                f"{fault.file}: {fault.find!r} stands there {text.count(fault.find)} times"
            )
        if fault.gate == "build":
            self.restore_build()
        place = text.index(fault.find)
        path.write_text(text.replace(fault.find, fault.put), encoding="utf-8")
        try:
            passed, report = self.run(fault.gate, fault.file)
        finally:
            path.write_text(text, encoding="utf-8")
        block = block_of(text, place, path.suffix)
        return not passed, named(report, fault.file, block), report

    def restore_build(self) -> None:
        """Bring back the build of the book without errors, making it at the first call."""
        if not self.built.exists():
            passed, report = self.run("build", "book")
            if not passed:
                raise ValueError(f"the book without errors does not build:\n{report}")
            shutil.copytree(self.copy / "_build", self.built)
        shutil.rmtree(self.copy / "_build")
        shutil.copytree(self.built, self.copy / "_build")


def drill(root: Path, faults: Iterable[Fault]) -> bool:
    """Put in every error, print a table, and say whether all were caught and named.

    Parameters
    ----------
    root : Path
        The repository.
    faults : iterable of Fault
        The errors.

    Returns
    -------
    bool
    """
    total = caught_count = named_count = 0
    row = "{:24} {:28} {:12} {:7} {:6} {}"
    print(row.format("class", "put into", "gate", "caught", "named", "change"))
    with tempfile.TemporaryDirectory() as folder:
        exercise_ground = Drill(root, Path(folder))
        for fault in faults:
            caught, place_named, report = exercise_ground.try_fault(fault)
            total += 1
            caught_count += caught
            named_count += caught and place_named
            change = " ".join(f"{fault.find} -> {fault.put}".split())[:90]
            answers = ("yes" if caught else "NO", "yes" if place_named else "NO")
            print(row.format(fault.kind, fault.file, fault.gate, *answers, change), flush=True)
            if not (caught and place_named):
                print("    " + "\n    ".join(report.strip().splitlines()[-12:]))
    print(f"{total} errors put in, {caught_count} caught, {named_count} named with file and line")
    return total == caught_count == named_count


def main() -> int:
    """Run the drill from the command line; exit status 1 if an error slipped through."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", type=Path, help="the list of errors, a TOML file")
    parser.add_argument("--kind", action="append", help="only the errors of this class, or these")
    options = parser.parse_args()
    chosen = [f for f in read_faults(options.faults) if f.kind in (options.kind or [f.kind])]
    return 0 if drill(Path.cwd(), chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
