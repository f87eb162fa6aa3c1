import pytest

from book_build.randomness import unseeded_draws


@pytest.mark.parametrize(
    "code",
    [
        "rng = np.random.default_rng(seed=1)\nrng.uniform(size=3)",
        "rng = np.random.default_rng(8)",
        "rng = np.random.Generator(np.random.PCG64(1))",
        "x = np.zeros(3)",
    ],
)
def test_seeded_draws_pass(code):
    assert list(unseeded_draws(code)) == []


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("x = 1\nrng = np.random.default_rng()", 2, "default_rng() has no seed"),
        ("x = np.random.uniform(size=3)", 1, "np.random.uniform draws from a generator that all"),
        ("numpy.random.seed(0)", 1, "numpy.random.seed draws from a generator that all code"),
        ("import random", 1, "draw from numpy.random.default_rng(seed=...) instead"),
        ("from random import gauss", 1, "draw from numpy.random.default_rng(seed=...) instead"),
    ],
)
def test_unseeded_draws_are_named_with_their_line(code, line, told):
    [(found_line, found)] = unseeded_draws(code)
    assert found_line == line
    assert found.startswith(told)


def test_an_unseeded_draw_in_a_chapter_is_a_fault(small_book):
    book = small_book(["book_build.kernels", "book_build.randomness"])
    book.write_notebook(
        "index", "# Title\n\n```{code-cell} python\nimport numpy as np\nx = np.random.rand()\n```\n"
    )
    assert "index.md:10: WARNING: np.random.rand draws from a generator" in book.build()
