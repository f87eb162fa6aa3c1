"""A problem to solve by pencil: numbers that are given, and what is computed from them.

An author writes it as Python, one line for each quantity::

    w = 2, -3, 3
    x = 3
    z = w * x
    J = (z - 5)**2

A number is given; of several, the page shows the first, and deals from all of them when the reader
asks for other numbers. What follows is computed, one operation after the other, as nodes of the
graph of `backprop.chain_rule`: that package gives every value, and every gradient, that a reader is
held to. The same operations go into the page as data, where ``arithmetic.js`` carries them out for
the numbers that are dealt.

An answer is an expression of values and gradients, such as ``2 * z`` or ``d(J, w)``.
"""

import ast
import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from backprop import activation, chain_rule
from backprop.chain_rule import Node

Tree = Any
"""An expression: a number, a name, or a list of an operation and its operands."""

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sigmoid": (activation.sigmoid, activation.sigmoid_derivative),
    "tanh": (activation.tanh, activation.tanh_derivative),
    "relu": (activation.relu, activation.relu_derivative),
    "log": (math.log, lambda x: 1 / x),
    "exp": (math.exp, math.exp),
}
OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
LATEX = {
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "relu": r"\operatorname{relu}",
    "log": r"\log",
    "exp": r"\exp",
    "maximum": r"\max",
}
GREEK = {"delta", "sigma", "eta", "theta", "alpha", "epsilon"}
BOUND = {"+": 1, "-": 1, "*": 2, "/": 2, "negative": 2, "^": 3}


class ProblemError(ValueError):
    """A problem, or an answer to it, is not written as it has to be."""


