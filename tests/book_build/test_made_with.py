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


def test_another_check_has_every_page_read_again(book, tmp_path, monkeypatch):
    check = tmp_path / "src" / "some_check" / "sphinx.py"
    check.parent.mkdir(parents=True)
    check.write_text("TOLERANCE = 1\n")
    monkeypatch.setattr(made_with, "HERE", tmp_path / "src")
    pages_read(book)
    check.write_text("TOLERANCE = 2\n")
    assert pages_read(book) == ["index", "other"]


def test_the_taught_code_is_watched_page_by_page_instead(book, tmp_path, monkeypatch):
    taught = tmp_path / "src" / "backprop" / "cost.py"
    taught.parent.mkdir(parents=True)
    taught.write_text("")
    monkeypatch.setattr(made_with, "HERE", tmp_path / "src")
    pages_read(book)
    taught.write_text("# changed\n")
    assert pages_read(book) == []
