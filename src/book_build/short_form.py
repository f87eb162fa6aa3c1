"""A function as a reader wants to see it: the lines that teach, and no others.

Type hints, docstrings, and what looks after the input fold away: refusals (``if ...: raise``), the
helpers that read an argument or refuse it, ``np.errstate`` and ``strict=True``. What is left
computes the same from good input. Comments stay where what they speak of stays.
"""

import ast
import re
from collections.abc import Collection, Iterator

WIDTH = 65
"""How many characters a box of code in a chapter shows on a screen 1200 pixels wide."""

Edit = tuple[int, int, str]


def short_form(source: str, helpers: Collection[str] = ()) -> str:
    r"""Leave out of a function or class what does not teach.

    Parameters
    ----------
    source : str
        The source of one function or class.
    helpers : collection of str
        Functions that give back their arguments, or refuse them. Texts among the arguments are
        names for the message.

    Returns
    -------
    str
        The short form. It takes arrays where the whole also takes lists.

    Examples
    --------
    >>> print(short_form('''\
    ... def mean(x: Array, step: float = 1e-6) -> float:
    ...     \"\"\"Return the mean.\"\"\"
    ...     x = finite("x", x)
    ...     if x.size == 0:
    ...         raise ValueError("x is empty")
    ...     with np.errstate(over="ignore"):  # too large is infinite
    ...         total: float = np.sum(
    ...             x
    ...         )
    ...     return total / x.size
    ... ''', ["finite"]))
    def mean(x, step=1e-6):
        total = np.sum(x)
        return total / x.size
    """
    text = source.rstrip()
    for edits in (_documented, _typed):
        text = _edited(text, edits(text))
    for edits in (lambda text: _helped(text, helpers), _looking_after, _unused, _torn):
        while found := list(edits(text)):
            text = _edited(text, found[:1])
    return re.sub(r"\n(\s*\n)+", "\n\n", text.rstrip())


def _edited(text: str, edits: Iterator[Edit] | list[Edit]) -> str:
    for start, end, put in sorted(edits, reverse=True):
        text = text[:start] + put + text[end:]
    return text


