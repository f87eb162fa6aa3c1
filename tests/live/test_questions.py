"""Every exercise that is answered without Python, in a real browser, as the build judges it."""

import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from live_testing import CHAPTERS, block, exercises, forget
from playwright.sync_api import BrowserContext, Locator, Page, expect

from live_exercises.kinds.blanks import Blank, Pencil, Shapes, as_typed, said
from live_exercises.kinds.choose import Choose
from live_exercises.kinds.order import Order
from live_exercises.kinds.predict import Predict
from live_exercises.kinds.trainer import RULES, Trainer
from live_exercises.problem import Problem, Solved, expression


def quick(chapter: str) -> list[str]:
    """The names of a chapter's exercises that need no Python."""
    return [
        entry.record.name
        for entry in exercises(chapter)
        if entry.record.kind not in ("code", "bug")
    ]


def record(chapter: str, name: str) -> Any:
    """An exercise of a chapter, by its name."""
    return next(each.record for each in exercises(chapter) if each.record.name == name)


def check(asked: Locator) -> str:
    """Press Check, and give what the page says."""
    asked.get_by_role("button", name="Check", exact=True).click()
    return asked.locator(".live-status").inner_text()


def fill(asked: Locator, number: int, typed: Any) -> None:
    """Enter a number, a text, or the entries of a matrix."""
    fields = asked.locator("ul.blanks > li").nth(number).get_by_role("textbox")
    entries = list(itertools.chain(*typed)) if isinstance(typed, list) else [typed]
    assert fields.count() == len(entries)
    for place, entry in enumerate(entries):
        fields.nth(place).fill(entry)


def answer(blank: Blank, of: Any, solved: Solved | None) -> Any:
    """Write an answer as a reader types it."""
    return as_typed(solved.value(of)) if solved else of


def blanks_answer(asked: Locator, blanks: tuple[Blank, ...], solved: Solved | None) -> None:
    """Give each slip in each blank, then everything right."""
    for number, blank in enumerate(blanks):
        fill(asked, number, answer(blank, blank.right, solved))
    for number, blank in enumerate(blanks):
        for slip in blank.slips:
            fill(asked, number, answer(blank, slip.answer, solved))
            status = check(asked)
            told = asked.locator(".live-told").nth(number).inner_text() or status
            assert told == said(slip.message, solved)
        fill(asked, number, answer(blank, blank.right, solved))
    assert check(asked) == "Right."


def orders(count: int) -> Iterator[tuple[int, ...]]:
    """Some orders of so many steps."""
    some = random.Random(0)
    for _ in range(12):
        steps = list(range(count))
        some.shuffle(steps)
        yield tuple(steps)


def arrange(asked: Locator, before: tuple[int, ...], steps: tuple[int, ...]) -> None:
    """Bring the steps from one order into another, by the keyboard."""
    now = list(before)
    assert asked.locator("ul.steps > li p").count() == len(now)
    for place, step in enumerate(steps):
        at = now.index(step)
        for k in range(at, place, -1):
            asked.locator("ul.steps > li").nth(k).get_by_role("button").first.press("Enter")
            now[k - 1], now[k] = now[k], now[k - 1]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_untouched_fails_each_slip_is_told_and_the_right_answer_passes(
    chapter: str, page: Page, site: str
) -> None:
    page.goto(f"{site}{chapter}.html")
    names = quick(chapter)
    for number, name in enumerate(names, start=1):
        asked = block(page, name)
        assert check(asked) != "Right.", name
        answer_all(page, chapter, name)
        progress = page.locator(".live-progress p")
        expect(progress).to_contain_text(f"Solved in this chapter: {number} of")
    if names:
        page.reload()
        expect(page.locator(".live-progress p")).to_contain_text(f"chapter: {len(names)} of")


