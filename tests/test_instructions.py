"""No version or count in README, CONTRIBUTING or the preface can grow old: something else says it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OLDEST = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
TRIED = re.search(
    r'^ +python: \["([\d.]+)", .*"([\d.]+)"\]$',
    (ROOT / ".github/workflows/ci.yml").read_text("utf-8"),
    re.MULTILINE,
).groups()
BARS = tomllib.loads((ROOT / "tests/mutation/survivors.toml").read_text("utf-8"))["bars"]

HELD = [
    ("README.md", r"Python (\S+) or newer", OLDEST.removeprefix(">=")),
    ("book/preface.md", r"Python (\S+) or newer", OLDEST.removeprefix(">=")),
    ("CONTRIBUTING.md", r"Python (\S+) to \S+", TRIED[0]),
    ("CONTRIBUTING.md", r"Python \S+ to (\d\.\d+)", TRIED[1]),
    ("CONTRIBUTING.md", r"(\d+) % must", str(BARS["backprop"])),
    ("CONTRIBUTING.md", r"(\d+) % by", str(BARS["checked_math"])),
]
# What a run gave is told by the run; how many chapters there are, by the cover.
OLD = (
    r"\b\d[\d,.]* (?:passed|tests|s|seconds|minutes|caught|killed|formulas|chapters)\b"
    r"|\b\d+ of \d+|\b(?:three|four|five|six|seven) chapters\b"
)


def line_of(text, place):
    return text.count("\n", 0, place) + 1


@pytest.mark.parametrize(("file", "pattern", "right"), HELD)
def test_it_says_what_the_project_says(file, pattern, right):
    text = (ROOT / file).read_text("utf-8")
    found = list(re.finditer(pattern, text))
    assert found, f"{file} no longer has {pattern!r}"
    for match in found:
        place = f"{file}:{line_of(text, match.start())}"
        assert match[1] == right, f"{place}: it says {match[1]}, and should say {right}"


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md"])
def test_nothing_that_grows_old_is_typed(file):
    text = (ROOT / file).read_text("utf-8")
    for match in re.finditer(OLD, text):
        place = f"{file}:{line_of(text, match.start())}"
        raise AssertionError(f"{place}: {match[0]!r} will grow old: leave it out")
