"""Make the environment that builds the book, or bring it up to date.

    python3 tools/environment.py .venv requirements.txt
    python3 tools/environment.py .venv-newest --resolution highest

The first form installs what the lock files name: all of it, and nothing else. They are complete, so
nothing is resolved, and a version published tomorrow changes nothing. The second form resolves
pyproject.toml, to see how the book fares with other versions than the pinned ones.

The pip of the Python that runs this fetches uv, whose version and hash the lock gives, and uv does
the rest in a few seconds. uv is told what pip has been told: its index, mirror, proxy and
certificates. Where uv cannot be had, pip installs.

What the environment was made from is noted in it. Where nothing of that has changed, this takes a
twentieth of a second. It needs nothing but Python's standard library.
"""

import argparse
import ast
import functools
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
PROJECT = ROOT / "pyproject.toml"
NOTE = "made-from.json"

# What pip calls a setting, and the variables by which uv is told the same.
SETTINGS = {
    "index-url": ("UV_DEFAULT_INDEX",),
    "extra-index-url": ("UV_INDEX",),
    "find-links": ("UV_FIND_LINKS",),
    "no-index": ("UV_NO_INDEX",),
    "trusted-host": ("UV_INSECURE_HOST",),
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY"),
    "timeout": ("UV_HTTP_TIMEOUT",),
}


class Refused(Exception):
    """The environment cannot be made; the message says why, and what to do."""


def uv_settings(listed):
    r"""Translate what pip has been told into variables for uv.

    Parameters
    ----------
    listed : str
        What ``pip config list`` prints: settings from files and from variables.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> uv_settings("global.index-url='https://mirror.example/simple'\n")
    {'UV_DEFAULT_INDEX': 'https://mirror.example/simple'}
    >>> uv_settings(":env:.find-links='/wheels'\nglobal.find-links='/more\\n/wheels'\n")
    {'UV_FIND_LINKS': '/wheels,/more'}
    >>> uv_settings("install.proxy='http://localhost:3128'\nglobal.timeout='60'\n")["HTTPS_PROXY"]
    'http://localhost:3128'
    """
    told = {}
    for _, name, value in re.findall(r"^(.*)\.([\w-]+)=('.*'|\".*\")$", listed, re.MULTILINE):
        for variable in SETTINGS.get(name, ()):
            values = told.setdefault(variable, [])
            values += [part for part in ast.literal_eval(value).split() if part not in values]
    several = {"UV_INDEX": " ", "UV_INSECURE_HOST": " ", "UV_FIND_LINKS": ","}
    return {
        variable: several[variable].join(values) if variable in several else values[-1]
        for variable, values in told.items()
    }


def pinned(name, lock):
    r"""Give the lines of a lock file that pin one package, with its hashes.

    Examples
    --------
    >>> print(pinned("b", "a==1 \\\n    --hash=x\nb==2 \\\n    --hash=y\nc==3\n"))
    b==2 \
        --hash=y
    """
    match = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*", lock, re.MULTILINE)
    return match.group() if match else ""