def answer_all(page: Page, chapter: str, name: str) -> None:
    """Give every wrong answer that the exercise names, then the right one."""
    asked = block(page, name)
    match record(chapter, name):
        case Pencil(problem=problem, blanks=blanks):
            blanks_answer(asked, blanks, problem.solve())
        case Shapes(blanks=blanks):
            blanks_answer(asked, blanks, None)
        case Predict(blank=blank):
            blanks_answer(asked, (blank,), None)
        case Choose() as exercise:
            for number, option in enumerate(exercise.options):
                if not option.right:
                    choose(asked, [number])
                    assert check(asked) == "No."
                    expect(asked.locator(".live-reason")).to_have_attribute(
                        "data-answer", str(number)
                    )
            right = [number for number, option in enumerate(exercise.options) if option.right]
            if len(right) > 1:
                choose(asked, right[:1])
                assert check(asked) == exercise.judge(right[:1])
            choose(asked, right)
            assert check(asked) == "Right."
        case Order() as exercise:
            now = tuple(exercise.mixed)
            for steps in (*orders(exercise.count), tuple(range(exercise.count))):
                arrange(asked, now, steps)
                now = steps
                assert check(asked) == (exercise.judge(steps) or "Right.")
        case Trainer():
            solve_graph(page, asked)
            assert check(asked) == "Right."


def choose(asked: Locator, numbers: list[int]) -> None:
    """Choose these options and no others, by the keyboard where that is enough."""
    options = asked.locator(".live-choice input")
    for number in range(options.count()):
        option = options.nth(number)
        if option.get_attribute("type") == "radio":
            if number in numbers:
                option.focus()
                option.press("Space")
        elif option.is_checked() != (number in numbers):
            option.press("Space")


def graph(page: Page, seed: int) -> tuple[Problem, str]:
    """The graph that the page deals for a number, as the taught package knows it."""
    dealt = page.evaluate("(seed) => arithmetic.dealGraph(seed)", seed)
    given = {name: [number] for name, number in dealt["given"].items()}
    problem = Problem(given, (), tuple(dealt["steps"]))
    return problem, dealt["steps"][-1][0]


def solve_graph(page: Page, asked: Locator) -> None:
    """Fill in a graph rightly."""
    seed = int(re.findall(r"\d+", asked.locator("caption").inner_text())[0])
    problem, last = graph(page, seed)
    solved = problem.solve()
    for field in asked.get_by_role("textbox").all():
        what, _, name = (field.get_attribute("aria-label") or "").partition(" of ")
        tree = expression(name if what == "value" else f"d({last}, {name})")
        field.fill(f"{solved.value(tree):.6g}")


@pytest.fixture
def chain_rule(page: Page, site: str) -> Page:
    page.goto(f"{site}chain_rule.html")
    return page


def test_the_arithmetic_is_that_of_the_package_for_thousands_of_graphs(chain_rule: Page) -> None:
    seeds = range(1, 3001)
    found = chain_rule.evaluate(
        """(seeds) => seeds.map((seed) => {
          const { given, steps } = arithmetic.dealGraph(seed);
          const solved = arithmetic.solve(given, steps);
          const last = steps.at(-1)[0];
          return { given, steps, values: solved.values, gradients: arithmetic.gradients(solved, last) };
        })""",
        list(seeds),
    )
    operations = set()
    for dealt in found:
        operations |= {step[1] for step in dealt["steps"]}
        last = dealt["steps"][-1][0]
        problem = Problem({n: [v] for n, v in dealt["given"].items()}, (), tuple(dealt["steps"]))
        solved = problem.solve()
        for name, value in dealt["values"].items():
            assert solved.value(name) == pytest.approx(value, rel=1e-12)
            gradient = dealt["gradients"].get(name, 0)
            assert solved.value(["d", last, name]) == pytest.approx(gradient, rel=1e-12)
        used = [each for step in dealt["steps"] for each in step[2:]]
        assert max(used.count(name) for name in dealt["given"]) > 1
    assert operations == {"+", "-", "*", "square", "sigmoid", "maximum"}


