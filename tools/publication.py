"""Check that the book can be published from here, and print the address of its site.

    python3 tools/publication.py

``make publish-check`` runs this, and so does the workflow that publishes. The address of the
repository stands in pyproject.toml, under [project.urls]. It must be the address of the repository
that publishes: the one that GITHUB_REPOSITORY names where GitHub runs this, elsewhere the one that
the remote ``origin`` names. BOOK_URL is for a site elsewhere than on the repository's GitHub Pages.
It needs nothing but Python's standard library.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
PLACEHOLDER = "understanding-backpropagation/book"


class Refused(Exception):
    """The book cannot be published; the message says why, and what to do."""


def stated(project):
    """Find the repository that pyproject.toml names, and the line where it does."""
    text = project.read_text("utf-8")
    address = tomllib.loads(text)["project"]["urls"]["Repository"]
    line = 1 + text[: text.index(f'"{address}"')].count("\n")
    place = f"{project.name}:{line}"
    match = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", address)
    if not match:
        raise Refused(f"{place}: {address} is not of the form https://github.com/OWNER/NAME")
    return match[1], place


def publishing(folder):
    """Find the repository that publishes."""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return name
    command = ["git", "remote", "get-url", "origin"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    match = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$", done.stdout)
    return match[1] if match else None


def site(repository):
    """Give the address that GitHub Pages has for a repository.

    Examples
    --------
    >>> site("Ada/book"), site("Ada/ada.github.io")
    ('https://ada.github.io/book/', 'https://ada.github.io/')
    """
    owner, name = repository.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def check(project):
    """Compare what is stated with what publishes; give the address of the site."""
    repository, place = stated(project)
    if repository == PLACEHOLDER:
        raise Refused(
            f"{place}: the repository's address is still the placeholder. Write the address of "
            "your repository there: the book's links to its source and to the forms for mistakes "
            "lead to it."
        )
    publisher = publishing(project.parent)
    if publisher and publisher.lower() != repository.lower():
        raise Refused(
            f"{place}: this names the repository {repository}, but {publisher} is about to publish "
            "the book. Write the address of the one that publishes."
        )
    return os.environ.get("BOOK_URL") or site(repository)


def main():
    """Print the address of the site, or why there can be none."""
    try:
        print(check(PROJECT))
    except Refused as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
