import re

import pytest

# The theme is behind Sphinx; that is no fault of ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'sphinx_book_theme"),
    pytest.mark.filterwarnings("ignore:'tags' will become a required keyword argument"),
]

EXTENSIONS = ["static_math.sphinx", "light_page.sphinx", "sphinx_copybutton", "sphinx_design"]
THEME = {"html_theme": "sphinx_book_theme", "html_context": {"default_mode": "auto"}}
FIGURE = """```{code-cell} python
---
mystnb:
  image:
    alt: A curve.
---
import matplotlib.pyplot as plt
from backprop_figures import use_book_style

use_book_style()
drawing, axes = plt.subplots()
lines = axes.plot([0, 1], [0, 2], label="double")
```
"""


@pytest.fixture
def book(small_book):
    book = small_book(
        EXTENSIONS,
        **THEME,
        light_page_figures={"#0072b2": "#6db8f2"},
        nb_mime_priority_overrides=[("html", "image/svg+xml", 0)],
    )
    book.write_notebook("index", f"# A\n\n$x$\n\n{FIGURE}\n\n```{{toctree}}\nplain\n```\n")
    book.write("plain", "# B\n\nNo code.\n")
    return book


def sheet(book):
    return (book.build_folder / "html/_static/site.css").read_text("utf-8")


def test_pages_are_light_and_safe(book):
    assert book.build() == ""
    index, plain = book.page("index"), book.page("plain")

    # Icons are drawn in the page.
    assert "fontawesome" not in index
    assert "svg-inline--fa" in index
    assert not re.search(r'<i class="fa', index)
    fonts = list((book.build_folder / "html/_static/vendor").rglob("*.woff2"))
    assert fonts
    assert all(font.stat().st_size < 10_000 for font in fonts)

    # One style sheet, with what is used.
    assert len(re.findall(r'rel="stylesheet"', index)) == 1
    assert ".bd-article" in sheet(book)
    assert ".sd-card" not in sheet(book)
    assert "@import" not in sheet(book)

    # A policy, and no host but the site's own.
    for name in ("index", "plain", "search", "genindex"):
        page = book.page(name)
        assert page.count("Content-Security-Policy") == 1
        assert not re.search(r'<(?:script|link|img)\b[^>]*(?:src|href)="(?:https?:)?//', page)

    # The figure is in the page, with the numbers of the run.
    assert 'aria-label="A curve. double: 0 at 0, 2 at 1."' in index
    assert "--drawing-0072b2: #6db8f2" in sheet(book)

    # Files of features that a page does not use are not linked on it.
    assert "copybutton.js" in index
    for name in ("copybutton.js", "clipboard.min.js", "design-tabs.js", "searchtools.js"):
        assert name not in plain
    assert "searchtools.js" in book.page("search")


def test_a_second_build_finishes_what_it_writes_and_leaves_the_rest(book):
    book.build()
    before = book.page("index")
    book.write("plain", "# B\n\nOther words.\n")
    assert book.build() == ""
    assert "Other words" in book.page("plain")
    assert book.page("plain").count("Content-Security-Policy") == 1
    assert len(re.findall(r'rel="stylesheet"', book.page("plain"))) == 1
    version = re.compile(r"site\.css\?v=\w+")
    assert version.sub("", book.page("index")) == version.sub("", before)


def test_the_page_for_what_does_not_exist_finds_its_style_from_everywhere(small_book):
    book = small_book(
        ["light_page.sphinx", "notfound.extension"], **THEME, notfound_urls_prefix="/book/"
    )
    book.write("index", "# A\n\n```{toctree}\nplain\n```\n")
    book.write("plain", "# B\n")
    assert book.build() == ""
    assert re.search(r'rel="stylesheet" href="/book/_static/site\.css\?v=', book.page("404"))
    assert 'href="_static/site.css?v=' in book.page("index")
