import base64
import io
import re

from fontTools.ttLib import TTFont


def test_formulas_are_mathml_with_numbers_and_references(small_book):
    book = small_book(["static_math.sphinx"], myst_dmath_double_inline=True)
    book.write("index", "# A\n\nInline $x^2$.\n\n$$ a = b $$ (first)\n\nSee {eq}`first`.\n")
    assert book.build() == ""
    page = book.page("index")
    assert '<span class="math notranslate nohighlight"><math>' in page
    assert re.search(r'id="equation-first">.*<span class="eqno">\(1\)', page, re.DOTALL)
    assert 'href="#equation-first"' in page
    assert "MathJax" not in page


def test_a_formula_keeps_the_mark_behind_it_in_its_line(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\nSee $x$, then ($y$). And $z$ too.\n")
    assert book.build() == ""
    together = re.findall(
        r'<span class="unbroken">(.*?</math></span>.*?)</span>', book.page("index")
    )
    assert [piece.rpartition(">")[2] for piece in together] == [",", ")."]
    assert "</span> And <span" in book.page("index")


def test_a_formula_that_is_all_of_a_cell_scrolls_in_it(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\n| a | b |\n| - | - |\n| $x$ | is $y$ |\n")
    assert book.build() == ""
    formulas = re.findall(r'<span class="math[^>]*>', book.page("index"))
    assert ["data-scrolls" in formula for formula in formulas] == [True, False]


def test_a_formula_that_cannot_be_converted_is_a_warning_with_its_line(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\nText.\n\n$$\n\\nosuch\n$$\n")
    warnings = book.build()
    assert re.search(r'index\.md:5: WARNING: 0: Unknown command "\\nosuch"', warnings)
    assert "math.latex" in warnings
    assert "<merror>" in book.page("index")


def test_an_inline_formula_is_found_by_its_paragraph(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\nText.\n\nMore $\\nosuch$ text.\n")
    assert "index.md:5: WARNING" in book.build()


def test_macros_of_the_author(small_book):
    book = small_book(["static_math.sphinx"], static_math_macros={"loss": "J"})
    book.write("index", "# A\n\n$\\loss$\n")
    assert book.build() == ""
    assert "<mi>J</mi>" in book.page("index")


def test_the_font_is_in_the_style_sheet_and_grows_with_the_book(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\n$x$\n")

    def glyphs():
        rules = (book.build_folder / "html/_static/static_math.css").read_text("utf-8")
        data = re.search(r"data:font/woff2;base64,([^\"]+)", rules)[1]
        return set(TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap())

    book.build()
    assert 0x1D465 in glyphs()
    assert ord("∇") not in glyphs()
    book.write("index", "# A\n\n$x + ∇$\n")
    book.build()
    assert ord("∇") in glyphs()


def test_a_page_with_formulas_asks_for_their_font_before_anything_else(small_book):
    book = small_book(["static_math.sphinx"])
    book.write("index", "# A\n\n```{toctree}\nb\n```\n\n$x$\n")
    book.write("b", "# B\n\nWords.\n")
    book.build()
    head = book.page("index").partition("</head>")[0]
    assert re.findall(r"<script[^>]*>", head)[0] == "<script>"
    assert head.index("document.fonts.load") < head.index("<script src")
    assert "document.fonts.load" not in book.page("b")


def test_pages_may_be_read_and_written_side_by_side(small_book):
    book = small_book(["static_math.sphinx"])
    names = [f"page{number}" for number in range(6)]
    book.write("index", "# A\n\n```{toctree}\n" + "\n".join(names) + "\n```\n")
    for name in names:
        book.write(name, f"# {name}\n\n$x_{name[-1]}$\n")
    assert book.build(parallel=2) == ""
    assert all("<msub>" in book.page(name) for name in names)
