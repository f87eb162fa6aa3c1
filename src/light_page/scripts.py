"""Scripts that wait for the page, and none that it does not use."""

import re
from collections.abc import Iterable

LATE = "bootstrap.js"
"""What opens the menus of the page's bar, and nothing else: it comes when a reader touches one."""

# The first press of a button comes before the script that answers it, so it is pressed again.
FETCH = """\
let coming;
const bring = () => coming ??= new Promise((resolve) => {
  const script = document.createElement("script");
  script.src = document.querySelector("script[data-late]").dataset.late;
  script.onload = () => {
    removeEventListener("click", press, true);
    resolve();
  };
  document.head.append(script);
});
const touched = (event) => event.target.closest?.("[data-bs-toggle]");
for (const type of ["pointerover", "focusin", "touchstart"]) {
  addEventListener(type, (event) => touched(event) && bring(), { passive: true });
}
const press = (event) => {
  const button = event.target.closest?.('[data-bs-toggle="dropdown"]');
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  bring().then(() => button.click());
};
addEventListener("click", press, true);
"""

_TAG = re.compile(r"[ \t]*<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>\n?", re.DOTALL)
_SOURCE = re.compile(r'\bsrc="(?:[^"?]*/)?([^"/?]+)(?:\?[^"]*)?"')
_PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')


def tidy_scripts(page: str, unused: Iterable[str]) -> str:
    """Have the scripts of a page wait for it, and leave out those that it does not use.

    A script from a file waits until the page is read. An inline one that speaks to such a file
    waits too, as a module; their order stays. Only what chooses light or dark runs at once. The
    file named in `LATE` is fetched when it is needed.

    Parameters
    ----------
    page : str
        HTML.
    unused : iterable of str
        Names of the files that the page can do without.

    Returns
    -------
    str

    Examples
    --------
    >>> page = '<script src="a/x.js?v=1"></script><script src="y.js"></script>'
    >>> print(tidy_scripts(page, unused=["y.js"]))
    <script defer src="a/x.js?v=1"></script>
    >>> print(tidy_scripts('<script src="o.js"></script><script>OPTIONS.page = 1;</script>', []))
    <script defer src="o.js"></script><script type="module">OPTIONS.page = 1;</script>
    """
    unused = set(unused)
    waiting = False

    def tidy(match: re.Match[str]) -> str:
        nonlocal waiting
        attributes, body = match["attributes"], match["body"]
        if source := _SOURCE.search(attributes):
            if source[1] in unused:
                return ""
            waiting = True
            if source[1] == LATE:
                address = source[0].removeprefix("src=")
                return f'<script type="module" data-late={address}>{FETCH}</script>\n'
            if not re.search(r"\b(defer|async)\b", attributes):
                attributes = " defer" + attributes
        elif waiting and "type=" not in attributes:
            attributes = ' type="module"' + attributes
        lead = match[0][: len(match[0]) - len(match[0].lstrip(" \t"))]
        end = "\n" if match[0].endswith("\n") else ""
        return f"{lead}<script{attributes}>{body}</script>{end}"

    # Files that wait anyway are not to be fetched before the style sheet and the font.
    return _TAG.sub(tidy, _PRELOAD.sub("", page))
