"""The phrases of words.toml stand nowhere: not in pages, messages, docstrings or instructions."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS = tomllib.loads((ROOT / "tests" / "words.toml").read_text("utf-8"))["word"]
FILES = sorted(
    [
        *ROOT.glob("book/*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("src/**/*.py"),
        *ROOT.glob("*.md"),
        ROOT / "Makefile",
        ROOT / "conf.py",
    ]
)


def found(text, word):
    """Lines on which a phrase begins."""
    pattern = r"\b" + word["phrase"].replace(" ", r"[\s#]+") + r"\b"
    return [
        text.count("\n", 0, match.start()) + 1
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_plain_words(path):
    text = path.read_text("utf-8")
    if path.name == "CONTRIBUTING.md":  # which lists some of them
        text = text.partition("### Words")[0]
    faults = [
        f"{path.relative_to(ROOT)}:{line}: {word['phrase']!r}: say {word['plain']!r} ({word['reason']})"
        for word in WORDS
        for line in found(text, word)
    ]
    assert not faults, "\n".join(faults)


COUNTS = tomllib.loads((ROOT / "book" / "counts.toml").read_text("utf-8"))["allowed"]


@pytest.mark.parametrize("entry", COUNTS, ids=lambda entry: entry["phrase"])
def test_a_count_that_may_be_typed_stands_on_a_page(entry):
    pages = [path.read_text("utf-8").lower() for path in ROOT.glob("book/*.md")]
    assert any(entry["phrase"].lower() in page for page in pages)


def test_a_phrase_is_found_across_lines_and_inside_of_no_word():
    word = {"phrase": "held against"}
    assert found("It is\nheld\nagainst it; upheld against", word) == [2]
    assert found("# held\n# against", word) == [1]
