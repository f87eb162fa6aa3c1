"""Compare the mutants that no test notices with the list of those that are known.

``make mutants`` lets mutmut change the code, one small change at a time, and run the tests that
reach the changed function. What survives must stand in ``tests/mutation/survivors.toml``, in a
group that says why, and of each package enough must be killed.

A survivor is known by its function and its change, ``package.module.function: was => becomes``, not
by mutmut's number, which moves with every edit.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

# What mutmut notes of a mutant that was killed, and by what. Pytest returns 1 when a test has
# failed; 24 is the signal of a used-up time limit.
TIMED_OUT = (-24, 24, 152)
KILLED = {1: "tests", 37: "mypy", **dict.fromkeys(TIMED_OUT, "the time limit")}


def read_results(folder: Path) -> dict[str, int]:
    """Read how the tests of each mutant ended.

    Parameters
    ----------
    folder : Path
        Where mutmut keeps what it did.

    Returns
    -------
    dict of str to int
        The exit status of the tests, by the mutant's name; without the mutants not tried.
    """
    results = {}
    for path in sorted(folder.rglob("*.py.meta")):
        results.update(json.loads(path.read_text("utf-8"))["exit_code_by_key"])
    return {name: status for name, status in results.items() if status is not None}


def function_of(mutant: str) -> str:
    """Return the dotted name of the function that a mutant changes.

    Examples
    --------
    >>> function_of("backprop.cost.x_mse__mutmut_3")
    'backprop.cost.mse'
    >>> function_of("checked_math.values.xǁFrameǁlocal__mutmut_12")
    'checked_math.values.Frame.local'
    """
    module, _, mangled = mutant.rpartition(".")
    name = mangled.rpartition("__mutmut_")[0].removeprefix("x").removeprefix("_")
    return f"{module}.{name.strip('ǁ').replace('ǁ', '.')}"


def change(mutant: str, diff: str) -> str:
    r"""Return what a mutant changes, in one line.

    Examples
    --------
    >>> change("m.x_f__mutmut_1", "--- a\n+++ b\n@@ -1 +1 @@\n-    x >= 0\n+    x > 0\n")
    'm.f: x >= 0 => x > 0'
    """
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (
        " ".join(" ".join(line[1:] for line in lines if line.startswith(sign)).split())
        for sign in "-+"
    )
    return f"{function_of(mutant)}: {was} => {becomes}"


def judge(
    results: dict[str, int],
    bars: dict[str, float],
    known: Iterable[str],
    change_of: Callable[[str], str],
) -> tuple[bool, list[str]]:
    r"""Say of each package how many of its mutants were killed, and whether that is enough.

    Parameters
    ----------
    results : dict of str to int
        The exit status of the tests of each mutant.
    bars : dict of str to float
        The least share of killed mutants, in percent, of each package.
    known : iterable of str
        The changes that may survive.
    change_of : callable
        Returns what a mutant changes.

    Returns
    -------
    tuple of bool and list of str
        Whether every share is reached and every survivor is known; the report.

    Examples
    --------
    >>> results = {"p.x_f__mutmut_1": 1, "p.x_f__mutmut_2": 0}
    >>> passed, report = judge(results, {"p": 50}, [], "change {}".format)
    >>> print(*report, sep="\n")
    not on the list: change p.x_f__mutmut_2
    p: 1 of 2 mutants killed (50.0 %, at least 50 %): 1 by tests; 1 survived, 0 of them known
    >>> passed
    False
    """
    known = set(known)
    by_package: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, status in results.items():
        by_package[name.partition(".")[0]][name] = status
    passed, report = bool(by_package), []
    for package, statuses in sorted(by_package.items()):
        by = Counter(KILLED[status] for status in statuses.values() if status in KILLED)
        survivors = [change_of(name) for name, s in statuses.items() if s not in KILLED]
        new = [survivor for survivor in survivors if survivor not in known]
        share = 100 * by.total() / len(statuses)
        passed = passed and not new and share >= bars[package]
        report += [f"not on the list: {survivor}" for survivor in new]
        report.append(
            f"{package}: {by.total()} of {len(statuses)} mutants killed ({share:.1f} %, at least "
            f"{bars[package]} %): {', '.join(f'{n} by {what}' for what, n in by.most_common())}; "
            f"{len(survivors)} survived, {len(survivors) - len(new)} of them known"
        )
    return passed, report


def main() -> int:
    """Judge the last run of mutmut; exit status 1 if too much, or something new, survived."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("survivors", type=Path, help="the list of known survivors, a TOML file")
    options = parser.parse_args()
    listed = tomllib.loads(options.survivors.read_text("utf-8"))
    folder = Path("mutants")

    # On a busy machine a mutant may run out of time for no fault of its own: it is tried again.
    late = [name for name, status in read_results(folder).items() if status in TIMED_OUT]
    if late:
        subprocess.run([sys.executable, "-m", "mutmut", "run", *late], check=True)

    passed, report = judge(
        read_results(folder),
        listed["bars"],
        (survivor for group in listed["group"] for survivor in group["survivors"]),
        lambda name: change(name, get_diff_for_mutant(name)),
    )
    print(*report, sep="\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
