import pytest


@pytest.fixture
def book(small_book):
    book = small_book(["book_build.faults"])
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
