"""The environment is what the lock files say, on any day, with any index, and with pip alone."""

import base64
import hashlib
import http.server
import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPEC = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
environment = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(environment)

LOCKS = [ROOT / "requirements.txt", ROOT / "tests/mutation/requirements.txt"]


def pins(lock):
    """The packages that a lock file pins for this Python, with their versions."""
    from packaging.markers import Marker

    for name, version, marker in re.findall(
        r"^([\w.-]+)==([\w.]+)(?: ; (.*?))? \\$", lock.read_text("utf-8"), re.M
    ):
        if not marker or Marker(marker).evaluate():
            yield name.lower().replace("_", "-"), version


def needs(name):
    """What a package asks for, extras included: `coverage[toml]` is what old pips stumble over."""
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []


class Index:
    """A package index on this machine: empty wheels of every pinned package, and a newer one each."""

    def __init__(self, folder):
        self.folder = folder
        self.hashes = {}

    def add(self, name, version):
        module = name.replace("-", "_")
        file = f"{module}-{version}-py3-none-any.whl"
        info = f"{module}-{version}.dist-info"
        about = "".join(f"Requires-Dist: {line}\n" for line in needs(name))
        members = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{about}",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        rows = []
        for path, text in members.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
            rows.append(f"{path},sha256={digest.decode()},{len(text)}\n")
        members[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(self.folder / name / file, "w") as wheel:
            for path, text in members.items():
                wheel.writestr(path, text)
        content = (self.folder / name / file).read_bytes()
        self.hashes[name, version] = hashlib.sha256(content).hexdigest()

    def lock(self, pinned):
        return "".join(
            f"{name}=={version} \\\n    --hash=sha256:{self.hashes[name, version]}\n"
            for name, version in pinned.items()
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """An index on which a newer version of every pinned package is out, and the lock of the old."""
    folder = tmp_path_factory.mktemp("index")
    index = Index(folder)
    pinned = dict(pair for lock in LOCKS for pair in pins(lock))
    pinned["uv"] = importlib.metadata.version("uv")  # the one that is there may be another
    for name, version in pinned.items():
        index.add(name, version)
        index.add(name, "99999.0")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield index, pinned, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def only_this_index(world, tmp_path, monkeypatch):
    """A user whose pip knows that index, and nothing else."""
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nindex-url = {world[2]}\n", "utf-8")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("UV_NO_CACHE", "1")


@pytest.fixture
def fresh(tmp_path):
    """An environment with nothing in it."""
    made = environment.Environment(tmp_path / "it's an ünvironment")
    made.make()
    return made


def installed(made):
    """What an environment holds besides uv."""
    found = importlib.metadata.distributions(
        path=[str(next(made.folder.glob("lib/python3*/site-packages")))]
    )
    versions = {each.name.lower().replace("_", "-"): each.version for each in found}
    return {name: version for name, version in versions.items() if name != "uv"}


def test_where_python_has_no_pip_the_environment_gets_its_own(tmp_path, capfd):
    made = environment.Environment(tmp_path / "env")
    made.has_own_pip = True
    made.make()
    assert made.run(*made.pip("--version"))
    assert str(made.folder) in capfd.readouterr().out


def test_the_book_is_found_in_any_folder_and_locale(fresh, monkeypatch):
    (fresh.folder / "src/lesson").mkdir(parents=True)
    monkeypatch.setattr(environment, "ROOT", fresh.folder)
    fresh.add_book()
    assert fresh.run(fresh.python, "-c", "import lesson", env={"LC_ALL": "C"})


def test_newer_versions_of_everything_change_nothing(
    world, only_this_index, fresh, tmp_path, capfd, monkeypatch
):
    index, pinned, _ = world
    shutil.copy(Path(sys.prefix, "bin/uv"), fresh.programs)
    lock = tmp_path / "lock.txt"
    lock.write_text(index.lock(pinned), "utf-8")
    monkeypatch.setattr(environment, "LOCK", lock)
    assert fresh.sync([lock])
    assert "uv could not do it" not in capfd.readouterr().out
    pinned = {name: version for name, version in pinned.items() if name != "uv"}
    names = installed(fresh).keys() - {"setuptools"}  # which comes with some Pythons
    assert {name: installed(fresh)[name] for name in names} == {
        name: version for name, version in pinned.items() if name != "setuptools"
    }


def test_without_uv_pip_installs_the_same(world, only_this_index, fresh, tmp_path, capfd):
    index, pinned, _ = world
    # The packages that ask for an extra of another, and those others: what broke on old pips.
    extras = {name for name in pinned if any("[" in line for line in needs(name))}
    asked = {
        re.match(r"[\w.-]+", line)[0].lower().replace("_", "-")
        for name in extras
        for line in needs(name)
        if "[" in line
    }
    some = {
        name: pinned[name] for name in sorted(extras | asked) if name in pinned and name != "uv"
    }
    assert {"pytest-cov", "coverage"} <= some.keys()
    lock = tmp_path / "lock.txt"
    lock.write_text(index.lock(some), "utf-8")
    assert fresh.sync([lock])  # this index has no such uv as the repository pins
    assert "uv could not do it" in capfd.readouterr().out
    found = installed(fresh)
    assert {name: found.get(name) for name in some} == some


def test_a_file_that_is_not_the_pinned_one_is_refused(
    world, only_this_index, fresh, tmp_path, capfd
):
    index, pinned, _ = world
    shutil.copy(Path(sys.prefix, "bin/uv"), fresh.programs)
    lock = tmp_path / "lock.txt"
    text = index.lock({"numpy": pinned["numpy"]})
    lock.write_text(text.replace(text[-10:-1], "000000000"), "utf-8")
    assert not fresh.sync([lock])
    assert "numpy" not in installed(fresh)


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """An environment that notes what it does, and does nothing."""
    done = []
    made = environment.Environment(tmp_path / "env")

    def make():
        done.append("make")
        made.programs.mkdir(parents=True, exist_ok=True)
        made.python.touch()

    made.make = make
    made.install = lambda locks, resolution: done.append("install")
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1", "utf-8")

    def update(this_python=False, folder=None):
        done.clear()
        if folder:
            made.__dict__.update(environment.Environment(folder).__dict__)
        made.bring_up_to_date([lock], "", this_python)
        return list(done)

    return made, lock, update


def test_it_is_made_once_and_synced_when_the_lock_changes(counted):
    _, lock, update = counted
    assert update() == ["make", "install"]
    assert update() == []
    lock.write_text("a==2", "utf-8")
    assert update() == ["install"]
    assert update() == []


def test_a_moved_one_is_made_anew(counted, tmp_path):
    made, _, update = counted
    update()
    made.folder.rename(tmp_path / "moved")
    assert update(folder=tmp_path / "moved") == ["make", "install"]


def test_one_whose_python_is_gone_is_made_anew(counted):
    made, _, update = counted
    update()
    made.python.unlink()
    assert update() == ["make", "install"]


def test_one_that_was_broken_off_is_made_anew(counted):
    made, lock, update = counted
    update()
    lock.write_text("a==2", "utf-8")
    install = made.install

    def broken_off(locks, resolution):
        raise KeyboardInterrupt

    made.install = broken_off
    with pytest.raises(KeyboardInterrupt):
        update()
    made.install = install
    assert update() == ["make", "install"]


def test_a_python_that_is_named_gets_its_environment(counted):
    made, _, update = counted
    update()
    assert update(this_python=True) == []
    noted = json.loads(made.note.read_text("utf-8"))
    made.note.write_text(json.dumps({**noted, "python": "3.99"}), "utf-8")
    assert update() == []
    assert update(this_python=True) == ["make", "install"]


def test_an_index_that_cannot_be_reached_is_a_message(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"numpy==2.0.0 \\\n    --hash=sha256:{'0' * 64}\n", "utf-8")
    done = subprocess.run(
        [sys.executable, ROOT / "tools/environment.py", tmp_path / "env", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The dependencies could not be installed; the reason stands above." in done.stderr
    assert "Traceback" not in done.stderr