class Environment:
    """A virtual environment, and what it was made from.

    Parameters
    ----------
    folder : Path
        Where it is, or will be.
    """

    def __init__(self, folder):
        self.folder = folder.absolute()
        self.programs = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.programs / "python"
        # Unpacking a pip of its own takes as long as fetching all the packages.
        self.has_own_pip = importlib.util.find_spec("pip") is None
        self.note = self.folder / NOTE

    def made_from(self):
        """Read the note; an environment that was moved, or whose Python is gone, has none."""
        try:
            noted = json.loads(self.note.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return noted if noted["folder"] == str(self.folder) and self.python.exists() else {}

    def make(self):
        """Make it, empty, or with a pip of its own where this Python has none."""
        options = {"clear": True, "symlinks": os.name != "nt", "with_pip": self.has_own_pip}
        try:
            venv.create(self.folder, **options)
        except (subprocess.CalledProcessError, ImportError):
            raise Refused(
                "Python's own venv module, and pip, are needed to make the environment\n"
                "(on Debian and Ubuntu: the package python3-venv)."
            ) from None

    def run(self, *command, **more):
        """Run one of its programs; False if that fails."""
        return subprocess.run([str(part) for part in command], check=False, **more).returncode == 0

    def pip(self, *arguments):
        """Give the command that runs pip for it."""
        whose = (self.python, "-m", "pip")
        if not self.has_own_pip:
            whose = (sys.executable, "-m", "pip", "--python", self.python)
        return [*whose, "--disable-pip-version-check", *arguments]

    @functools.cached_property
    def uv(self):
        """Give the pinned uv, fetched if it is not there, and its settings."""
        program = self.programs / "uv"
        pin = pinned("uv", LOCK.read_text("utf-8"))
        version = re.match(r"uv==([\w.]+)", pin)
        found = (
            subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
            if program.exists()
            else None
        )
        if not (found and version and found.stdout.split()[1:2] == [version[1]]):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "uv.txt")
                file.write_text(pin + "\n", "utf-8")
                options = ("--quiet", "--no-deps", "--require-hashes")
                if not self.run(*self.pip("install", *options, "-r", file)):
                    return None, {}
        listed = subprocess.run(
            self.pip("config", "list"), capture_output=True, text=True, check=False
        ).stdout
        # pip takes the version that is pinned from whichever index has it; so shall uv.
        settings = {"UV_INDEX_STRATEGY": "unsafe-best-match", **uv_settings(listed)}
        return program, {**settings, **os.environ}

    def sync(self, locks):
        """Install what lock files name, and remove what they do not; True if that could be done."""
        uv, settings = self.uv
        options = ("--quiet", "--require-hashes")
        if uv and self.run(
            uv, "pip", "sync", *options, "--python", self.python, *locks, env=settings
        ):
            return True
        print("uv could not do it. pip does the same, and takes longer ...", flush=True)
        files = [part for lock in locks for part in ("-r", lock)]
        return self.run(*self.pip("install", *options, "--no-deps", *files))

    def resolve(self, resolution):
        """Install versions that pyproject.toml allows; True if that could be done."""
        uv, settings = self.uv
        wanted = ("--resolution", resolution, "--upgrade", "--extra", "test", "-r", PROJECT)
        return uv and self.run(
            uv, "pip", "install", "--quiet", "--python", self.python, *wanted, env=settings
        )

    def add_book(self):
        """Let it find the book's own code, as it stands in the repository.

        The path is relative: in a C locale, Python cannot read one with an umlaut in it.
        """
        packages = next(self.folder.rglob("site-packages"))
        path = os.path.relpath(ROOT / "src", packages)
        (packages / "backprop_book.pth").write_bytes(os.fsencode(path + "\n"))

    def install(self, locks, resolution):
        """Install the dependencies, then the book's own code."""
        names = ", ".join(lock.name for lock in locks) or f"{resolution} versions"
        print(f"Installing the dependencies ({names}) ...", flush=True)
        if self.resolve(resolution) if resolution else self.sync(locks):
            self.add_book()
        else:
            raise Refused(
                "The dependencies could not be installed; the reason stands above. They come from\n"
                "the index that pip is set up for (`pip config list` shows it). Run the command\n"
                "again once that can be reached."
            )

    def bring_up_to_date(self, locks, resolution, this_python):
        """Make it, or install what has changed; nothing if nothing has."""
        digest = hashlib.sha256(resolution.encode())
        for file in (PROJECT, LOCK, *locks):
            digest.update(file.read_bytes())
        wanted = {"folder": str(self.folder), "digest": digest.hexdigest()}
        noted = self.made_from()
        python = noted.pop("python", None)
        if not noted or (this_python and python != sys.version):
            self.make()
            python = sys.version
        elif noted == wanted:
            return
        self.note.unlink(missing_ok=True)  # broken off, it is not taken for whole
        self.install(locks, resolution)
        self.note.write_text(json.dumps({**wanted, "python": python}), "utf-8")


def main():
    """Make or update the environment that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("locks", type=Path, nargs="*")
    parser.add_argument("--resolution", choices=["highest", "lowest-direct"], default="")
    parser.add_argument("--this-python", action="store_true", help="make it anew for this Python")
    options = parser.parse_args()
    try:
        Environment(options.folder).bring_up_to_date(
            options.locks, options.resolution, options.this_python
        )
    except Refused as reason:
        sys.exit(str(reason))
    except OSError as fault:
        sys.exit(f"The environment {options.folder} could not be made: {fault}")


if sys.version_info < OLDEST:
    sys.exit(
        "This book needs Python 3.11 or newer; this is {}.{}. Name a newer one: "
        "make html PYTHON=python3.12".format(*sys.version_info[:2])
    )

if __name__ == "__main__":
    main()
