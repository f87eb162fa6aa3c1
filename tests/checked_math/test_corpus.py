"""The measure of the tool: right formulas hold, what people make of them fails, and says why."""

import tomllib
from pathlib import Path

import pytest

from checked_math.decision import Options
from checked_math.document import DECLARATION
from checked_math.symbols import Table
from checked_math.ties import Packages
from checked_math.verdicts import decide

FOLDER = Path(__file__).parent / "corpus"
PACKAGES = Packages(code=("reference",))
ENTRIES = [
    pytest.param(entry, id=f"{path.stem}-{entry['name']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
]


def decided(entry: dict, formula: str, code: str | None):
    table = Table()
    for line in filter(None, map(str.strip, entry["symbols"].splitlines())):
        table.declare(DECLARATION.match(line)["formula"])
    for definition in entry.get("let", []):
        table.declare(definition)
    options = Options(
        code=(code,) if code else (),
        defines=entry.get("defines"),
        witness=(entry["witness"],) if "witness" in entry else (),
    )
    return decide(formula.strip(), table, options, PACKAGES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_right_holds_and_wrong_fails_for_the_stated_reason(entry):
    verdicts = decided(entry, entry["right"], entry.get("code"))
    assert all(verdict.ok for verdict in verdicts), [v.message for v in verdicts]
    assert any(verdict.word == "holds" for verdict in verdicts)
    for wrong in entry.get("wrong", []):
        verdicts = decided(entry, wrong["latex"], wrong.get("code", entry.get("code")))
        failed = next((verdict for verdict in verdicts if not verdict.ok), verdicts[0])
        reasons = [wrong["reason"], *wrong.get("also", [])]
        assert failed.kind in reasons, (wrong["latex"], failed.message)
        if "factor" in wrong and failed.kind == "differ":
            assert wrong["factor"] in failed.factors, (wrong["latex"], failed.factors)


def test_the_corpus_is_there():
    wrong = sum(len(param.values[0].get("wrong", [])) for param in ENTRIES)
    assert len(ENTRIES) > 200
    assert wrong > 300
