"""The modules of the checker import in one direction."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import checked_math

MODULES = {path.stem: path for path in Path(checked_math.__file__).parent.glob("*.py")}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "checked_math":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            package, _, module = node.module.partition(".")
            if package == "checked_math":
                yield module


def test_no_module_leads_back_to_itself():
    graph = {name: {*imported(path)} & {*MODULES} for name, path in MODULES.items()}
    order = list(TopologicalSorter(graph).static_order())  # a cycle raises
    assert order.index("tree") < order.index("reader") < order.index("verdicts")


def test_the_package_says_what_each_module_is_for():
    said = checked_math.__doc__
    assert [name for name in MODULES if f"`{name}`" not in said and not name.startswith("__")] == []
