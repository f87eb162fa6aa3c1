"""Pin again what runs in the reader's browser: write src/live_exercises/supply.toml anew.

    .venv/bin/python tools/lock_live.py            # the release of Pyodide that it names now
    .venv/bin/python tools/lock_live.py 0.28.0     # another one

``make lock-live`` runs this. Names, versions and hashes come from Pyodide's own package, which npm
fetches and verifies. The places under ``[[places]]`` are chosen by hand; the address of Pyodide's
own release follows from its version. A wheel that is to be another one is written there as
``name==version``, and gets its hash here. A wheel that does not carry the release is left out, and
that is said. The editor's files are read from the wheel that carries them.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from live_exercises.supply import RECORD, read_record, sha256

FILES = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
PACKAGES = ("numpy", "matplotlib")
"""What the chapters import. What these depend on comes along."""
LEFT_OUT = {"fonttools", "matplotlib-pyodide", "pytz"}

ABOUT = {
    "pyodide": """\
# Pyodide: CPython for the browser. https://pyodide.org, Mozilla Public License 2.0.
# These four are the files of the npm package pyodide@{version}
# ({package}).""",
    "info": """\
# What Pyodide's loader must know of the release that the packages belong to.""",
    "packages": """\
# Packages built for it. Names, versions, hashes are those of pyodide-lock.json in the same npm
# package (SHA-256 {lock}).
# Matplotlib's own list of what it depends on is longer there: {left_out}
# are not needed here.""",
    "editor": """\
# CodeMirror 6, the editor. https://codemirror.net, MIT License.
# Its authors publish sources that a bundler must join. {wheel} (MIT License) carries them
# joined, as plain modules that export every name; these are the ones that the book needs.""",
}
"""The comments of the record, which say where the hashes below them come from."""


class Refused(Exception):
    """The record cannot be written; the message says why, and what to do."""


def run(*command, folder):
    """Run a program; where it fails, say what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        told = " ".join(done.stderr.split()).partition(" npm error A complete log")[0]
        raise Refused(f"{' '.join(command[:2])} failed: {told}")
    return done.stdout


def released(known):
    """Tell which release of Pyodide a record is for."""
    addresses = [place.get("address", "") for place in known["places"]]
    return re.search(r"/v([^/]+)/", " ".join(addresses))[1]


def release(version, folder):
    """Fetch Pyodide's package; give its files, and the SHA-512 of the package as npm writes it."""
    run("npm", "pack", "--loglevel", "error", f"pyodide@{version}", folder=folder)
    packed = folder / f"pyodide-{version}.tgz"
    with tarfile.open(packed) as archive:
        files = {
            name: archive.extractfile(f"package/{name}").read()
            for name in (*FILES, "pyodide-lock.json")
        }
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    return files, f"sha512-{digest}"


def packages(lock):
    """List the packages to serve, as Pyodide's list has them, by name."""
    listed, found, wanted = lock["packages"], {}, list(PACKAGES)
    while wanted:
        name = wanted.pop(0)
        if name in found:
            continue
        if name not in listed:
            raise Refused(f"this release of Pyodide has no package {name}")
        package = listed[name]
        depends = sorted(set(package["depends"]) - LEFT_OUT)
        found[name] = {
            "version": package["version"],
            "file": package["file_name"],
            "sha256": package["sha256"],
            "imports": package["imports"],
            "depends": depends,
        }
        wanted += depends
    return found


