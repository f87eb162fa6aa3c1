"""What must hold of the repository as a whole."""

import fnmatch
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def files():
    """The repository's files; in a source archive, which has no .git, what the tools did not make."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return listed.rstrip("\0").split("\0")
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
    relative = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [
        path.as_posix()
        for path in relative
        if not any(
            fnmatch.fnmatch(part, pattern) or path.as_posix().startswith(f"{pattern}/")
            for part in path.parts
            for pattern in ignored
        )
    ]


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.txt").read_text("utf-8")


@pytest.mark.parametrize("name", files())
def test_no_file_names_a_package_registry(name):
    hosts = [
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "registry." + "npmjs" + ".org",
        "registry." + "yarnpkg",
    ]
    text = (ROOT / name).read_text("utf-8", errors="replace") if (ROOT / name).exists() else ""
    assert not [host for host in hosts if host in text]


def test_every_dependency_is_pinned_with_a_hash():
    pins = re.findall(
        r"^([\w.-]+)==([\w.]+)[^\n]*\\\n((?:\s+--hash=sha256:\w{64}[^\n]*\n?)+)", LOCK, re.M
    )
    assert len(pins) == len(re.findall(r"^[\w.-]+==", LOCK, re.M)) > 50


def test_every_declared_dependency_has_a_floor_and_is_in_the_lock():
    declared = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared += [line for line in extra if not line.startswith("backprop-book")]
    for line in declared:
        name, floor = re.fullmatch(r"([\w.-]+)>=([\w.]+)", line).groups()
        assert floor
        assert re.search(rf"^{re.escape(name)}==", LOCK, re.M | re.I), f"{name} is not in the lock"


def test_no_reference_in_a_docstring_begins_with_an_initial():
    """Markup reads "I. Newton" as the first item of a numbered list."""
    references = [
        reference
        for path in (ROOT / "src" / "backprop").glob("*.py")
        for reference in re.findall(r"\.\. \[\d+\] (.*)", path.read_text("utf-8"))
    ]
    assert len(references) > 10
    assert [reference for reference in references if re.match(r"\w\.", reference)] == []


def test_the_readme_is_short_and_names_the_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(readme.splitlines()) <= 80
    assert "make html" in readme
    assert "make test" in readme
