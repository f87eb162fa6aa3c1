"""The command line: ``python -m checked_math FILE...``.

One line per statement, with its place, its verdict and the figures; 1 is returned if any fails.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from checked_math import __version__
from checked_math.pages import PageRecord, check_file


def main(arguments: list[str] | None = None) -> int:
    """Decide every statement of the files; return 0 if all hold.

    Parameters
    ----------
    arguments : list of str, optional
        The command line; that of the process if not given.
    """
    parser = argparse.ArgumentParser(prog="checked_math", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a MyST file")
    parser.add_argument("-q", "--quiet", action="store_true", help="print failures only")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    sys.path.insert(0, "")
    statements = failed = checked = 0
    for path in options.files:
        try:
            record = check_file(path)
        except (OSError, UnicodeDecodeError) as error:
            print(f"{path}: {error}")
            failed += 1
            continue
        failed += _print(path, record, quiet=options.quiet)
        statements += len(record.statements)
        checked += record.checked
    told = [
        f"{number} {one if number == 1 else many}"
        for number, one, many in [
            (statements, "piece of mathematics", "pieces of mathematics"),
            (checked, "statement holds", "statements hold"),
            (failed, "fault", "faults"),
        ]
    ]
    print(", ".join(told))
    return 1 if failed else 0


def _print(path: Path, record: PageRecord, *, quiet: bool) -> int:
    failed = 0
    for statement in record.statements:
        failed += not statement.ok
        if not statement.ok:
            print(statement.report)
        elif not quiet:
            source = " ".join(statement.source.split())
            print(
                f"{statement.path}:{statement.line}: {statement.word}: {source}"
                + (f"  ({statement.figures})" if statement.figures else "")
            )
    for line, message in record.findings:
        print(f"{path}:{line}: {message}")
    return failed + len(record.findings)


if __name__ == "__main__":
    sys.exit(main())
