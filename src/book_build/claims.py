"""Whether words say what was computed: `three` against 3, `below` against ``<``.

A chapter's own process asks this of each sentence that is bound to an expression, see
`book_build.bound`. So this module imports nothing that takes time.

>>> hold("three matrices", "len(weights)", {"weights": [0, 0, 0]})
''
>>> hold("two matrices", "len(weights)", {"weights": [0, 0, 0]})
'"two matrices" is bound to len(weights), which is 3'
>>> hold("below the target", "p > 5", {"p": 6})
'"below" says <, but p > 5 does not: write the comparison as the words say it, or bind fewer words'
"""

import ast
import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

UNITS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
)
WHOLE = {word: float(number) for number, word in enumerate(UNITS)} | {
    "no": 0.0,
    "none": 0.0,
    "once": 1.0,
    "twice": 2.0,
    "double": 2.0,
    "both": 2.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "seventy": 70.0,
    "eighty": 80.0,
    "ninety": 90.0,
}
SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6}
PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}
ORDINALS = dict(
    enumerate(
        re.findall(r"\w+", "first second third fourth fifth sixth seventh eighth ninth tenth"),
        start=1,
    )
)
PLACES = {word: float(number) for number, word in ORDINALS.items()}
PARTED = {
    **PARTS,
    **{ending: number for number, word in ORDINALS.items() for ending in (word, f"{word}s")},
    **{f"{word}th": int(scale) for word, scale in SCALES.items()},
    **{f"{word}ths": int(scale) for word, scale in SCALES.items()},
}

ABOUT = {"about", "around", "roughly", "approximately", "nearly", "almost"}
NEARNESS = 0.1
"""How far, as a part of itself, a number may be from one that it is said to be about."""

SIGNS = {
    "<": "below under less fewer smaller lower shorter slower falls fall fell falling shrinks "
    "shrink decreases decrease drops drop negative opposite beneath",
    ">": "above over more larger greater bigger higher longer faster grows grow grew rises rise "
    "rose increases increase exceeds exceed positive beyond",
    "==": "equal equals same agree agrees identical",
    "!=": "different differ differs unequal",
}
RELATIONS = {word: sign for sign, words in SIGNS.items() for word in words.split()}
ALSO = {"<": {"<", "<="}, ">": {">", ">="}, "==": {"=="}, "!=": {"!="}}
OPPOSITE = {"<": {">=", ">"}, ">": {"<=", "<"}, "==": {"!="}, "!=": {"=="}}
COMPARISONS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
ALIKE = {"allclose", "isclose", "array_equal"}

_TOKEN = re.compile(r"[-+\u2212]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?:/\d+)?(?:\s?%)?|[a-z]+", re.I)


class Said(NamedTuple):
    """A number in words or digits, and how far off the true one may be."""

    value: float
    slack: float


def numbers_in(words: str) -> list[float]:
    """Return the numbers that words say.

    Parameters
    ----------
    words : str
        A few words of a sentence.

    Returns
    -------
    list of float

    Examples
    --------
    >>> numbers_in("three rows and twenty-one columns, two thirds of 1,000")
    [3.0, 21.0, 0.6666666666666666, 1000.0]
    >>> numbers_in("the third row, a third of it, 12 % and 1/4")
    [3.0, 0.3333333333333333, 0.12, 0.25]
    """
    return [said.value for said in _said(words)]


def _said(words: str) -> list[Said]:
    tokens = _TOKEN.findall(words)
    found: list[Said] = []
    place = 0
    while place < len(tokens):
        value, place = _number(tokens, place)
        if value is not None:
            found.append(value)
    return found


def _number(tokens: list[str], place: int) -> tuple[Said | None, int]:
    """Read a number that starts at a token; return it and the place of what follows."""
    token, rest = tokens[place].lower(), [token.lower() for token in tokens[place + 1 :]]
    if not token.isalpha():
        return _digits(token), place + 1
    following = rest[0] if rest else ""
    if token in ("a", "an", "one") and following in PARTED and following not in ("second",):
        return Said(1 / PARTED[following], 0.0), place + 2
    if token in WHOLE and following in PARTED and following.endswith("s"):
        return Said(WHOLE[token] / PARTED[following], 0.0), place + 2
    if token in ("a", *WHOLE) and following in SCALES:
        return Said(WHOLE.get(token, 1.0) * SCALES[following], 0.0), place + 2
    if token in WHOLE and WHOLE[token] >= 20 and WHOLE.get(following, 10.0) < 10:
        return Said(WHOLE[token] + WHOLE[following], 0.0), place + 2
    if token in PARTS:
        return Said(1 / PARTS[token], 0.0), place + 1
    if token in WHOLE or token in PLACES:
        return Said({**PLACES, **WHOLE}[token], 0.0), place + 1
    return None, place + 1


