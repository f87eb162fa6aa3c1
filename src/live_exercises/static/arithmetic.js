// Values and gradients of small graphs, for numbers that are dealt in the page.
//
// A graph is a list of steps, [name, operation, operands]; the build writes them, see
// live_exercises/problem.py. A test holds this against the package that the book teaches.

const arithmetic = (() => {
  "use strict";

  const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

  // Of each operation: what it gives, and its slope towards each of its operands.
  const OPERATIONS = {
    "+": [(a, b) => a + b, () => [1, 1]],
    "-": [(a, b) => a - b, () => [1, -1]],
    "*": [(a, b) => a * b, (a, b) => [b, a]],
    square: [(a) => a * a, (a) => [2 * a]],
    maximum: [Math.max, (a, b) => (a > b ? [1, 0] : [0, 1])],
    sigmoid: [sigmoid, (a) => [sigmoid(a) * sigmoid(-a)]],
    tanh: [Math.tanh, (a) => [1 - Math.tanh(a) ** 2]],
    relu: [(a) => Math.max(0, a), (a) => [a > 0 ? 1 : 0]],
    log: [Math.log, (a) => [1 / a]],
    exp: [Math.exp, (a) => [Math.exp(a)]],
  };

  // Forward: the value of everything, and the slope of each step.
  function solve(given, steps) {
    const values = { ...given };
    const slopes = {};
    for (const [name, operation, ...operands] of steps) {
      const [compute, slope] = OPERATIONS[operation];
      const inputs = operands.map((each) => (typeof each === "string" ? values[each] : each));
      values[name] = compute(...inputs);
      slopes[name] = slope(...inputs);
    }
    return { values, slopes, steps };
  }

  // Backward: how fast one quantity moves when each of those before it does.
  function gradients({ steps, slopes }, last) {
    const found = { [last]: 1 };
    for (const [name, , ...operands] of steps.slice().reverse()) {
      if (!(name in found)) continue;
      operands.forEach((each, place) => {
        if (typeof each !== "string") return;
        found[each] = (found[each] ?? 0) + found[name] * slopes[name][place];
      });
    }
    return found;
  }

  // An answer: a number, a name, an operation of answers, or a gradient.
  function value(tree, solved) {
    if (typeof tree === "number") return tree;
    if (typeof tree === "string") return solved.values[tree];
    const [operation, ...operands] = tree;
    if (operation === "matrix") return operands.map((row) => row.map((each) => value(each, solved)));
    if (operation === "d") return gradients(solved, operands[0])[operands[1]] ?? 0;
    const [a, b] = operands.map((each) => value(each, solved));
    if (operation === "negative") return -a;
    if (operation === "/") return a / b;
    if (operation === "^") return a ** b;
    return OPERATIONS[operation][0](a, b);
  }

  // Numbers between 0 and 1 that are the same wherever the seed is (mulberry32).
  function random(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  // One of the numbers that each quantity may have; for the seed 0, the first.
  function deal(given, seed) {
    const draw = random(seed);
    return Object.fromEntries(
      Object.entries(given).map(([name, numbers]) => [
        name,
        numbers[seed === 0 ? 0 : Math.floor(draw() * numbers.length)],
      ]),
    );
  }

  // A graph of three or four steps that is one to fill in: at least one number is used twice.
  function dealGraph(seed) {
    const draw = random(seed);
    const pick = (list) => list[Math.floor(draw() * list.length)];
    const given = {};
    for (const name of ["a", "b", "c"]) given[name] = pick([-3, -2, -1, 1, 2, 3]);
    const twice = pick(["a", "b"]);
    const first = twice === "a" ? "b" : "a";
    const both = () => (draw() < 0.5 ? [twice, first] : [first, twice]);
    const steps = [["p", pick(["+", "*", "-"]), ...both()]];
    const middle = pick(["square", "sigmoid", "maximum", "*"]);
    if (middle === "square" || middle === "sigmoid") steps.push(["q", middle, "p"]);
    else steps.push(["q", middle, "p", "c"]);
    steps.push(["r", pick(["*", "+"]), "q", twice]);
    if (middle === "square" || middle === "sigmoid") steps.push(["s", pick(["+", "-", "*"]), "r", "c"]);
    const solved = solve(given, steps);
    const tie = middle === "maximum" && solved.values.p === given.c;
    return tie ? dealGraph(seed + 7919) : { given, steps };
  }

  return { solve, gradients, value, random, deal, dealGraph };
})();
