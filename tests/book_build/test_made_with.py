from types import SimpleNamespace

import pytest

from book_build import made_with


@pytest.fixture
def book(small_book, monkeypatch):
    """A small book, made with packages whose versions a test can change."""
    book = small_book(["book_build.made_with"])
    book.write("index", "# Title\n\n```{toctree}\nother\n```\n")
    book.write("other", "# Other\n")
    book.versions = {"numpy": "2.4"}
    monkeypatch.setattr(
        made_with,
        "distributions",
        lambda: [
            SimpleNamespace(name=name, version=version) for name, version in book.versions.items()
        ],
    )
    return book


def pages_read(book):
    """Build, and tell which pages were read for it."""
    before = dict(book.app.env.all_docs) if book.app else {}
    assert book.build() == ""
    return sorted(page for page, time in book.app.env.all_docs.items() if time != before.get(page))


def test_what_did_not_change_is_not_read_again(book):
    assert pages_read(book) == ["index", "other"]
    assert pages_read(book) == []


def test_another_version_of_a_package_has_every_page_read_again(book):
    pages_read(book)
    book.versions["numpy"] = "2.5"
    assert pages_read(book) == ["index", "other"]


@pytest.mark.parametrize(
    ("package", "read_again"),
    # What the chapters run is watched page by page: these two have no cells.
    [("some_check", ["index", "other"]), ("backprop", [])],
)
def test_another_check_has_every_page_read_again(book, tmp_path, monkeypatch, package, read_again):
    code = tmp_path / "src" / package / "code.py"
    code.parent.mkdir(parents=True)
    code.write_text("TOLERANCE = 1\n")
    monkeypatch.setattr(made_with, "HERE", tmp_path / "src")
    pages_read(book)
    code.write_text("TOLERANCE = 2\n")
    assert pages_read(book) == read_again
