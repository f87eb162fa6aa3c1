"""What a build does with faults, and what it leaves behind."""

import errno
import os
import re
import shutil
import subprocess
import sys

import pytest

CONF = """\
extensions = ["myst_nb", "book_build.kernels", "book_build.outputs", "book_build.freshness"]
nb_execution_mode = "force"
nb_execution_timeout = 4
suppress_warnings = ["mystnb.exec"]
"""
NOTEBOOK = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# Title\n\n"
CELL = NOTEBOOK + "```{code-cell} python\n%s\n```\n"


class Book:
    def __init__(self, root):
        self.root = root
        (root / "book").mkdir()
        (root / "src").mkdir()
        (root / "conf.py").write_text(CONF, "utf-8")
        (root / "pyproject.toml").write_text("", "utf-8")
        self.write("# Title\n\nGood.\n")

    def write(self, text, name="index.md"):
        content = text if isinstance(text, bytes) else text.encode()
        (self.root / "book" / name).write_bytes(content)

    def build(self, **settings):
        """Build it; give the exit status and what was told."""
        done = subprocess.run(
            [sys.executable, "-m", "book_build.build", "book", "_build"],
            cwd=self.root,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr + done.stdout

    def page(self, folder="html"):
        file = self.root / "_build" / folder / "index.html"
        return file.read_text("utf-8") if file.exists() else ""


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_a_book_with_faults_does_not_take_the_place_of_the_last_good_one(book):
    assert book.build() == (0, "")
    book.write("# Title\n\n{ref}`nowhere`\n")
    status, told = book.build()
    assert status == 1
    assert told.splitlines() == [
        "book/index.md:3: WARNING: undefined label: 'nowhere' "
        "(write (nowhere)= on a line above that heading) [ref.ref]",
        "The book has faults, listed above. With these faults it is at _build/failed. "
        "_build/html is as it was.",
    ]
    assert "Good." in book.page()
    assert "nowhere" in book.page("failed")
    book.write("# Title\n\nBetter.\n")
    assert book.build() == (0, "")
    assert "Better." in book.page()
    assert not book.page("failed")


def test_where_nothing_has_changed_nothing_is_done(book):
    book.build()
    before = (book.root / "_build/html").stat().st_ctime_ns
    book.build()
    assert (book.root / "_build/html").stat().st_ctime_ns == before
    book.build(BOOK_URL="https://example.org/")
    assert (book.root / "_build/html").stat().st_ctime_ns != before


def test_a_page_that_somebody_spoiled_is_written_again(book):
    book.build()
    good = book.page()
    (book.root / "_build/html/index.html").write_text("spoiled", "utf-8")
    assert book.build() == (0, "")
    assert book.page() == good


def test_a_page_is_shown_before_the_book_and_the_book_is_what_it_would_be(book):
    book.write("# Title\n\n```{toctree}\nother\n```\n")
    book.write("# Other\n\nOld, {ref}`nowhere`.\n", "other.md")
    book.build()
    book.write("# New title\n\nNew.\n", "other.md")
    code = "from book_build.build import preview as p; from pathlib import Path as P\n"
    code += "p(P('book'), P('_build'), [P('book/other.md').absolute()])"
    subprocess.run([sys.executable, "-c", code], cwd=book.root, check=True)
    assert "New." in (book.root / "_build/preview/other.html").read_text("utf-8")
    assert not book.page()
    assert book.build() == (0, "")
    made = {path.name: path.read_bytes() for path in (book.root / "_build/html").glob("*.*")}
    shutil.rmtree(book.root / "_build")
    book.build()
    assert made == {
        path.name: path.read_bytes() for path in (book.root / "_build/html").glob("*.*")
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"# Title\n\nCaf\xe9.\n", "book/index.md: line 3: this is not text in UTF-8 (byte 0xe9)"),
        (CELL % "x = 1\nimport os; os._exit(3)", "book/index.md:9: WARNING: this cell shows a failure:\nthis cell ended Python itself"),
        (CELL % "while True:\n    pass", "book/index.md:9: WARNING: this cell shows a failure:\nthis cell did not end within 4 seconds"),
        (CELL % "while True:\n    print('again' * 1000)", "this cell prints more than 1,000,000 characters"),
        (CELL % "x = 1\nx / 0", "book/index.md:10: WARNING: this cell shows a failure:"),
        ("---\nfile_format: [mystnb\n---\n# Title\n", "book/index.md"),
    ],
    ids=["not UTF-8", "ends Python", "endless", "prints without end", "raises", "front matter"],
)  # fmt: skip
def test_a_page_that_breaks_gets_a_message_with_its_place(book, text, told):
    book.build()
    book.write(text)
    for _ in range(2):  # and once more, until it is mended
        status, said = book.build()
        assert status == 1
        assert told in said
        assert "sphinx-doc" not in said
        assert "Please report" not in said
    book.write("# Title\n\nMended.\n")
    assert book.build() == (0, "")
    assert "Mended." in book.page()


