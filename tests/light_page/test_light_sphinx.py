import re

import pytest

# The theme is behind Sphinx; that is no fault of ours.
pytestmark = pytest.mark.filterwarnings("ignore:'sphinx_book_theme")

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


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    from conftest import SmallBook

    book = SmallBook(
        tmp_path_factory.mktemp("light"),
        EXTENSIONS,
        **THEME,
        light_page_figures={"#0072b2": "#6db8f2"},
        nb_mime_priority_overrides=[("html", "image/svg+xml", 0)],
    )
    book.write_notebook("index", f"# A\n\n$x$\n\n{FIGURE}\n\n```{{toctree}}\nplain\n```\n")
    book.write("plain", "# B\n\nNo code.\n")
    book.warnings = book.build()
    return book


def sheet(book):
    return (book.build_folder / "html/_static/site.css").read_text("utf-8")


def test_nothing_is_warned_of(built):
    assert built.warnings == ""


def test_icons_are_drawn_and_their_script_is_gone(built):
    page = built.page("index")
    assert "fontawesome" not in page
    assert "svg-inline--fa" in page
    assert not re.search(r'<i class="fa', page)


def test_one_style_sheet_with_what_is_used(built):
    page = built.page("index")
    assert len(re.findall(r'rel="stylesheet"', page)) == 1
    assert ".bd-article" in sheet(built)
    assert ".sd-card" not in sheet(built)
    assert "@import" not in sheet(built)


def test_fonts_of_icons_are_cut(built):
    fonts = list((built.build_folder / "html/_static/vendor").rglob("*.woff2"))
    assert fonts
    assert all(font.stat().st_size < 10_000 for font in fonts)


def test_every_page_has_a_policy_and_no_host_but_its_own(built):
    for name in ("index", "plain", "search", "genindex"):
        page = built.page(name)
        assert page.count("Content-Security-Policy") == 1
        assert not re.search(r'<(?:script|link|img)\b[^>]*(?:src|href)="(?:https?:)?//', page)


def test_the_figure_is_in_the_page_with_the_numbers_of_the_run(built):
    page = built.page("index")
    assert 'aria-label="A curve. double: 0 at 0, 2 at 1."' in page
    assert "--drawing-0072b2: #6db8f2" in sheet(built)


def test_files_of_unused_features_are_not_linked(built):
    assert "copybutton.js" in built.page("index")
    for name in ("copybutton.js", "clipboard.min.js", "design-tabs.js", "searchtools.js"):
        assert name not in built.page("plain")
    assert "searchtools.js" in built.page("search")


def test_a_second_build_finishes_what_it_writes_and_leaves_the_rest(built):
    before = {name: built.page(name) for name in ("index", "plain")}
    built.write("plain", "# B\n\nStill no code, but :::{note}\n:::\n")
    assert built.build() == ""
    assert built.page("plain").count("Content-Security-Policy") == 1
    assert len(re.findall(r'rel="stylesheet"', built.page("plain"))) == 1
    after = built.page("index")
    assert re.sub(r"site\.css\?v=\w+", "", after) == re.sub(
        r"site\.css\?v=\w+", "", before["index"]
    )
