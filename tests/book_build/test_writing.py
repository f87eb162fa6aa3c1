"""What docs/ tells an author works as it stands: the template, and every example."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from book_build.kernels import end_at_once, talk_through_files
from book_build.rules import DEFAULTS, RULES
from live_exercises.sphinx import CODE_PARTS, DIRECTIVES, TEXT_PARTS

ROOT = Path(__file__).parents[2]
WRITING = (ROOT / "docs/writing.md").read_text("utf-8")
# The book's own settings. Nobody has accepted these pages, and the template begins one exercise.
CONF = """
extensions.remove("book_build.accepted")
book_rules = {**book_rules, "exercises": 1, "kinds": 1}
"""
PAGES = {
    "index": "# Book\n\n```{toctree}\n:numbered:\n\ntemplate\n```\n\n"
    "```{toctree}\nexamples\nglossary\napi\n```\n\n```{bibliography}\n```\n",
    "glossary": "# Glossary\n\nThe slopes: {term}`slopes <slope>`.\n",
    "api": "# Reference\n\n```{eval-rst}\n.. automodule:: backprop.cost\n   :members:\n```\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a book that has the template for its chapter, and a page of all examples."""
    root = tmp_path_factory.mktemp("writing")
    for folder in ("_static", "_templates"):
        shutil.copytree(ROOT / "book" / folder, root / "book" / folder)
    for name in ("references.bib", "counts.toml"):
        shutil.copy(ROOT / "book" / name, root / "book")
    shutil.copy(ROOT / "docs/template.md", root / "book")
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "conf.py").write_text((ROOT / "conf.py").read_text("utf-8") + CONF, "utf-8")
    for name, text in PAGES.items():
        (root / "book" / f"{name}.md").write_text(text, "utf-8")
    settings = re.match(r"---\n.*?---\n", (ROOT / "docs/template.md").read_text("utf-8"), re.S)[0]
    examples = [text for _, text in re.findall(r"^(`{3,})md\n(.*?)^\1$", WRITING, re.M | re.S)]
    text = "\n".join([settings, "# Examples\n\n## First\n", *examples])
    (root / "book/examples.md").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "book_build.build", "book", "_build"],
        cwd=root,
        env={**os.environ, "LIVE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr + done.stdout) == (0, "")
    return root / "_build/html"


@pytest.mark.parametrize("page", ["template", "examples"])
def test_the_template_and_the_examples_are_pages_and_notebooks_that_run(built, page, tmp_path):
    assert "<h1>" in (built / f"{page}.html").read_text("utf-8")
    notebook = nbformat.read(built / "_sources" / f"{page}.ipynb", as_version=4)
    talk_through_files()
    end_at_once()
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert any(cell.get("outputs") for cell in notebook.cells)


def test_every_directive_and_role_of_ours_is_described():
    code = "".join(path.read_text("utf-8") for path in ROOT.glob("src/*/*.py"))
    names = {*re.findall(r'add_(?:directive|role)\("([\w-]+)"', code), *DIRECTIVES}
    names |= {*CODE_PARTS, *TEXT_PARTS}
    assert len(names) > 10
    assert sorted(name for name in names if f"{{{name}}}" not in WRITING) == []


def test_the_rules_are_those_of_the_build():
    table = WRITING.partition("## The rules of the house")[2].partition("## Accepting")[0]
    told = re.findall(r"^\| `(\w+)` \|", table, re.M)
    assert sorted(told) == sorted(rule.name for rule in RULES)
    for number in ("columns", "lines", "exercises"):
        assert f"{DEFAULTS[number]} {number}" in table
    for words in (DEFAULTS["goals"], DEFAULTS["exercises part"], *DEFAULTS["parts"]):
        assert f'"{words}"' in table


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/writing.md"])
def test_every_command_is_one_of_make(name):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    named = re.findall(
        r"^make ([a-z-]+)|`(?:\w+=\S+ )*make ([a-z-]+)", (ROOT / name).read_text(), re.M
    )
    assert named
    assert {first or second for first, second in named} - {*targets} == set()