def test_whatever_numbers_are_dealt_the_page_computes_what_the_package_does(
    chain_rule: Page,
) -> None:
    compared = 0
    pencils = [
        entry.record
        for chapter in CHAPTERS
        for entry in exercises(chapter)
        if isinstance(entry.record, Pencil)
    ]
    for exercise in pencils:
        problem = exercise.problem
        trees = [blank.right for blank in exercise.blanks]
        trees += [slip.answer for blank in exercise.blanks for slip in blank.slips]
        found = chain_rule.evaluate(
            """([given, steps, trees]) => Array.from({ length: 300 }, (_, seed) => {
              const dealt = arithmetic.deal(given, seed);
              const solved = arithmetic.solve(dealt, steps);
              return { dealt, values: trees.map((tree) => arithmetic.value(tree, solved)) };
            })""",
            [problem.given, problem.steps, trees],
        )
        assert found[0]["dealt"] == next(problem.deals())
        for each in found:
            solved = problem.solve(each["dealt"])
            for tree, value in zip(trees, each["values"], strict=True):
                mine = solved.value(tree)
                assert np.array(mine) == pytest.approx(np.array(value), rel=1e-12)
                compared += np.size(mine)
    assert compared > 5000


def test_every_operation_that_a_problem_can_have_is_that_of_the_package(chain_rule: Page) -> None:
    problem = Problem.read(
        "u = 0.3, -1.2, 2.5\nv = 0.7, 1.9, -0.4\na = sigmoid(u) * tanh(v) - relu(u * v)\n"
        "b = log(1 + exp(u)) + maximum(u, v) / 4\nJ = (a - b)**2 - -a"
    )
    answers = ["J", "d(J, u)", "d(J, v)", "d(b, v)", "d(u, J)", "-(u**3) / v + maximum(u, 2)"]
    trees = [expression(text) for text in answers]
    for given in problem.deals():
        found = chain_rule.evaluate(
            """([given, steps, trees]) => {
              const solved = arithmetic.solve(given, steps);
              return trees.map((tree) => arithmetic.value(tree, solved));
            }""",
            [given, problem.steps, trees],
        )
        solved = problem.solve(given)
        assert found == pytest.approx([solved.value(tree) for tree in trees], rel=1e-12)


def test_a_link_leads_to_the_same_numbers(page: Page, site: str) -> None:
    page.goto(f"{site}chain_rule.html")
    asked = block(page, "one-weight")
    asked.get_by_role("button", name="Other numbers").click()
    shown = asked.locator("p.given").inner_text()
    address = page.url
    assert "one-weight=" in address
    page.goto("about:blank")
    page.goto(address)
    assert block(page, "one-weight").locator("p.given").inner_text() == shown
    seed = int(re.findall(r"one-weight=(\d+)", address)[0])
    exercise = record("chain_rule", "one-weight")
    given = page.evaluate("([g, s]) => arithmetic.deal(g, s)", [exercise.problem.given, seed])
    asked = block(page, "one-weight")
    solved = exercise.problem.solve(given)
    for number, blank in enumerate(exercise.blanks):
        fill(asked, number, answer(blank, blank.right, solved))
    assert check(asked) == "Right."


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("6", "\u2713"),
        ("6.0", "\u2713"),
        (" 12/2 ", "\u2713"),
        ("60e-1", "\u2713"),
        ("\u22126", "The sign is turned round."),
        ("6,0", "Write a decimal point, not a comma."),
        ("six", "Write one number, such as 3, -0.25, 3/4 or 1e-3."),
        ("1/0", "Write one number, such as 3, -0.25, 3/4 or 1e-3."),
        ("", "Fill this in."),
        ("12", "Twice too much."),
        ("3", "Half of it."),
        ("6.1", "Near it, but not near enough: give one more digit."),
        ("17", "That is not it yet."),
    ],
)
def test_numbers_are_read_as_people_write_them(chain_rule: Page, typed: str, told: str) -> None:
    asked = block(chain_rule, "one-weight")
    fill(asked, 0, typed)
    check(asked)
    expect(asked.locator(".live-told").first).to_have_text(told)
    blank = record("chain_rule", "one-weight").blanks[0]
    solved = record("chain_rule", "one-weight").problem.solve()
    assert (blank.judge(typed, solved) or "\u2713") == told


