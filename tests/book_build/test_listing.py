import pytest

from book_build.listing import source_without_docstring


def test_the_source_is_the_packages_own_without_the_docstring():
    source, path = source_without_docstring("backprop.mse_network.gradient_descent_step")
    assert source.startswith("def gradient_descent_step(")
    assert source.endswith('return w - positive("learning_rate", learning_rate) * dw')
    assert '"""' not in source
    assert path.read_text("utf-8").count(source.splitlines()[-1]) == 1


@pytest.mark.parametrize(
    "name", ["backprop.cost.nothing", "nothing.at.all", "mse", "backprop.cost.np.pi"]
)
def test_a_name_without_code_is_refused(name):
    with pytest.raises(ValueError, match=f"there is no code to show under the name '{name}'"):
        source_without_docstring(name)


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
    assert 'href="#backprop.cost.mse"' in book.page("index")
