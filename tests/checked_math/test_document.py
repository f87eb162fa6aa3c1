import pytest

from checked_math.document import read


def items(text):
    return [(item.role, item.text) for item in read(text).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x$ b $y$", [("inline", "x"), ("inline", "y")]),
        ("$$ x = 1 $$", [("display", "x = 1")]),
        ("$$\nx = 1\n$$ (label)", [("display", "x = 1")]),
        ("```{math}\n:label: a\n\nx = 1\n```", [("display", "x = 1")]),
        (
            "\\begin{align}\nx &= 1\n\\end{align}",
            [("display", "\\begin{align}\nx &= 1\n\\end{align}")],
        ),
        ("{math}`x`, {let}`y = 1`", [("inline", "x"), ("let", "y = 1")]),
        (":::{note}\n:class: tip\n\n$x$\n:::", [("inline", "x")]),
        ("````{admonition} On $t$\n```{note}\n$x$\n```\n````", [("inline", "t"), ("inline", "x")]),
        ("- a\n  $$\n  x = 1\n  $$", [("display", "x = 1")]),
        ("| a | b |\n|---|---|\n| $x$ | $y$ |", [("inline", "x"), ("inline", "y")]),
        ("```{code-cell}\n'$x$'\n```", []),
        ("```python\n'$x$'\n```", []),
        ("`$x$` and \\$5 and 5\\$", []),
        ("---\ntitle: $x$\n---\n\n% $y$\n", []),
        ("```{formula}\n:code: f(x)\n\nx = 1\n```", [("formula", "x = 1")]),
    ],
)
def test_items(text, expected):
    assert items(text) == expected


def test_places_in_the_file():
    page = read("# T\n\nA $x$ and $x$.\n\n:::{note}\n$$\na &= b \\\\\n  &= c\n$$\n:::\n")
    assert [(item.line, item.column) for item in page.items] == [(3, 4), (3, 12), (7, 1)]
    display = page.items[-1]
    assert display.place(display.text.index("c")) == (8, 6)


def test_options_of_a_formula():
    (item,) = read("```{formula}\n:label: a\n:code: f(x)\n  g(x)\n:defines: J\n\nJ = x\n```").items
    assert item.options == {"label": "a", "code": "f(x)\ng(x)", "defines": "J"}
    assert item.line == 7


def test_declarations_with_ties_and_meanings():
    page = read("```{symbols}\n$x \\in (0, 1)$ [a.b(c[0])] : the $x$ : here\n$y > 0$ : other\n```")
    assert [(i.role, i.text, i.options.get("code", ""), i.line) for i in page.items] == [
        ("symbols", "x \\in (0, 1)", "a.b(c[0])", 2),
        ("symbols", "y > 0", "", 3),
        ("inline", "x", "", 2),
    ]


def test_a_line_that_is_no_declaration_is_named():
    assert read("```{symbols}\nx is a number\n```").errors[0][0] == 2


def test_a_formula_without_a_closing_fence_is_named_and_not_read():
    page = read("# A\n\n```{formula}\n1 = 1\n\nText.\n\n```{note}\nx\n```\n")
    assert [line for line, _ in page.errors] == [3]
    assert "has no closing fence" in page.errors[0][1]
    assert page.items == []


def test_the_body_of_a_verbatim_directive_is_code():
    text = "```{checks}\nassert p == 0.25  # $q$\n```\n"
    assert read(text).prose
    page = read(text, ("checks",))
    assert not page.prose
    assert not page.items


def test_a_caption_and_an_alt_text_in_a_cells_options_are_prose():
    text = "```{code-cell} python\n---\nmystnb:\n  image:\n    alt: It is 0.5.\n  figure:\n    caption: It is 0.6.\n---\nx = 0.7\n```\n"
    assert [(prose.text, prose.line) for prose in read(text).prose] == [
        ("It is 0.5.", 5),
        ("It is 0.6.", 7),
    ]


def test_a_formula_in_the_caption_of_a_cell_is_read():
    text = "```{code-cell} python\n---\nmystnb:\n  figure:\n    caption: Its slope, $2 x = 0.5$, at {is}`1 <x>`.\n---\nx = 1\n```\n"
    page = read(text)
    assert [(item.role, item.text, item.line) for item in page.items] == [
        ("inline", "2 x = 0.5", 5)
    ]
    assert {(prose.kind, prose.line) for prose in page.prose} == {("a caption", 5)}
