"""What the tests of the checker share."""

from checked_math.decision import Options
from checked_math.symbols import Table
from checked_math.ties import Packages
from checked_math.verdicts import Verdict, decide


def table_of(*declarations: str) -> Table:
    table = Table()
    for declaration in declarations:
        table.declare(declaration)
    return table


def verdict_of(formula: str, *declarations: str, **options) -> Verdict:
    packages = Packages(code=("toycode",))
    (verdict, *_) = decide(formula, table_of(*declarations), Options(**options), packages)
    return verdict
