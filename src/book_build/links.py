"""List the external links of the book, and ask each whether it still answers.

``python -m book_build.links SOURCE OUTPUT`` lists every external link with its page and line. Where
there is a network, Sphinx's link checker then asks each of them. Where there is none, that is said,
and the exit status is 2: a link that was not asked has not passed.
"""

import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

NO_NETWORK = 2


def reachable(hosts: set[str]) -> bool:
    """Whether the name of any of these hosts can be looked up.

    Parameters
    ----------
    hosts : set of str
        Names of hosts.

    Returns
    -------
    bool

    Examples
    --------
    >>> reachable({"localhost"})
    True
    >>> reachable(set())
    False
    """
    for host in sorted(hosts):
        try:
            socket.getaddrinfo(host, 443)
        except OSError:
            continue
        return True
    return False


def list_links(source: Path) -> list[tuple[str, int, str]]:
    r"""External links of the book's pages.

    Parameters
    ----------
    source : Path
        The folder of the pages.

    Returns
    -------
    list of tuple
        For each link the file, the line and the address.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "page.md").write_text("# Title\n\n[here](https://example.org/a)\n")
    >>> list_links(folder)
    [('page.md', 3, 'https://example.org/a')]
    """
    found = []
    for path in sorted([*source.rglob("*.md"), *source.rglob("*.bib")]):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            for word in line.replace("(", " ").replace("{", " ").replace("<", " ").split():
                if word.startswith(("http://", "https://")):
                    address = word.rstrip(".,;)}>").split(")")[0]
                    found.append((str(path.relative_to(source)), number, address))
    return found


def main(source: Path, output: Path) -> int:
    """List the links, and check them where there is a network.

    Parameters
    ----------
    source, output : Path
        The folder of the pages, and where the report goes.

    Returns
    -------
    int
        0 if every link answers, 1 if one does not, 2 if there is no network to ask on.
    """
    links = list_links(source)
    for file, line, address in links:
        print(f"{file}:{line}: {address}")
    print(f"{len(links)} external links")
    if not reachable({urlsplit(address).hostname or "" for _, _, address in links}):
        print("There is no network here: the links are listed above, but none was asked.")
        return NO_NETWORK
    command = [sys.executable, "-m", "sphinx", "-c", ".", "-q", "-b", "linkcheck"]
    subprocess.run([*command, str(source), str(output)], check=False)
    broken = 0
    for text in (output / "output.json").read_text("utf-8").splitlines():
        report = json.loads(text)
        if report["status"] not in ("working", "redirected", "unchecked"):
            broken += 1
            print(f"{report['filename']}:{report['lineno']}: {report['uri']}: {report['info']}")
    print(f"{broken} of {len(links)} links do not answer")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
