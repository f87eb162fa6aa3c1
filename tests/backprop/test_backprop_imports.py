"""The taught package needs nothing but Python and NumPy."""

import ast
import sys
from pathlib import Path

import pytest

import backprop

MODULES = sorted(Path(backprop.__file__).parent.glob("*.py"))


def imported_packages(module):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def test_the_package_consists_of_the_taught_modules():
    assert [module.stem for module in MODULES] == [
        "__init__",
        "activation",
        "chain_rule",
        "cost",
        "forward",
        "mse_network",
        "validation",
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_imports_only_the_standard_library_and_numpy(module):
    allowed = {"backprop", "numpy"} | sys.stdlib_module_names
    assert set(imported_packages(module)) <= allowed
