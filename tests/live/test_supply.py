"""Files of others: found by name and hash, in a directory or in a wheel, or refused."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live_exercises import supply as supplying
from live_exercises.supply import SupplyError, find, lock, read_record, recorded_files, sha256

CONTENT = b"export const answer = 42;\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/answer.js").write_bytes(CONTENT)
    (tmp_path / "answer.js").write_bytes(b"another file of this name")
    return tmp_path


def test_a_file_is_found_by_its_hash(source: Path) -> None:
    assert find("answer.js", sha256(CONTENT), [source]) == source / "deep/answer.js"


def test_a_file_that_differs_is_refused(source: Path) -> None:
    with pytest.raises(SupplyError, match=r"every answer\.js found differs"):
        find("answer.js", sha256(CONTENT + b" "), [source])


def test_a_file_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match=r"answer\.js is not in any source"):
        find("answer.js", sha256(CONTENT), [tmp_path / "missing"])


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A record of one file, without a place to fetch it from."""
    record: dict[str, Any] = {
        "places": [],
        "pyodide": {"info": {}, "files": {}, "packages": {}},
        "editor": {"files": {"answer.js": sha256(CONTENT)}},
    }
    monkeypatch.setattr(supplying, "read_record", lambda: record)
    return record


def test_a_file_that_was_changed_on_the_site_is_brought_again(
    tmp_path: Path, record: dict[str, Any]
) -> None:
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


def test_the_list_names_the_hash_of_what_the_site_serves(built: Path) -> None:
    folder = built / "_static/pyodide"
    packages = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))["packages"]
    for package in packages.values():
        assert sha256((folder / package["file_name"]).read_bytes()) == package["sha256"]
    recorded = read_record()["pyodide"]["packages"]["numpy"]["sha256"]
    assert packages["numpy"]["sha256"] != recorded  # less goes to the site


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server on this machine that has the file."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "answer.js").write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *arguments: None  # type: ignore[attr-defined]
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}/"
    served.shutdown()
    served.server_close()


def place(address: str) -> dict[str, str]:
    return {"name": address, "files": "codemirror", "address": address}


def test_a_file_is_fetched_from_the_first_place_that_has_it(
    tmp_path: Path, record: dict[str, Any], server: str
) -> None:
    dead = "http://127.0.0.1:9/"
    record["places"] = [place(dead), place(f"{server}nothing-here/"), place(server), place(dead)]
    target = tmp_path / "live"
    assert supplying.fetch(target) == []
    assert (target / "codemirror/answer.js").read_bytes() == CONTENT
    assert supplying.missing([target]) == []
    (tmp_path / "served/answer.js").unlink()
    assert supplying.fetch(target) == []  # nothing is asked again


def test_a_fetched_file_that_differs_is_not_taken(
    tmp_path: Path, record: dict[str, Any], server: str
) -> None:
    (tmp_path / "served/answer.js").write_bytes(CONTENT + b" ")
    record["places"] = [place(server)]
    assert supplying.fetch(tmp_path / "live") == ["not found: answer.js"]
    assert not (tmp_path / "live/codemirror").exists()


@pytest.mark.parametrize(("settings", "status"), [({}, 0), ({"CI": "true"}, 1)])
def test_where_nothing_can_be_fetched_the_book_goes_without_but_not_in_ci(
    tmp_path: Path,
    record: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    status: int,
) -> None:
    record["places"] = [place("http://127.0.0.1:9/")]
    monkeypatch.delenv("CI", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["supply", str(tmp_path / "live")])
    assert supplying.main() == status
    told = capsys.readouterr().out
    assert "The book is built without Run: its files could not be fetched (" in told
    assert "Connection refused" in told
