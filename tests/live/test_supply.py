"""Files of others: found by name and hash, in a directory or in a wheel, or refused."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from live_exercises import supply as supplying
from live_exercises.supply import SupplyError, find, lock, read_record, recorded_files, sha256

CONTENT = b"export const answer = 42;\n"


@pytest.fixture(params=["directory", "wheel", "directory with a wheel"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "directory":
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep/answer.js").write_bytes(CONTENT)
        return tmp_path
    with ZipFile(tmp_path / "some-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("other/answer.js", b"another file of this name")
        wheel.writestr("some/answer.js", CONTENT)
    return tmp_path if "directory" in request.param else tmp_path / "some-1.0-py3-none-any.whl"


def test_a_file_is_found_by_its_hash(source: Path) -> None:
    assert find("answer.js", sha256(CONTENT), [source]) == CONTENT


def test_a_file_that_differs_is_refused(source: Path) -> None:
    with pytest.raises(SupplyError, match=r"every answer\.js found differs"):
        find("answer.js", sha256(CONTENT + b" "), [source])


def test_a_file_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match=r"answer\.js is not in any source"):
        find("answer.js", sha256(CONTENT), [tmp_path / "missing"])


def test_a_file_that_was_changed_on_the_site_is_brought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {
        "pyodide": {"info": {}, "files": {}, "packages": {}},
        "editor": {"files": {"answer.js": sha256(CONTENT)}},
    }
    monkeypatch.setattr(supplying, "read_record", lambda: record)
    source, target = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (target / "pyodide").mkdir(parents=True)
    (source / "answer.js").write_bytes(CONTENT)
    for spoiled in (b"", b"spoiled"):
        (target / "codemirror").mkdir(exist_ok=True)
        (target / "codemirror/answer.js").write_bytes(spoiled)
        supplying.supply(target, [source])
        assert (target / "codemirror/answer.js").read_bytes() == CONTENT


def test_the_list_of_packages_has_every_dependency_and_every_hash() -> None:
    record = read_record()
    packages = json.loads(lock(record))["packages"]
    for package in packages.values():
        assert set(package["depends"]) <= packages.keys()
        path = f"pyodide/{package['file_name']}"
        assert recorded_files(record)[path] == package["sha256"]
