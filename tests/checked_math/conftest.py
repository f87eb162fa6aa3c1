import sys
from pathlib import Path

HERE = Path(__file__).parent
# The corpus ties its formulas to `reference`, the tiny books theirs to `toycode`.
for folder in (".", "corpus", "roots/test-clean"):
    sys.path.insert(0, str(HERE / folder))
# Books to be built and code to be tied to: no tests.
collect_ignore = ["roots", "corpus"]
