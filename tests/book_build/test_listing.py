import copy
import doctest
import importlib
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from book_build.listing import short_and_whole
from book_build.short_form import short_form

BOOK = Path(__file__).parents[2] / "book"
LISTED = sorted(
    {
        name
        for chapter in BOOK.glob("*.md")
        for name in re.findall(r"```\{listing\} (\S+)", chapter.read_text("utf-8"))
    }
)


def as_array(value):
    """What the whole function makes of a list itself; a list of matrices stays a list."""
    if isinstance(value, list) and np.ndim(value[0]) < 2:
        return np.asarray(value, float)
    return [as_array(item) for item in value] if isinstance(value, list) else value


def results(function, examples, names):
    """What each example of a docstring gives, with one function in place of its name."""

    def called(*arguments, **named):
        return function(
            *map(as_array, arguments), **{key: as_array(value) for key, value in named.items()}
        )

    names = {**names, function.__name__: function if inspect.isclass(function) else called}
    given = []
    for example in examples:
        try:
            with np.errstate(all="ignore"):
                given.append(repr(eval(example.source, names)))
        except SyntaxError:
            exec(example.source, names)
    return given


@pytest.mark.parametrize("name", LISTED)
def test_a_short_form_gives_what_the_whole_gives(name):
    module = importlib.import_module(name.rpartition(".")[0])
    function = getattr(module, name.rpartition(".")[2])
    names = copy.copy(vars(module))
    exec(short_and_whole(name)[0], names)
    short = names[function.__name__]
    examples = [
        example
        for found in doctest.DocTestFinder(recurse=False).find(function)
        for example in found.examples
        if not example.exc_msg
    ]
    given = results(short, examples, vars(module))
    assert given
    assert given == results(function, examples, vars(module))


@pytest.mark.parametrize("name", LISTED)
def test_a_short_form_has_no_hints_no_refusals_and_no_long_lines(name):
    short, _ = short_and_whole(name)
    assert not re.search(r"\braise\b|errstate|->", short)
    assert max(map(len, short.splitlines())) <= 65


def test_train_is_read_in_ten_lines():
    short, whole = short_and_whole("backprop.mse_network.train")
    assert len(short.splitlines()) <= 10
    assert short.splitlines()[-1] in whole


@pytest.mark.parametrize(
    ("whole", "short"),
    [
        (
            "def f(a: int, *b: int, c: int = 2, **d: int) -> None:\n    return a",
            "def f(a, *b, c=2, **d):\n    return a",
        ),
        (
            "def f(x):\n    # why\n    if x:\n        raise E\n    return x",
            "def f(x):\n    return x",
        ),
        (
            "def f(x):\n    if x:\n        return 1\n    return x",
            "def f(x):\n    if x:\n        return 1\n    return x",
        ),
        ("def f(x):\n    return 2 * check('x', x + 1)", "def f(x):\n    return 2 * (x + 1)"),
        (
            "def f(x):\n    # what follows\n    x = check('x', x)\n    return x",
            "def f(x):\n    # what follows\n    return x",
        ),
        (
            "def f(x):\n    try:\n        return g(x)\n    except E as e:\n        raise V from e",
            "def f(x):\n    return g(x)",
        ),
        (
            "def f(x):\n    try:\n        return g(x)\n    except E:\n        return 0",
            "def f(x):\n    try:\n        return g(x)\n    except E:\n        return 0",
        ),
        (
            "def f(x):\n    size = len(x)\n    if size:\n        raise E\n    return x",
            "def f(x):\n    return x",
        ),
        (
            "def f(x):\n    while (\n        x\n    ):  # on\n        x = g((x,))",
            "def f(x):\n    # on\n    while x:\n        x = g((x,))",
        ),
        (
            "def f(x):\n    'é'\n    y: int = 'é'\n    return y",
            "def f(x):\n    y = 'é'\n    return y",
        ),
        ("class A(T):\n    'A.'\n\n    x: int\n", "class A(T):\n    x: int"),
        ("def f(x):\n    return zip(x, x, strict=True)", "def f(x):\n    return zip(x, x)"),
        (
            f"def f(\n    {'a' * 30}: int, {'b' * 30}: int\n) -> int:\n    return 1",
            f"def f(\n    {'a' * 30}, {'b' * 30}\n):\n    return 1",
        ),
    ],
)
def test_what_folds_away(whole, short):
    assert short_form(whole, ["check"]) == short


@pytest.mark.parametrize(
    "name", ["backprop.cost.nothing", "nothing.at.all", "mse", "backprop.cost.np.pi"]
)
def test_a_name_without_code_is_refused(name):
    with pytest.raises(ValueError, match=f"there is no code to show under the name '{name}'"):
        short_and_whole(name)


def test_a_listing_shows_code_and_names_a_wrong_name_with_its_line(small_book):
    book = small_book(["sphinx.ext.autodoc", "numpydoc", "book_build.listing"])
    book.write(
        "index",
        "# Title\n\n```{listing} backprop.cost.mse\n```\n\n```{listing} backprop.cost.nothing\n```\n\n"
        "```{eval-rst}\n.. automodule:: backprop.cost\n   :members:\n```\n",
    )
    warnings = book.build()
    assert (
        "index.md:6: ERROR: there is no code to show under the name 'backprop.cost.nothing'"
        in warnings
    )
    page = book.page("index")
    assert 'href="#backprop.cost.mse"' in page
    short, _, whole = page.partition("<details")
    assert "equal_shapes" not in short.partition('class="listing')[2]
    assert "<summary>show the whole source</summary>" in whole
    assert "equal_shapes" in whole
