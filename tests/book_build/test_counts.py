import re


def test_the_cover_counts_what_stands_on_the_pages(small_book):
    book = small_book(["book_build.counts"])
    book.write(
        "index",
        "# A\n\n```{counts}\nproof: proofs\ntheorem: theorems\n```\n\n"
        "```{container} proof\none\n```\n\n```{container} proof\ntwo\n```\n",
    )
    assert book.build() == ""
    page = book.page("index")
    assert '<li data-count="proof"><b>2</b> proofs' in page
    assert re.search(r'<li data-count="theorem" hidden><b>0</b>', page)


def test_a_line_without_a_name_is_a_fault(small_book):
    book = small_book(["book_build.counts"])
    book.write("index", "# A\n\n```{counts}\nproof\n```\n")
    assert "index.md:3: ERROR: a line of counts is 'class: what it is called'" in book.build()


def test_the_role_counts_the_chapters_that_the_cover_lists(small_book):
    book = small_book(["book_build.counts"])
    cover = "# A\n\nIn {count}`chapters` chapters.\n\n```{toctree}\n:numbered:\n\none\n```\n"
    book.write("index", cover)
    book.write("one", "# One\n\nOf {count}`chapters`, and {count}`pages`.\n")
    assert "one.md:3: ERROR: count knows chapters, not 'pages'" in book.build()
    assert "In one chapters." in book.page("index")
    book.write("index", cover.replace("one\n", "one\ntwo\n"))
    book.write("two", "# Two\n")
    book.build()
    assert "Of two, and" in book.page("one")