def download(requirement, folder):
    """Fetch a wheel; give it, and its requirement with the hash."""
    name = requirement.split()[0]
    listed = folder / "wheel.txt"
    listed.write_text(requirement, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", "wheel"]
    run(*command, "-r", str(listed), folder=folder)
    (wheel,) = (folder / "wheel").glob("*.whl")
    return wheel, f"{name} --hash=sha256:{sha256(wheel.read_bytes())}"


def carried(wheel):
    """Give the SHA-256 of each file in a wheel, by its name without the folder."""
    hashes = {}
    with ZipFile(wheel) as archive:
        for entry in archive.namelist():
            hashes.setdefault(PurePosixPath(entry).name, set()).add(sha256(archive.read(entry)))
    return hashes


def editor(wheel):
    """List the editor's files in a wheel, with their hashes: its index, and what that imports.

    Of the languages, which the editor would load when they are asked for, Python alone is taken.
    """
    with ZipFile(wheel) as archive:
        (start,) = (n for n in archive.namelist() if n.endswith("codemirror/dist/index.js"))
        folder, found, wanted = start.rpartition("/")[0], {}, ["index.js"]
        while wanted:
            name = wanted.pop(0)
            if name in found:
                continue
            content = archive.read(f"{folder}/{name}")
            found[name] = sha256(content)
            text = content.decode()
            wanted += re.findall(r'from ?"\./([^"]+)"', text)
            wanted += re.findall(r'import\("\./([^"]+)"\)\.then\(\(?\w+\)?=>\w+\.python\(', text)
    return found


def as_toml(name, values):
    """Write a table. Strings and lists of strings are the same in JSON and in TOML."""
    keys = {key: f'"{key}"' if "." in key else key for key in values}
    lines = [f"{keys[key]} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines])


def record(version, folder):
    """Write the record for a release of Pyodide; tell what must be said of it."""
    known = read_record()
    files, digest = release(version, folder)
    lock = json.loads(files["pyodide-lock.json"])
    hashes = {name: sha256(files[name]) for name in FILES}
    served = packages(lock)
    needed = {**hashes, **{package["file"]: package["sha256"] for package in served.values()}}

    said, places, edited = [], [], None
    if lock["info"]["version"] != version:
        said.append(
            f"the list of packages in pyodide@{version} says that it is for "
            f"{lock['info']['version']}. See in a browser that the exercises run."
        )
    for number, place in enumerate(known["places"]):
        place = dict(place)
        if "address" in place:
            place["address"] = re.sub(r"/v[^/]+/", f"/v{version}/", place["address"])
        else:
            (folder / str(number)).mkdir()
            wheel, place["wheel"] = download(place["wheel"], folder / str(number))
            if place["files"] == "codemirror":
                edited = editor(wheel)
            else:
                has = carried(wheel)
                lacking = [n for n, sha in needed.items() if sha not in has.get(n, ())]
                if lacking:
                    said.append(
                        f"{place['wheel'].split()[0]} does not carry Pyodide {version}: it lacks "
                        f"{lacking[0]} and {len(lacking) - 1} more. It is left out. A wheel that "
                        "does is added under [[places]], as name==version; then run this again."
                    )
                    continue
        places.append(place)
    if edited is None:
        raise Refused(f'{RECORD.name}: no place has files = "codemirror", as a wheel')

    head = RECORD.read_text("utf-8").partition("[[places]]")[0].rstrip()
    info = {key: lock["info"][key] for key in sorted(known["pyodide"]["info"])}
    of_editor = next(place["wheel"] for place in places if place["files"] == "codemirror")
    about = {
        name: text.format(
            version=version,
            package=digest,
            lock=sha256(files["pyodide-lock.json"]),
            left_out=", ".join(sorted(LEFT_OUT)),
            wheel=of_editor.split()[0],
        )
        for name, text in ABOUT.items()
    }
    parts = [
        "\n".join([head, as_toml("[places]", places[0])]),
        *(as_toml("[places]", place) for place in places[1:]),
        "\n".join([about["pyodide"], as_toml("pyodide.files", hashes)]),
        "\n".join([about["info"], as_toml("pyodide.info", info)]),
        about["packages"],
        *(as_toml(f"pyodide.packages.{name}", package) for name, package in served.items()),
        "\n".join([about["editor"], as_toml("editor.files", edited)]),
    ]
    return "\n\n".join(parts) + "\n", said


def main():
    """Write the record, or say why not."""
    version = sys.argv[1] if len(sys.argv) > 1 else released(read_record())
    with tempfile.TemporaryDirectory() as folder:
        try:
            text, said = record(version, Path(folder))
        except (Refused, FileNotFoundError) as fault:
            print(f"lock-live: {fault}", file=sys.stderr)
            return 1
    RECORD.write_text(text, encoding="utf-8")
    for line in said:
        print(f"lock-live: {line}")
    print(f"{RECORD.name} is for Pyodide {version}. Commit it once `make test` passes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
