"""What is needed to publish the book: the repository's address, the workflows, the built site."""

import importlib.util
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SITE = ROOT / os.environ.get("BUILD", "_build") / "html"
SPEC = importlib.util.spec_from_file_location("publication", ROOT / "tools" / "publication.py")
publication = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(publication)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with an address, published by github.com/ada/book."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/book")
    monkeypatch.delenv("BOOK_URL", raising=False)

    def write(address):
        path = tmp_path / "pyproject.toml"
        path.write_text(f'[project]\nname = "x"\n[project.urls]\nRepository = "{address}"\n')
        return path

    return write


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        (f"https://github.com/{publication.PLACEHOLDER}", "still the placeholder"),
        ("https://github.com/someone/else", "someone/else, but ada/book is about to publish"),
        ("https://example.org/book", "not of the form"),
    ],
)
def test_the_book_is_not_published_with_a_wrong_address(project, address, fault):
    with pytest.raises(publication.Refused, match=fault) as refused:
        publication.check(project(address))
    assert str(refused.value).startswith("pyproject.toml:4: ")


def test_the_sites_address_follows_from_the_repositorys(project, monkeypatch):
    path = project("https://github.com/Ada/book")
    assert publication.check(path) == "https://ada.github.io/book/"
    monkeypatch.setenv("BOOK_URL", "https://books.example.org/")
    assert publication.check(path) == "https://books.example.org/"


def test_without_a_publisher_the_address_stands(project, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(ROOT.parent))
    assert (
        publication.check(project("https://github.com/ada/book")) == "https://ada.github.io/book/"
    )


def test_one_file_alone_names_the_repository():
    """`PLACEHOLDER` may stay what it is: it is what a new address is not."""
    address = PROJECT["urls"]["Repository"]
    folders = [
        ROOT / name for name in ("book", "docs", "src", "tools", ".github", "tests", "audit")
    ]
    files = [
        *ROOT.glob("*.*"),
        *(p for f in folders for p in f.rglob("*") if "node_modules" not in p.parts),
    ]
    named = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.suffix in {".py", ".md", ".toml", ".yml", ".cff", ".js", ".html"}
        and address in path.read_text("utf-8")
    ]
    assert named == ["pyproject.toml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_pinned_and_has_few_permissions(path):
    text = path.read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    for job in workflow["jobs"].values():
        assert job["permissions"]
    uses = re.findall(r"\buses: (.*)", text)
    assert len(uses) == sum(
        "uses" in step for job in workflow["jobs"].values() for step in job["steps"]
    )
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action)


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_every_setting_of_github_can_be_read(path):
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


def test_the_citation_is_complete_and_of_the_present_version():
    """The fields that the format demands, and the values that stand elsewhere too."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == [PROJECT["license"], "CC-BY-4.0"]
    assert all("name" in author or "family-names" in author for author in citation["authors"])


def test_the_newest_release_in_the_changelog_is_the_present_version():
    """Until the first release there is none."""
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [PROJECT["version"]])


@pytest.fixture(scope="module")
def site():
    if not (SITE / "index.html").exists():
        pytest.skip("build the book first: make html")
    return SITE


@pytest.mark.built
def test_the_site_tells_its_host_what_to_do(site):
    assert (site / ".nojekyll").exists()
    headers = (site / "_headers").read_text("utf-8")
    assert "frame-ancestors 'none'" in headers
    kept = re.findall(r"^/(\S+)\n  Cache-Control: .*immutable$", headers, re.M)
    assert "_static/site.css" in kept
    assert [name for name in kept if name.endswith(".html") or not (site / name).exists()] == []
    # Limits of Cloudflare Pages.
    assert max(map(len, headers.splitlines())) <= 2000
    assert len(re.findall(r"^/", headers, re.M)) <= 100


@pytest.mark.built
def test_what_a_page_links_without_a_version_is_not_kept(site):
    kept = re.findall(r"^/(\S+)\n  Cache-Control", (site / "_headers").read_text("utf-8"), re.M)
    bare = {
        address
        for page in site.glob("*.html")
        for address in re.findall(r'(?:src|href)="(_[^"?#]+)"', page.read_text("utf-8"))
    }
    assert bare
    assert bare.isdisjoint(kept)


@pytest.mark.built
def test_nothing_but_the_site_lies_in_it(site):
    left = [p.name for pattern in ("*.bak", "*~", "*.orig", "*.tmp") for p in site.rglob(pattern)]
    assert left == []


@pytest.mark.built
def test_each_page_can_be_edited_at_its_source(site):
    address = PROJECT["urls"]["Repository"]
    for source in (ROOT / "book").glob("*.md"):
        page = (site / f"{source.stem}.html").read_text("utf-8")
        assert f'href="{address}/edit/main/book/{source.name}"' in page
