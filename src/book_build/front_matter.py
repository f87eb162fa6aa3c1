"""Say where the settings of a page or of a cell cannot be read, and read the page without them.

MyST-NB takes a page whose front matter is broken for one without cells, and warns at each cell; at
the options of a cell, or a kernel that there is not, it ends the build.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from jupyter_client.kernelspec import KernelSpecManager
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_OPTIONS = re.compile(
    r"^`{3,}\{code-cell\}[^\n]*\n---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE
)


def faults(text: str, kernels: list[str]) -> Iterator[tuple[int, str]]:
    r"""Find settings that cannot be read.

    Parameters
    ----------
    text : str
        A page.
    kernels : list of str
        The names of the kernels that there are.

    Yields
    ------
    tuple of int and str
        The line, from 1, and what is wrong there.

    Examples
    --------
    >>> for line, fault in faults("---\ntitle: [a\n---\n", []):
    ...     print(line, fault.partition(":")[0])
    3 the front matter is not YAML
    >>> list(faults("---\nkernelspec:\n  name: pyton\n---\n", ["python3"]))
    [(2, "there is no kernel 'pyton'; name one of python3")]
    >>> [line for line, fault in faults("# Title\n\nA\0.\n", [])]
    [3]
    """
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        yield line, "this line has a NUL character, which no editor shows; type the line anew"
    front = _FRONT.match(text)
    if text.startswith("---\n") and (front is None or "\n```" in front[1]):
        yield 1, "the front matter has no closing line of three hyphens"
        return
    blocks = [("the front matter is", front)] if front else []
    blocks += [("the options of this cell are", found) for found in _OPTIONS.finditer(text)]
    for name, block in blocks:
        first = text.count("\n", 0, block.start(1)) + 1
        try:
            settings = yaml.safe_load(block[1])
        except yaml.YAMLError as error:
            problem = str(getattr(error, "problem", None) or error)
            # A line without its colon is noticed at the next one, and names itself in the context.
            no_colon = "expected ':'" in problem
            mark = getattr(error, "context_mark" if no_colon else "problem_mark", None)
            mend = (
                "write name: value" if no_colon else "text with a colon or a bracket needs quotes"
            )
            yield first + getattr(mark, "line", 0), f"{name} not YAML: {problem}; {mend}"
            continue
        if not isinstance(settings, dict | None):
            yield first, f"{name} no list of settings: write each as name: value"
        elif block is front and settings:
            if settings.get("file_format", "mystnb") != "mystnb":
                line = text.count("\n", 0, text.index("file_format")) + 1
                yield line, f"there is no file format {settings['file_format']!r}; write mystnb"
            kernel = settings.get("kernelspec")
            named = kernel.get("name") if isinstance(kernel, dict) else None
            if named is not None and named not in kernels:
                line = text.count("\n", 0, text.index("kernelspec")) + 1
                yield line, f"there is no kernel {named!r}; name one of {', '.join(kernels)}"


def _look_at_settings(app: Sphinx, docname: str, source: list[str]) -> None:
    text = source[0]
    found = list(faults(text, sorted(KernelSpecManager().find_kernel_specs())))
    for line, told in found:
        logger.warning("%s", told, location=(docname, line), type="book", subtype="settings")
    if found:
        # Its lines keep their numbers, and its cells are shown, not run.
        text = _FRONT.sub(lambda match: "\n" * match[0].count("\n"), text)
        text = re.sub(r"\A---\n", "\n", text)
        source[0] = re.sub(r"^(`{3,})\{code-cell\}", r"\1", text, flags=re.MULTILINE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", _look_at_settings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
