"""The lint of numbers: no decimal number is typed into prose, a caption or alt text by hand.

A typed number grows stale in silence. It comes from an executed cell (a glue role) or stands in
mathematics, where it is checked. What looks like a decimal and is none passes: three-part version
numbers, and two-part ones after the word that says what they number ("Python 3.11", "section 2.1").

>>> [finding.number for finding in findings(read("It fell to 0.25 with Python 3.11 and x 1.2.3."))]
['0.25']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from checked_math.document import Page, read

# "Section 2.1" is a name, not a quantity; so is what follows the name of a program.
NUMBERED = (
    "version versions release python numpy scipy sphinx autograd matplotlib lark node "
    "section sections chapter figure fig table equation eq appendix page part step § "
    "license licence mit cc apache"
)
_DECIMAL = re.compile(
    r"(?<![\w./-])[-+\u2212]?(?:\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+)(?![\w]|\.\d)", re.I
)
_BEFORE = re.compile(r"([\w§]+)\.?[\s~:=<>]*$")
HOW = "print it from a cell (a glue role), or write it as mathematics, which is checked"


@dataclass(frozen=True)
class Finding:
    """A decimal number typed by hand."""

    number: str
    line: int
    kind: str

    @property
    def message(self) -> str:
        """Return what is wrong and how to mend it."""
        return f"the number {self.number} is typed into {self.kind}: {HOW}"


def findings(page: Page, numbered: Iterable[str] = ()) -> list[Finding]:
    """Return the decimal numbers typed into the prose of a page.

    Parameters
    ----------
    page : Page
        As read by `read`.
    numbered : iterable of str
        Further words after which a number is a name.

    Returns
    -------
    list of Finding
    """
    words = {*NUMBERED.split(), *(word.lower() for word in numbered)}
    found = []
    for prose in page.prose:
        for match in _DECIMAL.finditer(prose.text):
            before = _BEFORE.search(prose.text[: match.start()])
            if before is None or before[1].lower() not in words:
                found.append(Finding(match[0], prose.line, prose.kind))
    return found


__all__ = ["HOW", "NUMBERED", "Finding", "findings", "read"]
