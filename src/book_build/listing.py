"""Show code of a package in a chapter, taken from the package while the page is read.

````md
```{listing} backprop.cost.mse
```
````

shows the function without its docstring, which the API reference has, and links there.
"""

import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def source_without_docstring(name: str) -> tuple[str, Path]:
    """Source of a function or class, without its docstring.

    Parameters
    ----------
    name : str
        The full dotted name, such as ``backprop.cost.mse``.

    Returns
    -------
    tuple of str and Path
        The source, and the file that it stands in.

    Raises
    ------
    ValueError
        If there is nothing of that name.

    Examples
    --------
    >>> source, path = source_without_docstring("backprop.cost.mse")
    >>> print(source)
    def mse(p: ArrayLike, y: ArrayLike) -> float:
        p, y = equal_shapes("p", p, "y", y)
        return float(np.mean((p - y) ** 2))
    >>> path.name
    'cost.py'
    """
    module_name, _, member = name.rpartition(".")
    try:
        module = importlib.import_module(module_name)
        source = inspect.getsource(getattr(module, member))
    except (ImportError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"there is no code to show under the name {name!r}: {error}") from None
    definition = ast.parse(source).body[0]
    lines = source.splitlines()
    if (
        isinstance(definition, ast.FunctionDef | ast.ClassDef)
        and ast.get_docstring(definition) is not None
    ):
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines).strip("\n"), source_file(module)


def source_file(module: ModuleType) -> Path:
    """File that a module was read from."""
    return Path(str(module.__file__))


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
            source, path = source_without_docstring(name)
        except ValueError as error:
            raise self.error(str(error)) from None
        self.env.note_dependency(str(path))

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
        block = nodes.literal_block(source, source, language="python", translatable=False)
        container = nodes.container("", nodes.paragraph("", "", head), block, classes=["listing"])
        self.set_source_info(container)
        self.set_source_info(block)
        return [container]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("listing", Listing)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
