import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("myst_parser")
from apart import build

ROOTS = Path(__file__).parent / "roots"


class Book:
    """A tiny book in its own folder."""

    def __init__(self, name, folder):
        self.source = folder / "source"
        self.output = folder / "output"
        self.shown = folder / "shown.txt"
        shutil.copytree(
            ROOTS / f"test-{name}", self.source, ignore=shutil.ignore_patterns("__pycache__")
        )

    def arguments(self, *options):
        return ["-b", "html", *options, str(self.source), str(self.output)]

    def build(self, *options):
        """Build; give the exit code and what the author sees."""
        return build(self.arguments("-q", *options), self.shown)

    def page(self, name):
        return (self.output / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path):
    return lambda name: Book(name, tmp_path)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_clean_book_is_built_without_a_word(book, jobs):
    clean = book("clean")
    command = [sys.executable, "-m", "sphinx", *clean.arguments("-q", "-W", "-j", jobs)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    index = clean.page("index")
    assert '<details class="checked-math-mark checked-math"><summary title="checked">' in index
    assert "toycode.mse(p, y) agree at 160 random points" in index
    assert "There are 7 statements" in index
    assert 'href="#equation-mse"' in index
    assert index.count(r"\(p \in \mathbb{R}^{n}\)") == 1
    formula, where, slope = (
        index.index(part) for part in (r"\frac{1}{n} \sum", "<p>where</p>", r"\frac{2}{n}")
    )
    assert formula < where < index.index(r"\(p \in \mathbb{R}^{n}\)") < slope
    line = index.index('<div class="checked-math-line">')
    assert line < formula < index.index('<details class="checked-math-mark checked-math">') < where
    checks = clean.page("checks")
    assert checks.count("<td><p>holds</p></td>") == 7
    assert "mathjax" in checks.lower()


def test_failures_are_reported_in_every_build_until_they_are_mended(book):
    broken = book("broken")
    index = broken.source / "index.md"
    for jobs in ("1", "2"):
        code, shown = broken.build("-j", jobs)
        assert code == 1  # without -W too
        assert f"{index}:13: ERROR: the two sides differ" in shown
        assert f"{index}:16: ERROR: the number 0.25" in shown
        assert "not checked: a = a is not in this file" in shown
    text = index.read_text(encoding="utf-8")
    text = text.replace("a^2 + b^2", "a^2 + 2 a b + b^2").replace("0.25", "a quarter")
    index.write_text(text.partition("```{include}")[0], encoding="utf-8")
    assert broken.build("-W") == (0, "")


def test_a_change_of_the_tied_code_is_noticed(book):
    tied = book("tied")
    assert tied.build("-W") == (0, "")
    code = tied.source / "toycode.py"
    code.write_text(code.read_text(encoding="utf-8").replace("mean()", "sum()"), encoding="utf-8")
    code, shown = tied.build("-W")
    assert code == 1
    assert "the formula and toycode.mse differ" in shown
    assert "other.md" not in shown


def test_what_did_not_change_is_not_checked_again(book):
    clean = book("clean")
    assert clean.build("-W") == (0, "")
    code, shown = build(clean.arguments("-W"), clean.shown)
    assert code == 0
    assert "0 added, 0 changed, 0 removed" in shown
    before = clean.page("checks")
    gradients = clean.source / "gradients.md"
    gradients.write_text(
        gradients.read_text(encoding="utf-8") + "\nAnd $1 + 1 = 2$.\n", encoding="utf-8"
    )
    assert clean.build("-W") == (0, "")
    assert (
        clean.page("checks").count("<td><p>holds</p></td>")
        == before.count("<td><p>holds</p></td>") + 1
    )
    assert "There are 8 statements" in clean.page("index")


@pytest.mark.parametrize(
    ("option", "title", "word"),
    [
        (":witness: np.square(z)", "checked", "holds"),
        ("", "a definition: read, but compared with nothing", "definition"),
        (":unchecked: an example", "unchecked", "unchecked"),
    ],
)
def test_only_what_was_compared_is_marked_as_checked(book, option, title, word):
    clean = book("clean")
    gradients = clean.source / "gradients.md"
    definition = f"\n```{{formula}}\n:defines: q\n{option}\n\nq = z^2\n```\n"
    gradients.write_text(
        gradients.read_text("utf-8").partition("The slope")[0] + definition, "utf-8"
    )
    assert clean.build("-W") == (0, "")
    marks = re.findall(
        r'<details class="([^"]*)"><summary title="([^"]*)">', clean.page("gradients")
    )
    assert [mark[1] for mark in marks] == [title]
    assert ("checked-math" in marks[0][0].split()) == (title == "checked")
    assert f"<td><p>{word}</p></td>" in clean.page("checks")


def test_translators_are_offered_meanings_and_no_formulas(book):
    clean = book("clean")
    assert clean.build("-b", "gettext") == (0, "")
    offered = (clean.output / "index.pot").read_text(encoding="utf-8")
    assert "number of examples" in offered
    assert "the predictions, from $n$ examples" in offered
    for formula in (r"\\frac{1}{n}", r"\\mathbb{N}", r"\\partial"):
        assert formula not in offered


SHOWN = re.compile(r"<p>where</p>|symbols met before|<dt>.*?</dt>|math-line", re.DOTALL)


def test_a_letter_stands_where_it_is_new_and_is_folded_where_it_was_met(book):
    clean = book("clean")
    (clean.source / "gradients.md").write_text(
        "# Gradients\n\n"
        "```{symbols}\n"
        "$n \\in \\mathbb{N}$ : number of examples\n"
        "$a \\in \\mathbb{R}^{n}$ : a list\n"
        "$y \\in \\mathbb{R}^{n}$ : another list\n"
        "$t > 0$ : in no formula\n"
        "```\n\n"
        "Words.\n\n$$\na + a = 2 a\n$$\n\n$$\ny - y = 0\n$$\n\n## A section\n\n"
        "```{symbols}\n$a \\in \\mathbb{R}^{n}$ : a list\n$y > 0$ : a number\n```\n\n"
        "$$\na + y = y + a\n$$\n\n## Without a formula\n\n"
        "```{symbols}\n$a \\in \\mathbb{R}^{n}$ : a list\n```\n",
        encoding="utf-8",
    )
    assert clean.build("-W") == (0, "")
    shown = [re.sub(r"<[^>]+>", "", part) for part in SHOWN.findall(clean.page("gradients"))]
    assert shown == [
        "math-line",
        "where",
        r"\(a \in \mathbb{R}^{n}\)",
        r"\(t &gt; 0\)",
        "symbols met before",  # on the page before
        r"\(n \in \mathbb{N}\)",
        "math-line",
        "where",
        r"\(y \in \mathbb{R}^{n}\)",
        "math-line",
        "where",
        r"\(y &gt; 0\)",
        "symbols met before",
        r"\(a \in \mathbb{R}^{n}\)",
        r"\(a \in \mathbb{R}^{n}\)",
    ]
    # What is new on a page changes with the pages before it.
    index = clean.source / "index.md"
    text = index.read_text(encoding="utf-8").replace(": number of examples", ": how many")
    index.write_text(text, encoding="utf-8")
    assert clean.build("-W") == (0, "")
    later = [re.sub(r"<[^>]+>", "", part) for part in SHOWN.findall(clean.page("gradients"))]
    assert later[:5] == ["math-line", "where", r"\(n \in \mathbb{N}\)", shown[2], shown[3]]
