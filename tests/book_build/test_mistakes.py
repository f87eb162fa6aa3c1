"""Each ordinary mistake of an author gives one line: place, fault, and nothing else."""

import pytest

HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n\n# Title\n\nText.\n\n"
CELL = "```{code-cell} python\n1\n```\n"
EXERCISE = """\
````{exercise} doubling
Double it.

```{starter}
def double(x): ...
```
```{checks}
assert double(4) == 8, "Twice 4 is 8."
```
```{solution}
def double(x):
    return x + x
```
````
"""

# What an author writes from line 11 on, and the one line that the build prints.
MISTAKES = {
    "undefined label": ("See {ref}`nowhere`.", "undefined label: 'nowhere'"),
    "unknown equation": ("See {eq}`nowhere`.", "equation not found: nowhere"),
    "unknown figure": ("See {numref}`nowhere`.", "undefined label: 'nowhere'"),
    "unknown page": ("See {doc}`nowhere`.", "unknown document: 'nowhere'"),
    "unknown citation": ("See {cite:t}`nobody`.", 'could not find bibtex key "nobody"'),
    "unknown term": ("A {term}`nothing`.", "term not in glossary: 'nothing'"),
    "unknown key of glue": ("It is {glue}`nothing`.", "No key 'nothing' found in glue data"),
    "misspelt role": ("See {reff}`x`.", 'Unknown interpreted text role "reff"'),
    "misspelt directive": ("```{notee}\nx\n```", "Unknown directive type: 'notee'"),
    "missing figure": ("```{figure} no.svg\n:alt: x\n```", "image file not readable: no.svg"),
    "wrong toctree entry": ("```{toctree}\nno\n```", "nonexisting document 'no'"),
    "unknown code": ("```{listing} backprop.no\n```", "no code to show under the name"),
    "empty listing": ("```{listing}\n```", "1 argument(s) required, 0 supplied"),
    "part left out": (EXERCISE, "exercise 'doubling' lacks {hints}: add it inside the exercise"),
    "part alone": ("```{starter}\nx\n```", "{starter} stands in no exercise: put it directly"),
    "no declaration": ("```{symbols}\nrubbish\n```", "a declaration reads: $formula$ : meaning"),
    "line of counts": ("```{counts}\nabc\n```", "a line of counts is 'class: what it is called'"),
}

# A whole page, the line of the mistake, and what the build prints.
SETTINGS = {
    "front matter": (HEAD.replace("kernelspec:", "kernelspec: a:"), 3, "front matter is not YAML"),
    "no settings": (
        HEAD.replace("file_format: mystnb\nkernelspec:\n  name: python3", "x"),
        2,
        "the front matter is no list of settings",
    ),
    "no colon": (HEAD.replace("python3", "python3\ntitle mine"), 5, "write name: value"),
    "not closed": (
        HEAD.replace("python3\n---\n", "python3\n") + CELL,
        1,
        "the front matter has no closing line of three hyphens",
    ),
    "unknown format": (
        HEAD.replace("mystnb", "mystbn"),
        2,
        "no file format 'mystbn'; write mystnb",
    ),
    "unknown kernel": (HEAD.replace("python3", "pyton"), 3, "there is no kernel 'pyton'"),
    "options of a cell": (
        HEAD + CELL.replace("1\n", "---\ntags: {x\n---\n1\n"),
        14,
        "the options of this cell are not YAML",
    ),
}


@pytest.fixture
def book(small_book):
    book = small_book(
        [
            *("sphinx_design", "sphinxcontrib.bibtex", "checked_math.sphinx"),
            *("live_exercises.sphinx", "static_math.sphinx"),
            *(
                f"book_build.{name}"
                for name in (
                    *("counts", "freshness", "front_matter", "kernels", "listing", "notebooks"),
                    *("outputs", "randomness"),
                )
            ),
        ],
        numfig=True,
        bibtex_bibfiles=["book.bib"],
    )
    (book.source / "book.bib").write_text(
        "@book{bell, author={Eric Bell}, title={Men}, year={1937}, publisher={S}}\n"
    )
    (book.source.parent / "pyproject.toml").write_text(
        '[tool.checked_math]\nverbatim = ["starter", "checks", "solution", "wrong-answer"]\n'
    )
    book.write("index", "# Book\n\n```{toctree}\nchapter\n```\n\n```{bibliography}\n```\n")
    return book


def only_line(warnings):
    line, *rest = warnings.strip().split("\n")
    assert [more for more in rest if "WARNING" in more or "ERROR" in more] == []
    return line


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_text_gives_one_line(name, book):
    text, told = MISTAKES[name]
    book.write("chapter", f"{HEAD}{text}\n\n{CELL}")
    line = only_line(book.build())
    number = 12 if name in ("no declaration",) else 11
    assert line.startswith(f"{book.source / 'chapter.md'}:{number}: ")
    assert told in line


@pytest.mark.parametrize("name", SETTINGS)
def test_a_mistake_in_the_settings_gives_one_line(name, book):
    text, number, told = SETTINGS[name]
    book.write("chapter", f"{text}\n{CELL}")
    line = only_line(book.build())
    assert line.startswith(f"{book.source / 'chapter.md'}:{number}: ")
    assert told in line


def test_a_cell_with_a_syntax_error_is_a_fault_of_that_cell(book):
    book.write("chapter", HEAD + CELL.replace("1", "1 +"))
    assert "chapter.md:12: WARNING: this cell shows a failure:" in book.build()
