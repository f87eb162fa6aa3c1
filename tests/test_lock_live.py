"""What runs in the browser is pinned from what its publishers say, and what is missing is said."""

import hashlib
import importlib.util
import json
import tomllib
import zipfile
from pathlib import Path

import pytest

from live_exercises.supply import lock, read_record, recorded_files

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("lock_live", ROOT / "tools" / "lock_live.py")
lock_live = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(lock_live)

VERSION = "9.8.7"
WHEELS = {"numpy": b"arrays", "matplotlib": b"pictures", "six": b"both"}


def digest(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def published(monkeypatch):
    """A release of Pyodide, and wheels that carry it and the editor."""
    depends = {"numpy": [], "matplotlib": ["numpy", "six", "fonttools"], "six": []}
    packages = {
        name: {
            "version": "1.0",
            "file_name": f"{name}.whl",
            "sha256": digest(content),
            "imports": [name],
            "depends": depends[name],
        }
        for name, content in WHEELS.items()
    }
    info = {**read_record()["pyodide"]["info"], "version": VERSION}
    files = {name: name.encode() for name in lock_live.FILES}
    files["pyodide-lock.json"] = json.dumps({"info": info, "packages": packages}).encode()
    carried = {**files, **{f"{name}.whl": content for name, content in WHEELS.items()}}

    def download(requirement, folder):
        wheel = folder / "a.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in carried.items():
                archive.writestr(f"deep/{name}", content)
            for name, text in {
                "index.js": 'import{a}from"./core.js"',
                "core.js": 'import("./py.js").then(m=>m.python()),import("./c.js").then(m=>m.c())',
                "py.js": "",
            }.items():
                archive.writestr(f"codemirror/dist/{name}", text)
        return wheel, f"{requirement.split()[0]} --hash=sha256:{'0' * 64}"

    monkeypatch.setattr(lock_live, "release", lambda version, folder: (files, "sha512-x"))
    monkeypatch.setattr(lock_live, "download", download)
    return carried


def test_the_record_is_what_the_release_says(published, tmp_path):
    text, said = lock_live.record(VERSION, tmp_path)
    record = tomllib.loads(text)
    assert said == []
    assert lock_live.released(record) == record["pyodide"]["info"]["version"] == VERSION
    assert [place["files"] for place in record["places"]] == ["pyodide", "pyodide", "codemirror"]
    assert record["pyodide"]["packages"]["matplotlib"]["depends"] == ["numpy", "six"]
    files = recorded_files(record)
    assert files["pyodide/six.whl"] == digest(b"both")
    assert [name for name in files if name.startswith("codemirror/")] == [
        "codemirror/index.js",
        "codemirror/core.js",
        "codemirror/py.js",
    ]
    assert json.loads(lock(record))["packages"]["six"]["file_name"] == "six.whl"


def test_a_wheel_without_the_release_is_left_out_and_named(published, tmp_path):
    published["numpy.whl"] = b"another build"
    text, said = lock_live.record(VERSION, tmp_path)
    (line,) = said
    assert f"does not carry Pyodide {VERSION}: it lacks numpy.whl" in line
    places = tomllib.loads(text)["places"]
    assert [place["files"] for place in places] == ["pyodide", "codemirror"]


def test_a_release_without_a_package_is_refused():
    with pytest.raises(lock_live.Refused, match="has no package matplotlib"):
        lock_live.packages(
            {
                "packages": {
                    "numpy": {
                        "version": "1",
                        "file_name": "n.whl",
                        "sha256": "",
                        "imports": [],
                        "depends": [],
                    }
                }
            }
        )