def test_the_trainer_names_the_rule_that_an_entry_breaks(chain_rule: Page) -> None:
    asked = block(chain_rule, "chain-trainer")
    told = set()
    for seed in range(1, 13):
        chain_rule.goto(re.sub(r"(\?.*)?$", f"?chain-trainer={seed}", chain_rule.url.split("?")[0]))
        problem, last = graph(chain_rule, seed)
        solved = problem.solve()
        uses: dict[str, list[tuple[Any, int]]] = {}
        for step in problem.steps:
            for place, name in enumerate(step[2:]):
                uses.setdefault(name, []).append((step, place))
        for name, steps in uses.items():
            right = solved.value(["d", last, name])
            field = asked.get_by_label(f"gradient of {name}", exact=True)
            one, place = steps[0]
            slope = solved.nodes[one[0]].slopes[place]
            incoming = solved.value(["d", last, one[0]])
            for entry, rule in [
                (slope * incoming, "one path"),
                (-right, "sign"),
                (right + 1000, "unknown"),
            ]:
                if abs(entry - right) < 0.01 * abs(right) + 1e-6:
                    continue
                if rule == "one path" and len(steps) < 2:
                    continue
                field.fill(f"{entry:.6g}")
                check(asked)
                told_in = field.get_attribute("aria-describedby")
                said_now = chain_rule.locator(f"#{told_in}").inner_text()
                assert said_now in RULES.values()
                if rule != "sign":  # which another rule may explain as well
                    assert said_now == RULES[rule], (seed, name, entry)
                told.add(said_now)
            field.fill(f"{right:.6g}")
            check(asked)
            expect(field).to_have_attribute("aria-invalid", "false")
    assert RULES["one path"] in told


def test_an_answer_comes_at_once(chain_rule: Page) -> None:
    asked = block(chain_rule, "hero-backward")
    fill(asked, 0, "6")
    milliseconds = asked.evaluate(
        """(block) => {
          const check = [...block.querySelectorAll("button")].find((b) => b.textContent === "Check");
          const begin = performance.now();
          check.click();
          block.getBoundingClientRect();
          return performance.now() - begin;
        }"""
    )
    assert milliseconds < 50


def test_enter_checks_and_progress_shows_in_another_tab(
    chain_rule: Page, reader: BrowserContext, site: str
) -> None:
    other = reader.new_page()
    other.goto(f"{site}chain_rule.html")
    asked = block(chain_rule, "used-twice")
    field = asked.get_by_role("textbox")
    field.fill(record("chain_rule", "used-twice").blank.right)
    field.press("Enter")
    expect(asked.locator(".live-status")).to_have_text("Right.")
    expect(other.locator(".live-progress p")).to_contain_text("Solved in this chapter: 1 of")
    other.close()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_on_a_narrow_phone_nothing_is_cut(chapter: str, reader: BrowserContext, site: str) -> None:
    page = reader.new_page()
    forget(page, site)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site}{chapter}.html")
    wide = page.evaluate(
        """() => [...document.querySelectorAll("div.exercise")].filter((block) =>
             [...block.querySelectorAll("input, button, label, table, p")].some((e) =>
               e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1))
           .map((block) => block.dataset.exercise)"""
    )
    page.close()
    assert wide == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_javascript_text_hints_and_solutions_are_there(
    chapter: str, reader: BrowserContext, site: str
) -> None:
    page = reader.new_page()
    page.route(re.compile(r"\.js(\?|$)"), lambda route: route.abort())
    page.goto(f"{site}{chapter}.html")
    for entry in exercises(chapter):
        asked = page.locator(f'[data-exercise="{entry.record.name}"]')
        expect(asked.locator("input")).to_have_count(0)
        for word in ("Hint", "Solution"):
            asked.locator("summary", has_text=word).click()
            details = asked.locator("details[open]").last
            assert len(details.inner_text()) > len(word) + 5
    page.close()
