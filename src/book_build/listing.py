"""Show code of a package in a chapter, taken from the package while the page is read.

````md
```{listing} backprop.cost.mse
```
````

shows the lines of the function that teach, see `book_build.short_form`, and links to the API
reference. The whole source stands folded below them.
"""

import importlib
import inspect
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from book_build.short_form import short_form

VALIDATION = ".validation"
"""How the names of modules end whose functions look after the input."""


WHOLE_SOURCE = "show the whole source"


class whole_source(nodes.container):
    """The whole source of a function, below its short form: folded."""


def _source(name: str) -> tuple[str, ModuleType]:
    """Source of what a name stands for, and its module."""
    module_name, _dot, member = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
        return inspect.getsource(getattr(module, member)).rstrip(), module
    except (ImportError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"there is no code to show under the name {name!r}: {error}") from None


def short_and_whole(name: str) -> tuple[str, str]:
    """Source of a function or class, as a reader wants it first, and all of it.

    Parameters
    ----------
    name : str
        The full dotted name, such as ``backprop.cost.mse``.

    Returns
    -------
    tuple of str
        The short form and the whole.

    Raises
    ------
    ValueError
        If there is nothing of that name.

    Examples
    --------
    >>> short, whole = short_and_whole("backprop.cost.mse")
    >>> print(short)
    def mse(p, y):
        return float(np.mean((p - y) ** 2))
    >>> "Raises" in whole
    True
    """
    whole, module = _source(name)
    helpers = [
        own
        for own, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__.endswith(VALIDATION)
    ]
    return short_form(whole, helpers), whole


class Listing(SphinxDirective):
    """The directive ``{listing}``: its one argument is a dotted name."""

    required_arguments = 1
    optional_arguments = 0
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Make the code block and the line above it that links to the reference."""
        name = self.arguments[0]
        try:
            short, whole = short_and_whole(name)
        except ValueError as error:
            raise self.error(str(error)) from None
        module = importlib.import_module(name.rpartition(".")[0])
        self.env.note_dependency(str(module.__file__))

        link = addnodes.pending_xref(
            "",
            nodes.literal(name, name),
            refdomain="py",
            reftype="obj",
            reftarget=name,
            refdoc=self.env.docname,
            refwarn=True,
        )
        head = nodes.inline("", "", link, classes=["listing-name"], translatable=False)
        container = nodes.container(
            "", nodes.paragraph("", "", head), self._block(short), classes=["listing"]
        )
        if short != whole:
            container += whole_source("", self._block(whole))
        self.set_source_info(container)
        return [container]

    def _block(self, source: str) -> nodes.literal_block:
        block = nodes.literal_block(source, source, language="python", translatable=False)
        self.set_source_info(block)
        return block


def _open(self: HTML5Translator, node: whole_source) -> None:
    summary = self.encode(_(WHOLE_SOURCE))
    self.body.append(f'<details class="folded whole-source"><summary>{summary}</summary>')


def _close(self: HTML5Translator, node: whole_source) -> None:
    self.body.append("</details>\n")


def _skip(self: Any, node: nodes.Node) -> None:
    raise nodes.SkipNode


class CodeBelowPicture(SphinxPostTransform):
    """Put a cell's folded code below the picture that it draws, where a reader looks for it."""

    default_priority = HideInputCells.default_priority + 1
    formats = ("html",)

    def run(self, **_kwargs: Any) -> None:
        """Move each fold behind the output of its cell."""
        for fold in list(self.document.findall(HideCodeCellNode)):
            if "above-input" in fold["classes"]:
                fold.parent.append(fold.parent.pop(fold.parent.index(fold)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_node(
        whole_source,
        html=(_open, _close),
        latex=(_skip, None),
        text=(_skip, None),
        man=(_skip, None),
        texinfo=(_skip, None),
    )
    app.add_directive("listing", Listing)
    app.add_post_transform(CodeBelowPicture)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