def _digits(token: str) -> Said:
    text = token.replace("\u2212", "-").replace(",", "").replace(" ", "")
    scale = 0.01 if text.endswith("%") else 1.0
    above, _, below = text.rstrip("%").partition("/")
    decimals = len(above.partition("e")[0].partition(".")[2])
    power = 10.0 ** int(above.partition("e")[2] or 0)
    # Decimals and percentages were rounded.
    slack = 0.5 * 10.0**-decimals * power * scale if decimals or scale < 1 else 0.0
    return Said(float(above) / float(below or 1) * scale, slack)


def hold(words: str, expression: str, names: dict[str, Any]) -> str:
    """Compare words with the value of an expression.

    Parameters
    ----------
    words : str
        What the sentence says. For a number or a shape: that number, or those of the shape, in
        digits or words, with `about` if it is only near. For something that is true or false: a
        word for each comparison, and the numbers of the comparison. For a text: that text.
    expression : str
        Python.
    names : dict
        What the expression may use.

    Returns
    -------
    str
        Empty if the words say what the expression is; otherwise what is wrong.

    Examples
    --------
    >>> hold("about a third", "loss", {"loss": 0.34})
    ''
    >>> hold("a third", "loss", {"loss": 0.34})
    '"a third" is bound to loss, which is 0.34'
    >>> hold("(3, 2)", "shape", {"shape": (3, 2)})
    ''
    >>> hold("below 5", "p < 5", {"p": 4})
    ''
    >>> hold("The flipper", "name", {"name": "bill"})
    '"The flipper" is bound to name, which is bill'
    """
    try:
        value = eval(expression, dict(names))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        return f"{expression} raises {said} (it can use what the cells above it have computed)"
    plain = value.tolist() if hasattr(value, "tolist") else value
    items = list(_flat(plain))
    if items and all(isinstance(item, bool) for item in items):
        return _holds_as_relation(words, expression, all(items))
    if isinstance(plain, str):
        right = words.casefold() in (plain.casefold(), f"the {plain.casefold()}")
    else:
        try:
            wanted = [float(item) for item in items]
        except (TypeError, ValueError):
            kind = type(value).__name__
            return f"{expression} is a {kind}: bind words to a number, a shape or a comparison"
        given = _said(words)
        right = len(given) == len(wanted) and all(
            _near(words, said, number) for said, number in zip(given, wanted, strict=True)
        )
    shown = f"{plain:.6g}" if isinstance(plain, float) else str(plain)
    return "" if right else f'"{words}" is bound to {expression}, which is {shown}'


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _near(words: str, said: Said, number: float) -> bool:
    said_words = set(re.findall(r"[a-z]+", words.lower()))
    bounds = {RELATIONS[word] for word in said_words if RELATIONS.get(word) in ("<", ">")}
    if bounds:
        return all(number < said.value if sign == "<" else number > said.value for sign in bounds)
    slack = said.slack
    if said_words & ABOUT:
        slack = max(slack, NEARNESS * abs(said.value))
        if said_words & {"nearly", "almost"} and abs(number) > abs(said.value):
            return False
    return math.isclose(number, said.value, rel_tol=1e-9, abs_tol=slack * (1 + 1e-9))


def _holds_as_relation(words: str, expression: str, true: bool) -> str:
    if not true:
        return f'"{words}" is bound to {expression}, which is false'
    tree = ast.parse(expression, mode="eval")
    signs = {
        COMPARISONS.get(type(operator), "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for operator in node.ops
    }
    called = {getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(tree)}
    if called & ALIKE:
        signs.add("==")
    said = re.findall(r"[a-z]+", words.lower())
    turned = bool({"not", "never", "no"} & set(said))
    relations = [word for word in said if word in RELATIONS]
    for word in relations:
        fitting = (OPPOSITE if turned else ALSO)[RELATIONS[word]]
        if not fitting & signs:
            sign = " or ".join(sorted(fitting)) if turned else RELATIONS[word]
            advice = "write the comparison as the words say it, or bind fewer words"
            return f'"{word}" says {sign}, but {expression} does not: {advice}'
    constants = _constants(tree)
    numbers = [] if turned else numbers_in(words)
    for number in numbers:
        if not any(math.isclose(number, constant) for constant in constants):
            return f'"{words}" says {number:g}, but {expression} does not'
    if not relations and not numbers:
        return (
            f'"{words}" has no word for a comparison that the build knows, such as '
            "below, above, falls, grows, equal, same; bind those words"
        )
    return ""


def _constants(tree: ast.AST) -> Sequence[float]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            found += [float(node.value), -float(node.value)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = (node.left, node.right)
            if all(isinstance(part, ast.Constant) for part in parts):
                found.append(parts[0].value / parts[1].value)  # type: ignore[attr-defined]
    return found


def report(claims: Sequence[tuple[str, str]], names: dict[str, Any]) -> None:
    r"""Print what is wrong with each of several claims, as JSON.

    Examples
    --------
    >>> report([("two", "1 + 1"), ("two", "1 + 2")], {})
    ["", "\"two\" is bound to 1 + 2, which is 3"]
    """
    print(json.dumps([hold(words, expression, names) for words, expression in claims]))
