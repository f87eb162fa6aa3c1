"""Files of others that the site serves: Pyodide with its packages, and the editor.

None of them is in the repository. They are taken from a directory or from wheels, whichever the
setting ``live_sources`` names, and each must have the SHA-256 that ``supply.toml`` records. So a
publisher who mirrors Pyodide's own release names that directory, and gets the very same site.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

RECORD = Path(__file__).with_name("supply.toml")


class SupplyError(ValueError):
    """A file is not to be had, or it is not the file that is recorded."""


def read_record() -> dict[str, Any]:
    """Read which files are served, and their hashes.

    Returns
    -------
    dict
        What ``supply.toml`` says.

    Examples
    --------
    >>> sorted(read_record())
    ['editor', 'pyodide']
    """
    return tomllib.loads(RECORD.read_text("utf-8"))


def recorded_files(record: dict[str, Any]) -> dict[str, str]:
    """List the files to serve.

    Parameters
    ----------
    record : dict
        What `read_record` gives.

    Returns
    -------
    dict of str to str
        The SHA-256 of each file, by its path below the site's ``_static``.

    Examples
    --------
    >>> files = recorded_files(read_record())
    >>> files["pyodide/pyodide.mjs"][:8], files["codemirror/index.js"][:8]
    ('04c052c8', 'c3f2db6a')
    """
    pyodide, editor = record["pyodide"], record["editor"]
    files = {f"pyodide/{name}": digest for name, digest in pyodide["files"].items()}
    files |= {
        f"pyodide/{package['file']}": package["sha256"] for package in pyodide["packages"].values()
    }
    return files | {f"codemirror/{name}": digest for name, digest in editor["files"].items()}


def lock(record: dict[str, Any]) -> str:
    """Write the list of packages that Pyodide's loader reads, from the record alone.

    The loader has the browser compare each package with the hash that stands here.

    Parameters
    ----------
    record : dict
        What `read_record` gives.

    Returns
    -------
    str
        The content of ``pyodide-lock.json``.

    Examples
    --------
    >>> json.loads(lock(read_record()))["packages"]["numpy"]["version"]
    '2.0.2'
    """
    packages = {
        name: {
            "depends": package["depends"],
            "file_name": package["file"],
            "imports": package["imports"],
            "install_dir": "site",
            "name": name,
            "package_type": "package",
            "sha256": package["sha256"],
            "unvendored_tests": False,
            "version": package["version"],
        }
        for name, package in record["pyodide"]["packages"].items()
    }
    return json.dumps({"info": record["pyodide"]["info"], "packages": packages}, sort_keys=True)


def sha256(content: bytes) -> str:
    """Compute the SHA-256 of some content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _copies(name: str, sources: Sequence[Path]) -> Iterator[bytes]:
    """Every file of this name in the sources: directories, and the wheels in them."""
    for source in sources:
        if source.is_dir():
            yield from (path.read_bytes() for path in sorted(source.rglob(name)) if path.is_file())
            wheels = sorted(source.glob("*.whl"))
        else:
            wheels = [source]
        for wheel in wheels:
            with ZipFile(wheel) as archive:
                for entry in archive.namelist():
                    if PurePosixPath(entry).name == name:
                        yield archive.read(entry)


def find(name: str, digest: str, sources: Sequence[Path]) -> bytes:
    """Find a file by its name and its hash.

    Parameters
    ----------
    name : str
        The file's name, without a directory.
    digest : str
        Its SHA-256.
    sources : sequence of Path
        Directories and wheels.

    Returns
    -------
    bytes
        What the file holds.

    Raises
    ------
    SupplyError
        If no source has the file, or if what it has under this name is something else.

    Examples
    --------
    >>> find("supply.toml", "0" * 64, [RECORD.parent])
    Traceback (most recent call last):
    ...
    live_exercises.supply.SupplyError: every supply.toml found differs from the recorded one
    >>> find("nothing.js", "0" * 64, [RECORD.parent])
    Traceback (most recent call last):
    ...
    live_exercises.supply.SupplyError: nothing.js is not in any source
    """
    found = False
    for content in _copies(name, [source for source in sources if source.exists()]):
        if sha256(content) == digest:
            return content
        found = True
    if found:
        raise SupplyError(f"every {name} found differs from the recorded one")
    raise SupplyError(f"{name} is not in any source")


def supply(target: Path, sources: Sequence[Path]) -> None:
    """Bring every recorded file into a directory, and write the list of packages beside them.

    Parameters
    ----------
    target : Path
        The site's ``_static`` directory. Files that are there already are kept, if they are right.
    sources : sequence of Path
        Directories and wheels.

    Raises
    ------
    SupplyError
        If a file is not to be had as it is recorded.
    """
    record = read_record()
    for path, digest in recorded_files(record).items():
        file = target / path
        if not (file.is_file() and sha256(file.read_bytes()) == digest):
            content = find(file.name, digest, sources)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (target / "pyodide/pyodide-lock.json").write_text(lock(record), "utf-8")