def test_a_page_among_many_that_breaks_gets_the_same_message(book):
    pages = [f"page{number}" for number in range(12)]
    book.write("# Title\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n")
    for page in pages:
        book.write("# Page\n\nText.\n", f"{page}.md")
    book.write(b"# Page\n\nCaf\xe9.\n", "page7.md")
    status, said = book.build()
    assert status == 1
    assert said.startswith("book/page7.md: line 3: this is not text in UTF-8 (byte 0xe9)")
    assert "crash.txt" not in said


def test_a_full_disk_is_named(book, monkeypatch, capsys):
    monkeypatch.chdir(book.root)
    from book_build import build

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "index.html")

    monkeypatch.setattr(build.shutil, "rmtree", full)
    monkeypatch.setattr(sys, "argv", ["build", "book", "_build"])
    assert build.main() == 1
    assert "The disk is full: index.html could not be written." in capsys.readouterr().err


def test_two_builds_at_once_wait_for_each_other(book):
    command = [sys.executable, "-m", "book_build.build", "book", "_build"]
    both = [
        subprocess.Popen(command, cwd=book.root, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "Another build of this book is running." in "".join(said)
    assert "Good." in book.page()


# What an author writes, and what the line says to do about it.
MENDS = {
    "{ref}`thre`": "did you mean there? If not, write (thre)= on a line above that heading",
    "{ref}`bare`": "no heading follows that label, so say what to print: {ref}`text <bare>`",
    "{numref}`fig-no`": "give that figure or table the name: 'name: fig-no' in the options of its",
    "[](chaptr.md)": "did you mean chapter.md? If not, a link names a page of this folder as",
    "[words](#nolabel)": "a link names a page of this folder as page.md, or a label as #label",
    "{doc}`chaptr`": "did you mean chapter? If not, name a page of this folder, without .md",
    "{eq}`sqare`": "did you mean square? If not, give that formula the option ':label: sqare'",
    "{cite:t}`bel`": "did you mean bell? If not, add an entry of that name to references.bib",
    "{term}`gradent`": "did you mean gradient? If not, add it to glossary.md",
    "{glue}`answer`": 'a cell of this page has to call glue("answer", value, display=False)',
    "{trem}`gradient`": "did you mean term? If not, docs/writing.md lists the roles",
    "```{notee}\nx\n```": "did you mean note? If not, docs/writing.md lists the directives",
    "![A cat.](cat.png)": "the path starts at the folder of the page; see that the file is there",
    "```{toctree}\nchapter\nchaper\n```": "did you mean chapter? If not, write that page, or take",
}
WHOLE = """(bare)=

Text.

(there)=
## There

$$ x $$ (square)

```{glossary}
gradient
  The list of all slopes.
```

```{bibliography}
```
"""


def test_what_sphinx_says_without_a_mend_is_told_with_one(book):
    (book.root / "conf.py").write_text(
        CONF.replace('"myst_nb"', '"myst_nb", "sphinxcontrib.bibtex"')
        + 'myst_enable_extensions = ["dollarmath"]\nnumfig = True\n'
        + 'bibtex_bibfiles = ["book/references.bib"]\n',
        "utf-8",
    )
    book.write("@book{bell, author={Bell}, title={Men}, year={1937}}\n", "references.bib")
    book.write("# Chapter\n", "chapter.md")
    book.write("# Lost\n", "lost.md")
    text, lines = NOTEBOOK.replace("# Title", "\n# Title") + f"{WHOLE}\n", {}
    for mistake in MENDS:
        lines[mistake] = text.count("\n") + 1
        text += f"{mistake}\n\n"
    book.write(text)
    status, told = book.build()
    assert status == 1
    faults = told.splitlines()
    assert len(faults) == len(MENDS) + 2, told
    (lost,) = [line for line in faults if line.startswith("book/lost.md: ")]
    assert "(add its name to a toctree of index.md, or write 'orphan: true'" in lost
    for mistake, mend in MENDS.items():
        place = rf"book/index\.md:{lines[mistake]}: \w+: .*\({re.escape(mend)}.*\) \[[\w.-]+\]"
        assert [line for line in faults if re.match(place, line)], f"{place}\n{told}"
