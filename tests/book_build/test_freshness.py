import os
import time

import pytest

from book_build import freshness


@pytest.fixture
def book(small_book):
    book = small_book(["book_build.freshness"])
    book.write("index", "# Title\n\n```{toctree}\nother\n```\n")
    book.write("other", "# Other\n")
    return book


def test_a_fault_is_reported_again_until_it_is_mended(book):
    book.write("other", "# Other\n\n{ref}`nowhere`\n")
    first = book.build()
    assert "other.md:3: WARNING: undefined label: 'nowhere'" in first
    assert book.build() == first
    book.write("other", "# Other\n")
    assert book.build() == ""


def test_only_the_page_with_the_fault_is_read_again(book):
    book.write("other", "# Other\n\n{ref}`nowhere`\n")
    book.build()
    book.build()
    read = []
    book.app.connect("source-read", lambda app, page, text: read.append(page))
    book.app.builder.read()
    assert read == ["other"]


def test_a_fault_in_a_page_that_is_gone_is_forgotten(book):
    book.write("other", "# Other\n\n{ref}`nowhere`\n")
    book.build()
    (book.source / "other.md").unlink()
    book.write("index", "# Title\n")
    assert book.build() == ""


@pytest.fixture
def made_book(book, monkeypatch):
    """A small book, made with packages whose versions a test can change."""
    book.versions = {"numpy": "2.4"}
    monkeypatch.setattr(
        freshness,
        "installed",
        lambda: {f"{name}-{version}.dist-info" for name, version in book.versions.items()},
    )
    return book


def pages_read(book):
    """Build, and tell which pages were read for it."""
    before = dict(book.app.env.all_docs) if book.app else {}
    assert book.build() == ""
    return sorted(page for page, time in book.app.env.all_docs.items() if time != before.get(page))


def test_what_did_not_change_is_not_read_again(made_book):
    assert pages_read(made_book) == ["index", "other"]
    assert pages_read(made_book) == []


def test_another_version_of_a_package_has_every_page_read_again(made_book):
    pages_read(made_book)
    made_book.versions["numpy"] = "2.5"
    assert pages_read(made_book) == ["index", "other"]


@pytest.mark.parametrize(
    ("package", "read_again"),
    # What the chapters run is watched page by page: these two have no cells.
    [("some_check", ["index", "other"]), ("backprop", [])],
)
def test_another_check_has_every_page_read_again(
    made_book, tmp_path, monkeypatch, package, read_again
):
    code = tmp_path / "src" / package / "code.py"
    code.parent.mkdir(parents=True)
    code.write_text("TOLERANCE = 1\n")
    monkeypatch.setattr(freshness, "CODE", tmp_path / "src")
    pages_read(made_book)
    code.write_text("TOLERANCE = 2\n")
    assert pages_read(made_book) == read_again


def test_a_page_whose_new_text_has_an_older_date_is_read(book):
    book.build()
    book.write("other", "# Older\n")
    long_ago = time.time() - 172_800
    os.utime(book.source / "other.md", (long_ago, long_ago))
    assert pages_read(book) == ["other"]
    assert pages_read(book) == []


def test_a_page_that_a_file_with_an_older_date_belongs_to_is_read(book):
    code = book.source / "code.py"
    code.write_text("x = 1\n")
    book.write("other", "# Other\n\n```{literalinclude} code.py\n```\n")
    book.build()
    code.write_text("x = 2\n")
    long_ago = time.time() - 172_800
    os.utime(code, (long_ago, long_ago))
    assert pages_read(book) == ["other"]


def test_what_was_saved_while_it_was_read_is_read_again(book):
    book.build()

    def save(app, page, text):
        if page == "other":
            book.write("other", "# Saved meanwhile\n")
            os.utime(book.source / "other.md", (time.time() + 1, time.time() + 1))

    book.write("other", "# First\n")
    book.extras = [("source-read", save)]
    book.build()
    book.extras = []
    long_ago = time.time() - 172_800  # so that its date does not betray it
    os.utime(book.source / "other.md", (long_ago, long_ago))
    assert pages_read(book) == ["other"]
    assert "Saved meanwhile" in book.page("other")


def test_pages_that_were_being_read_when_a_build_broke_off_are_read_again(book):
    book.build()
    environment = book.build_folder / "doctrees/environment.pickle"
    before = environment.read_bytes()
    old = (book.source / "other.md").read_text("utf-8")
    date = (book.source / "other.md").stat().st_mtime_ns

    def break_off(app, env):
        raise KeyboardInterrupt

    book.write("other", "# Broken off\n")
    book.extras = [("env-updated", break_off)]
    with pytest.raises(KeyboardInterrupt):
        book.build()
    book.extras = []
    # The page's stored form is the new one; the page itself is put back as it was, date and all.
    environment.write_bytes(before)
    book.write("other", old)
    os.utime(book.source / "other.md", ns=(date, date))
    assert book.build() == ""
    assert "Broken off" not in book.page("other")
