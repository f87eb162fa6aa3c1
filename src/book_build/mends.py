"""What to do about the faults for which Sphinx and MyST name the place, but no mend.

`MENDS` is the whole list. A mend is said in the same line as its fault, before the name of the
warning. Where something of a similar name exists, that is said, too.
"""

import difflib
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sphinx.application import Sphinx


class Mend(NamedTuple):
    """A kind of fault, and what to do about it.

    Attributes
    ----------
    fault : str
        A regular expression that finds it in a line; the group is the name that is wrong.
    mend : str
        What to do. In place of ``%s`` that name is written.
    kind : str
        What the name should be the name of: a key of what `names` gives, or nothing.
    """

    fault: str
    mend: str
    kind: str = ""


MENDS = (
    Mend(
        r"undefined label: '(.*)' \[ref\.ref\]",
        "write (%s)= on a line above that heading",
        "label",
    ),
    Mend(
        r"undefined label: '(.*)' \[ref\.numref\]",
        "give that figure or table the name: 'name: %s' in the options of its cell or directive",
        "label",
    ),
    Mend(
        r"A title or caption not found: '(.*)'",
        "no heading follows that label, so say what to print: {ref}`text <%s>`",
    ),
    Mend(
        r"cross-reference target not found: '(.*)' \[myst",
        "a link names a page of this folder as page.md, or a label as #label",
        "target",
    ),
    Mend(
        r"unknown document: '(.*)'",
        "name a page of this folder, without .md",
        "page",
    ),
    Mend(
        r"toctree contains reference to \w+ document '(.*)'",
        "write that page, or take the line out",
        "page",
    ),
    Mend(
        r"document isn't included in any (toctree)",
        "add its name to a toctree of index.md, or write 'orphan: true' in its front matter",
    ),
    Mend(r"equation not found: (\S+)", "give that formula the option ':label: %s'", "equation"),
    Mend(
        r'could not find bibtex key "(.*)"',
        "add an entry of that name to references.bib",
        "citation",
    ),
    Mend(r"term not in glossary: '(.*)'", "add it to glossary.md", "term"),
    Mend(
        r"No key '(.*)' found in glue data",
        'a cell of this page has to call glue("%s", value, display=False)',
    ),
    Mend(
        r'Unknown interpreted text role "(.*)"',
        "docs/writing.md lists the roles for a chapter",
        "role",
    ),
    Mend(
        r"Unknown directive type: '(.*)'",
        "docs/writing.md lists the directives for a chapter",
        "directive",
    ),
    Mend(
        r"image file not readable: (\S+)",
        "the path starts at the folder of the page; see that the file is there",
    ),
)

LINE = re.compile(r"(.+: (?:WARNING|ERROR): .+?)((?: \[[\w.-]+\])*)")


def with_mends(told: str, known: Mapping[str, Collection[str]]) -> str:
    """Add to each fault what to do about it.

    Parameters
    ----------
    told : str
        The faults, as Sphinx tells them.
    known : mapping of str to collection of str
        The names that there are, of each kind.

    Returns
    -------
    str

    Examples
    --------
    >>> told = "a.md:3: ERROR: Unknown directive type: 'notee' [myst.directive_unknown]"
    >>> print(with_mends(told, {"directive": ["figure", "note"]}))  # doctest: +NORMALIZE_WHITESPACE
    a.md:3: ERROR: Unknown directive type: 'notee'
    (did you mean note? If not, docs/writing.md lists the directives for a chapter)
    [myst.directive_unknown]
    """
    return "\n".join(_with_mend(line, known) for line in told.split("\n"))


def _with_mend(line: str, known: Mapping[str, Collection[str]]) -> str:
    parts = LINE.fullmatch(line)
    found = next(((m, named) for m in MENDS if (named := re.search(m.fault, line))), None)
    if not parts or not found:
        return line
    mend, named = found
    # At most two: more are a list to read, not a hint.
    close = difflib.get_close_matches(named[1], known.get(mend.kind, ()), n=2, cutoff=0.75)
    hint = f"did you mean {' or '.join(close)}? If not, " if close else ""
    return f"{parts[1]} ({hint}{mend.mend.replace('%s', named[1])}){parts[2]}"


def names(app: Sphinx) -> dict[str, set[str]]:
    """Give all names that a page of this book can use, by what they are names of.

    Parameters
    ----------
    app : Sphinx
        After the pages have been read.

    Returns
    -------
    dict of str to set of str
    """
    from docutils.parsers.rst import directives, roles

    domains = app.env.domains
    standard = domains.standard_domain
    labels = {*standard.labels, *standard.anonlabels}
    pages = set(app.env.found_docs)
    cited = app.env.domaindata.get("cite")
    found = {
        "label": labels,
        "page": pages,
        "target": labels | {f"{page}.md" for page in pages},
        "equation": set(domains.math_domain.equations),
        "term": {name for kind, name in standard.objects if kind == "term"},
        "citation": set(cited["bibdata"].data.entries) if cited else set(),
        "directive": {*directives._directives, *directives._directive_registry},  # type: ignore[attr-defined]
        "role": {*roles._roles, *roles._role_registry},  # type: ignore[attr-defined]
    }
    for domain in domains.sorted():
        prefix = "" if domain is standard else f"{domain.name}:"
        found["directive"] |= {prefix + name for name in domain.directives}
        found["role"] |= {prefix + name for name in domain.roles}
    return found