class _Places:
    """Where the parts of a tree stand in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Position of a line, from 1, and a column, which the tree counts in bytes."""
        row = self.lines[line - 1].encode()
        return self.starts[line - 1] + len(row[:column].decode())

    def start(self, node: ast.AST) -> int:
        return self.at(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        return self.at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        return self.text[self.start(node) : self.end(node)]

    def rows(self, first: int, last: int) -> tuple[int, int]:
        """Start and end of whole lines, from 1, with the comments right above them."""
        while first > 1 and self.lines[first - 2].lstrip().startswith("#"):
            first -= 1
        return self.starts[first - 1], self.starts[last]


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _documented(text: str) -> Iterator[Edit]:
    """Leave the docstrings out."""
    tree, places = ast.parse(text), _Places(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            docstring = node.body[0]
            start, end = places.rows(docstring.lineno, docstring.end_lineno or 0)
            while text[end : end + 1] == "\n":
                end += 1
            yield start, end, ""


def _typed(text: str) -> Iterator[Edit]:
    """Leave out the types of arguments, results and variables. What a class holds keeps its own."""
    tree, places = ast.parse(text), _Places(text)
    for function in _functions(tree):
        given = function.args
        positional = [*given.posonlyargs, *given.args]
        defaults = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
        pairs = [*zip(positional, defaults, strict=True)]
        pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
        pairs += [(argument, None) for argument in (given.vararg, given.kwarg) if argument]
        for argument, default in pairs:
            if argument.annotation is not None:
                name_ends = places.start(argument) + len(argument.arg)
                if default is None:
                    yield name_ends, places.end(argument.annotation), ""
                else:
                    yield name_ends, places.start(default), "="
        if function.returns is not None:
            arrow = text.rindex("->", 0, places.start(function.returns))
            yield len(text[:arrow].rstrip()), places.end(function.returns), ""
        for node in ast.walk(function):
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                yield places.end(node.target), places.start(node.value), " = "


def _helped(text: str, helpers: Collection[str]) -> Iterator[Edit]:
    """Put in place of a helper's call what it gives back; nothing where nobody takes that."""
    tree, places = ast.parse(text), _Places(text)
    alone = {node.value: node for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    assigned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in helpers:
            if statement := alone.get(node):
                yield (*places.rows(statement.lineno, statement.end_lineno or 0), "")
                continue
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            values = [
                argument
                for argument in arguments
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
            ]
            put = ", ".join(places.of(value) for value in values)
            plain = ast.Name | ast.Call | ast.Attribute | ast.Subscript | ast.Constant
            if node not in assigned and not (len(values) == 1 and isinstance(values[0], plain)):
                put = f"({put})"
            yield places.start(node), places.end(node), put


def _only_raises(body: list[ast.stmt]) -> bool:
    return all(isinstance(statement, ast.Raise) for statement in body)


def _looking_after(text: str) -> Iterator[Edit]:
    """Leave out refusals and what assigns a name to itself; unwrap what guards."""
    tree, places = ast.parse(text), _Places(text)
    for node in ast.walk(tree):
        match node:
            case ast.If(body=body, orelse=[]) if _only_raises(body):
                yield (*places.rows(node.lineno, node.end_lineno or 0), "")
            case ast.Assign(targets=[target], value=value) if ast.unparse(target) == ast.unparse(
                value
            ):
                # A comment above it speaks of what comes next.
                yield places.starts[node.lineno - 1], places.starts[node.end_lineno or 0], ""
            case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]) if all(
                _only_raises(handler.body) for handler in handlers
            ):
                yield _unwrapped(places, node, body)
            case ast.With(items=[item], body=body) if "errstate" in places.of(item.context_expr):
                yield _unwrapped(places, node, body)
            case ast.Call(
                func=ast.Name(id="zip"), args=[*_, last], keywords=[ast.keyword(arg="strict")]
            ):
                yield places.end(last), places.end(node) - 1, ""


def _unwrapped(places: _Places, node: ast.stmt, body: list[ast.stmt]) -> Edit:
    start, end = places.rows(node.lineno, node.end_lineno or 0)
    inside = "".join(places.lines[body[0].lineno - 1 : body[-1].end_lineno])
    return start, end, re.sub(r"^    ", "", inside, flags=re.MULTILINE)


def _unused(text: str) -> Iterator[Edit]:
    """Leave out what was computed for a refusal alone."""
    tree, places = ast.parse(text), _Places(text)
    for function in _functions(tree):
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]) if name not in read:
                    yield (*places.rows(node.lineno, node.end_lineno or 0), "")


def _torn(text: str) -> Iterator[Edit]:
    """Join lines that were torn for the sake of what is gone."""
    tree, places = ast.parse(text), _Places(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or 0
        start, end = places.starts[node.lineno - 1], places.starts[last]
        torn = text[start:end].rstrip()
        while body and torn.splitlines()[-1].lstrip().startswith("#"):
            torn = torn.rpartition("\n")[0]  # a comment on what follows
        if "\n" not in torn:
            continue
        indent = " " * node.col_offset
        comments = re.findall(r"  (# .*)$", torn, flags=re.MULTILINE)
        bare = re.sub(r"  # .*$", "", torn, flags=re.MULTILINE)
        above = "".join(f"{indent}{comment}\n" for comment in comments)
        for candidate in _joined(bare, indent):
            changed = text[:start] + above + candidate + text[start + len(torn) :]
            if candidate != torn and _same(tree, changed):
                yield start, start + len(torn), above + candidate
                break


def _joined(torn: str, indent: str) -> Iterator[str]:
    """Ways to write a torn statement, the best first."""
    line = " ".join(part.strip() for part in torn.splitlines())
    line = re.sub(r"([(\[{]) ", r"\1", line)
    line = re.sub(r",? ([)\]}])", r"\1", line)
    bare = re.sub(r"^((?:while|if|return|\w+ =) )\((.*)\)(:?)$", r"\1\2\3", line)
    for candidate in (bare, line):
        if len(indent + candidate) <= WIDTH:
            yield indent + candidate
    opening, closing = line.find("("), line.rfind(")")
    if 0 < opening < closing:
        inside = f"{indent}    {line[opening + 1 : closing]}"
        if len(inside) <= WIDTH:
            yield f"{indent}{line[: opening + 1]}\n{inside}\n{indent}{line[closing:]}"


def _same(tree: ast.AST, text: str) -> bool:
    try:
        return ast.dump(ast.parse(text)) == ast.dump(tree)
    except SyntaxError:
        return False
