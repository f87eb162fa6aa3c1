"""The links by which a reader reports a mistake: each leads to its page, section and line."""

import html
import json
import re
import urllib.parse
from pathlib import Path

import pytest
import yaml

from book_build.report_links import FORMS

ROOT = Path(__file__).parents[2]
EXERCISE = """
````{exercise} double
Twice as much.
```{starter}
def double(x):
    return x
```
```{hints}
Add.
```
```{checks}
assert double(2) == 4, "no"
```
```{wrong-answer} no
def double(x):
    return 3 * x
```
```{solution}
def double(x):
    return x + x
```
````
"""
CHAPTER = f"""# Chapter & more

Hello.

## One

Text.

### Its gradient

Text.

## Two

### Its gradient

Text.

## Exercise
{EXERCISE}"""


@pytest.fixture
def book(small_book):
    book = small_book(
        ["live_exercises.sphinx", "book_build.report_links"],
        live=False,
        report_links_repository="https://github.com/a/b",
    )
    book.write("index", "# Book\n\n## Words\n\nHi.\n\n```{toctree}\n:numbered:\n\nchapter\n```\n")
    book.write("chapter", CHAPTER)
    assert book.build() == ""
    return book


def links(page):
    found = re.findall(r'<p class="report"><a href="([^"]*)" aria-label="([^"]*)">', page)
    return [(html.unescape(address), html.unescape(label)) for address, label in found]


def test_each_section_has_a_link_to_the_form_with_its_place_filled_in(book):
    filled = {}
    for address, label in links(book.page("chapter")):
        parts = urllib.parse.urlsplit(address)
        assert (parts.netloc, parts.path) == ("github.com", "/a/b/issues/new")
        query = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True))
        filled[query["place"]] = (query["template"], label)
    text = CHAPTER.splitlines()
    lines = {int(re.match(r"book/chapter\.md:(\d+), ", place)[1]): place for place in filled}
    for line, place in lines.items():
        assert text[line - 1].lstrip("# ") == re.split(r", |: ", place)[-1]
    assert list(filled.values()) == [
        ("sentence.yml", "Something wrong here? Chapter & more"),
        ("sentence.yml", "Something wrong here? One"),
        ("sentence.yml", "Something wrong here? One: Its gradient"),
        ("sentence.yml", "Something wrong here? Two: Its gradient"),
        ("exercise.yml", "Something wrong here? Exercise"),
    ]


def test_only_chapters_have_links_and_the_search_does_not_find_them(book):
    assert links(book.page("index")) == []
    index = (book.build_folder / "html/searchindex.js").read_text("utf-8")
    words = json.loads(index.removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert "hello" in words
    assert "wrong" not in words


@pytest.mark.parametrize("form", FORMS.values())
def test_the_form_has_the_field_that_is_filled_in(form):
    template = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / form).read_text("utf-8"))
    assert "place" in [field.get("id") for field in template["body"]]