def tree(node: ast.expr) -> Tree:
    """Turn an expression of Python into lists, which the page can have as data.

    Examples
    --------
    >>> tree(ast.parse("-d(J, w) / 2", mode="eval").body)
    ['/', ['negative', ['d', 'J', 'w']], 2]
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = tree(operand)
            return -inner if isinstance(inner, int | float) else ["negative", inner]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            return [OPERATORS[type(operator)], tree(left), tree(right)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name in FUNCTIONS and len(arguments) == 1:
                return [name, *map(tree, arguments)]
            if name in ("maximum", "d") and len(arguments) == 2:
                return [name, *map(tree, arguments)]
    raise ProblemError(
        f"'{ast.unparse(node)}' is not among what a problem can have: numbers, names, + - * / **, "
        f"d(J, w), maximum(a, b), {', '.join(FUNCTIONS)}"
    )


def expression(text: str) -> Tree:
    """Read an answer: an expression, or a matrix of them.

    Examples
    --------
    >>> expression("[[1, z], [0, 2 * z]]")
    ['matrix', [1, 'z'], [0, ['*', 2, 'z']]]
    """
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise ProblemError(f"'{text.strip()}' is no expression of Python") from None
    if isinstance(body, ast.List):
        rows = [row.elts if isinstance(row, ast.List) else [row] for row in body.elts]
        if len({len(row) for row in rows}) != 1:
            raise ProblemError(f"the rows of '{text.strip()}' differ in length")
        return ["matrix", *([tree(entry) for entry in row] for row in rows)]
    return tree(body)


def latex(of: Tree, outer: int = 0) -> str:
    r"""Write an expression as a formula.

    Examples
    --------
    >>> print(latex(["^", ["-", "z1", "y"], 2]))
    (z_{1} - y)^{2}
    >>> print(latex(["d", "J", "w"]))
    \frac{\partial J}{\partial w}
    """
    if isinstance(of, int | float):
        return f"({shown(of)})" if of < 0 and outer > 1 else shown(of)
    if isinstance(of, str):
        letter, digits = of.rstrip("0123456789"), of[len(of.rstrip("0123456789")) :]
        if letter in GREEK:
            letter = "\\" + letter
        elif len(letter) > 1:
            letter = rf"\mathrm{{{letter}}}"
        return f"{letter}_{{{digits}}}" if digits else letter
    operator, *operands = of
    if operator == "d":
        of_what, by = map(latex, operands)
        return rf"\frac{{\partial {of_what}}}{{\partial {by}}}"
    if operator == "/":
        return rf"\frac{{{latex(operands[0])}}}{{{latex(operands[1])}}}"
    if operator in BOUND:
        strength = BOUND[operator]
        if operator == "negative":
            text = "-" + latex(operands[0], strength + 1)
        elif operator == "^":
            text = f"{latex(operands[0], strength + 1)}^{{{latex(operands[1])}}}"
        else:
            left = latex(operands[0], strength)
            right = latex(operands[1], strength + (operator == "-"))
            if operator == "*":
                sign = r" \cdot " if right[0].isdigit() or right[0] == "(" else r" \, "
            else:
                sign = f" {operator} "
            text = left + sign + right
        return f"({text})" if strength < outer else text
    return f"{LATEX[operator]}({', '.join(map(latex, operands))})"


def shown(number: float) -> str:
    """Write a number as a reader would.

    Examples
    --------
    >>> shown(-2.0), shown(0.25), shown(1 / 3)
    ('-2', '0.25', '0.3333')
    """
    return f"{number:.4g}"


@dataclass(frozen=True)
class Problem:
    """A problem.

    Attributes
    ----------
    given : dict of str to list of float
        The numbers that a quantity may have; the first is shown first.
    formulas : tuple of (str, list)
        What is computed, in order: a name and its expression.
    steps : tuple of list
        The same, one operation each: the name of the result, the operation, its operands.
    """

    given: dict[str, list[float]]
    formulas: tuple[tuple[str, Tree], ...]
    steps: tuple[list[Any], ...]

    @classmethod
    def read(cls, text: str) -> "Problem":
        r"""Read a problem as an author writes it.

        Raises
        ------
        ProblemError
            If a line is not ``name = numbers`` or ``name = expression``, or uses what is not known.

        Examples
        --------
        >>> Problem.read("w = 2, 3\nz = w * (w + 1)").steps
        (['~1', '+', 'w', 1], ['z', '*', 'w', '~1'])
        """
        try:
            lines = ast.parse(text).body
        except SyntaxError as error:
            raise ProblemError(f"line {error.lineno} of the problem is no Python") from None
        given: dict[str, list[float]] = {}
        formulas: list[tuple[str, Tree]] = []
        steps: list[list[Any]] = []
        for line in lines:
            match line:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    pass
                case _:
                    raise ProblemError(f"'{ast.unparse(line)}' is not 'name = ...'")
            if name in given or any(name == step[0] for step in steps):
                raise ProblemError(f"{name} is there twice")
            parts = value.elts if isinstance(value, ast.Tuple) else [value]
            trees = [tree(part) for part in parts]
            if all(isinstance(number, int | float) for number in trees):
                given[name] = trees
            elif len(trees) == 1:
                known = {*given, *(step[0] for step in steps)}
                steps += _operations(name, trees[0], known, len(steps))
                formulas.append((name, trees[0]))
            else:
                raise ProblemError(f"{name} is neither numbers nor one expression")
        return cls(given, tuple(formulas), tuple(steps))

    @property
    def names(self) -> set[str]:
        """What is given or computed."""
        return {*self.given, *(name for name, _ in self.formulas)}

    def known(self, answer: Tree) -> None:
        """See that an answer names nothing else; a `ProblemError` says what it does."""
        if isinstance(answer, str) and answer not in self.names:
            raise ProblemError(f"{answer} is neither given nor computed in the problem")
        if isinstance(answer, list):
            for part in answer if isinstance(answer[0], list) else answer[1:]:
                self.known(part)

    def deals(self, most: int = 200) -> Iterator[dict[str, float]]:
        """Give combinations of the given numbers: the first one first, then others."""
        yield {name: numbers[0] for name, numbers in self.given.items()}
        count = math.prod(map(len, self.given.values()))
        if count <= most:
            for numbers in itertools.islice(itertools.product(*self.given.values()), 1, None):
                yield dict(zip(self.given, numbers, strict=True))
        else:
            draw = random.Random(0)
            for _ in range(most - 1):
                yield {name: draw.choice(numbers) for name, numbers in self.given.items()}

    def solve(self, given: dict[str, float] | None = None) -> "Solved":
        """Compute everything, by the taught package.

        Parameters
        ----------
        given : dict of str to float, optional
            The numbers; by default those that are shown first.
        """
        nodes = {name: Node(name, float(n)) for name, n in (given or next(self.deals())).items()}
        for name, operation, *operands in self.steps:
            inputs = [
                nodes[each] if isinstance(each, str) else Node(str(each), float(each))
                for each in operands
            ]
            nodes[name] = _node(name, operation, inputs)
        return Solved(nodes)


def _operations(name: str, of: Tree, known: set[str], count: int) -> list[list[Any]]:
    steps: list[list[Any]] = []

    def operand(part: Tree) -> Any:
        if isinstance(part, str) and part not in known:
            raise ProblemError(f"{part} is used before it is given or computed")
        if isinstance(part, list):
            done = operation(part)  # before it gets its number: it may have parts that get one
            steps.append([f"~{count + len(steps) + 1}", *done])
            return steps[-1][0]
        return part

    def operation(part: Tree) -> list[Any]:
        kind, *operands = part
        if kind == "negative":
            return ["-", 0, operand(operands[0])]
        if kind == "/":
            if not isinstance(operands[1], int | float):
                raise ProblemError("a problem divides by numbers only")
            return ["*", operand(operands[0]), 1 / operands[1]]
        if kind == "^":
            if operands[1] != 2:
                raise ProblemError("of powers, a problem has the square only")
            return ["square", operand(operands[0])]
        if kind == "d":
            raise ProblemError("d(...) belongs into an answer, not into the problem")
        return [kind, *map(operand, operands)]

    whole = operation(of) if isinstance(of, list) else ["+", operand(of), 0]
    return [*steps, [name, *whole]]


def _node(name: str, operation: str, inputs: list[Node]) -> Node:
    if operation in FUNCTIONS:
        return chain_rule.apply(name, *FUNCTIONS[operation], inputs[0])
    if operation == "maximum":
        left, right = inputs
        first = left.value > right.value
        slopes = (1.0, 0.0) if first else (0.0, 1.0)
        return Node(name, max(left.value, right.value), (left, right), slopes, operation="max")
    operations: dict[str, Callable[..., Node]] = {
        "+": chain_rule.add,
        "-": chain_rule.subtract,
        "*": chain_rule.multiply,
        "square": chain_rule.square,
    }
    return operations[operation](name, *inputs)


class Solved:
    """The values and gradients of a problem."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes

    def value(self, of: Tree) -> Any:
        r"""Compute an answer.

        Parameters
        ----------
        of : list, str or float
            What `expression` gives.

        Returns
        -------
        float, or list of lists of float for a matrix

        Examples
        --------
        >>> solved = Problem.read("w = 2\nx = 3\nJ = (w * x - 5)**2").solve()
        >>> solved.value(expression("d(J, w)")), solved.value(expression("[[J, w]]"))
        (6.0, [[1.0, 2.0]])
        """
        match of:
            case int() | float():
                return float(of)
            case str():
                return self._node(of).value
            case ["matrix", *rows]:
                return [[self.value(entry) for entry in row] for row in rows]
            case ["d", last, by]:
                source = self._node(by)
                order = chain_rule.backward(self._node(last))
                return source.gradient if source in order else 0.0
            case ["negative", inner]:
                return -self.value(inner)
            case ["+" | "-" | "*" | "/" | "^" as operator, left, right]:
                a, b = self.value(left), self.value(right)
                if operator == "/":
                    return a / b
                if operator == "^":
                    return a**b
                return {"+": a + b, "-": a - b, "*": a * b}[operator]
            case ["maximum", left, right]:
                return max(self.value(left), self.value(right))
            case [function, inner]:
                return float(FUNCTIONS[function][0](self.value(inner)))
        raise ProblemError(f"{of} is no answer")

    def _node(self, name: Any) -> Node:
        if not isinstance(name, str) or name not in self.nodes:
            raise ProblemError(f"{name} is neither given nor computed in the problem")
        return self.nodes[name]
