"""The lint of numbers: no decimal number is typed into prose, a caption or alt text by hand.

A typed number grows stale in silence. It comes from an executed cell (a glue role) or stands in
mathematics, where it is checked. What looks like a decimal and is none passes: three-part version
numbers, and two-part ones after the word that says what they number ("Python 3.11", "section 2.1").

>>> [finding.number for finding in findings(read("It fell to 0.25 with Python 3.11 and x 1.2.3."))]
['0.25']

A count grows stale as well: "two matrices", "a third of it", "(3, 2)". Which of them are typed by
hand is told by `counts`.

>>> [finding.number for finding in counts(read("So two matrices, of shape (3, 2), do two things."),
...     [Allowed("two things", "the next sentences name them")])]
['two matrices', '(3, 2)']
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checked_math.document import Page, Prose, read

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
_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_PARTS = "thirds?|quarters?|fifths?|tenths?|hundredths?|thousandths?"
# Words that end in s and count nothing.
_NO_NOUNS = set(
    re.findall(
        r"\w+",
        "is was does has this its as us thus less times plus minus lifts rises falls costs gives "
        "makes needs becomes stays stands comes goes says fits always moves",
    )
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTS = re.compile(
    rf"\b(?:twice|half|(?:{_WORDS}|\d+) times)(?= (?:as|of|the|that|what|its|for)\b)"
    rf"|(?<![\w.,/-])(?P<number>{_WORDS}|[2-9]|[1-9]\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+)"
    rf"\s+(?:(?!(?:and|or|of|is|to|by|in)\b)[a-z]+[-\s])??(?P<noun>[a-z]+s|matrices|people)\b"
    rf"|\b(?:a|one|two|three) (?:{_PARTS})\b"
    r"|\(\d+, ?\d+(?:, ?\d+)*\)|\(\d+,\)",
    re.IGNORECASE,
)
_ROLE = re.compile(r"\{[\w:+-]+\}`[^`]*`")
HOW = "print it from a cell (a glue role), or write it as mathematics, which is checked"


@dataclass(frozen=True)
class Finding:
    """A number typed by hand."""

    number: str
    line: int
    kind: str
    what: str = "number"
    how: str = HOW

    @property
    def message(self) -> str:
        """Return what is wrong and how to mend it."""
        return f"the {self.what} {self.number} is typed into {self.kind}: {self.how}"


@dataclass(frozen=True)
class Allowed:
    """A count that may be typed by hand, and why."""

    phrase: str
    reason: str


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
        text = _ROLE.sub("", prose.text)
        for match in _DECIMAL.finditer(text):
            before = _BEFORE.search(text[: match.start()])
            if before is None or before[1].lower() not in words:
                found.append(Finding(match[0], prose.line, prose.kind))
    return found


def counts(page: Page, allowed: Iterable[Allowed] = (), where: str = "a list") -> list[Finding]:
    """Return the counts, parts and shapes typed into the prose of a page.

    Parameters
    ----------
    page : Page
        As read by `read`.
    allowed : iterable of Allowed
        Phrases that may stay. One matches where it stands as it is, whatever its capitals.
    where : str
        What the message calls the list of these.

    Returns
    -------
    list of Finding
    """
    how = f"bind it to what is computed, or allow it in {where} with the reason"
    phrases = [entry.phrase.lower() for entry in allowed]
    return [
        Finding(match[0], prose.line + before.count("\n"), prose.kind, "count", how)
        for prose in page.prose
        if prose.kind != "inline code"
        for match, before in _counted(prose)
        if not any(_covers(phrase, prose, match) for phrase in phrases)
    ]


def _counted(prose: Prose) -> Iterator[tuple[re.Match[str], str]]:
    text = _ROLE.sub(lambda role: "\0" * len(role[0]), prose.text)
    for match in _COUNTS.finditer(text):
        noun, number = match["noun"], match["number"]
        if noun is None or not (noun.lower() in _NO_NOUNS or _YEAR.fullmatch(number)):
            yield match, text[: match.start()]


def _covers(phrase: str, prose: Prose, match: re.Match[str]) -> bool:
    """Whether an allowed phrase stands around a match."""
    text = prose.text.lower()
    start = text.find(phrase, max(0, match.start() - len(phrase)))
    return 0 <= start < match.end() and start + len(phrase) > match.start()


__all__ = ["HOW", "NUMBERED", "Allowed", "Finding", "counts", "findings", "read"]
