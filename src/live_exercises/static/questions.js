// Exercises that are answered without Python: blanks, choices, orders, and the trainer.
//
// The page has the text; this puts fields and buttons to it and judges what the reader enters, by
// the rules of live_exercises/kinds, with the right answers that the build has computed. The tests
// hold both to the same answers.

(() => {
  "use strict";

  const { data, store, blocks, make, button, group, status, opener, offer, solve } = liveExercises;
  const said = data.said;

  // ---- numbers, as people write them

  const DECIMAL = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?";
  const NUMBER = new RegExp(`^(${DECIMAL})(?:/(${DECIMAL}))?$`);

  function number(typed) {
    const text = typed.replaceAll("\u2212", "-").toLowerCase().replace(/\s/g, "");
    const found = text.match(NUMBER);
    if (!found || (found[2] && Number(found[2]) === 0)) {
      const decimal = text.includes(",") && NUMBER.test(text.replaceAll(",", "."));
      throw new RangeError(text ? (decimal ? said.comma : said.number) : said.empty);
    }
    return Number(found[1]) / Number(found[2] ?? 1);
  }

  // As the build writes a number in a message, and as a page shows it.
  const plain = (value) => String(Number(value.toPrecision(4)));
  const shown = (value) => plain(value).replace("-", "\u2212");

  const agrees = (answer, right, part = said.parts.exact) =>
    Math.abs(answer - right) <= Math.max(part * Math.abs(right), 1e-9);

  const rows = (value) => (Array.isArray(value) ? value : [[value]]);

  function message(parts, solved) {
    return parts
      .map((part, place) => (place % 2 ? plain(arithmetic.value(part, solved)) : part))
      .join("");
  }

  function judgeNumbers(blank, typed, solved) {
    let answer;
    try {
      answer = typed.map((row) => row.map(number));
    } catch (reason) {
      return reason.message;
    }
    const fits = (value, part) =>
      rows(value).every((row, i) => row.every((each, j) => agrees(answer[i]?.[j], each, part)));
    const same = (value) => {
      const other = rows(value);
      return other.length === answer.length && other[0].length === answer[0].length;
    };
    const right = rows(arithmetic.value(blank.right, solved));
    if (fits(right)) return null;
    for (const [slip, told] of blank.slips) {
      const value = arithmetic.value(slip, solved);
      if (same(value) && fits(value)) return message(told, solved);
    }
    if (right.flat().some(Boolean)) {
      for (const [factor, told] of said.general) {
        if (fits(right.map((row) => row.map((each) => factor * each)))) return told;
      }
    }
    if (fits(right, said.parts.near)) return said.near;
    if (blank.kind === "number") return said.wrong;
    for (const [i, row] of right.entries()) {
      for (const [j, each] of row.entries()) {
        if (!agrees(answer[i][j], each)) return said.place.replace("{0}", i + 1).replace("{1}", j + 1);
      }
    }
    return null;
  }

  const letters = (text) => text.replaceAll("\u2212", "-").toLowerCase().replace(/\s/g, "");

  function shape(typed) {
    const text = typed.trim().toLowerCase();
    if (/^(no(ne|t|pe)?\b|does not|-$)/.test(text)) return "no";
    const sizes = text.match(/^[([]?\s*(\d+)(?:\s*(?:[,x\u00d7]|by)\s*(\d+)?)?\s*[)\]]?$/);
    return sizes ? sizes.slice(1).filter(Boolean).join(",") : "";
  }

  function judgeText(blank, typed) {
    const isShape = blank.kind === "shape";
    const bare = isShape ? shape : letters;
    const text = bare(typed);
    if (!text) return isShape && typed.trim() ? said.shape : said.empty;
    if (text === bare(blank.right)) return null;
    for (const [slip, told] of blank.slips) if (text === bare(slip)) return told.join("");
    const turned = bare(blank.right).split(",").reverse().join(",");
    return isShape && text === turned ? said.turned : said.wrong;
  }

  // ---- seeds: the page's address keeps them, so that a class can get the same numbers

  const dealt = (name) => Math.max(0, Number(new URLSearchParams(location.search).get(name)) || 0);

  function dealAnew(name) {
    const seed = 1 + Math.floor(Math.random() * 9999);
    const address = new URL(location.href);
    address.searchParams.set(name, seed);
    history.replaceState(null, "", address);
    return seed;
  }

  // ---- what all of them have

  class Question {
    constructor(element, record) {
      this.element = element;
      this.record = record;
      this.name = element.dataset.exercise;
      this.checkButton = button("Check", () => this.check(), { className: "live-button live-primary" });
      this.status = status();
      const folded = [...element.querySelectorAll(":scope > details")];
      const openers = folded.map(opener);
      this.solutionButton = openers.at(-1);
      this.bar = group(record.title, this.checkButton, ...openers);
      this.told = make("div", { className: "live-reasons" });
      folded[0].before(this.bar, this.status, this.told);
      element.classList.add("live");
      blocks.push(this);
    }

    say(text, kind = "") {
      this.status.textContent = text;
      this.status.dataset.kind = kind;
    }

    answered(wrong) {
      offer(this.solutionButton);
      if (wrong === null) {
        this.say("Right.", "right");
        solve(this.name);
      } else {
        this.say(wrong, "error");
      }
    }

    keep(answer) {
      store.change((page) => (page.answers[this.name] = answer));
    }

    kept() {
      return store.page().answers[this.name];
    }
  }

  // A field for one entry, behind what it stands for.
  function field(label, { width = 6, onEnter }) {
    const input = make("input", { className: "live-field", size: width, autocomplete: "off" });
    input.spellcheck = false;
    input.setAttribute("autocapitalize", "off");
    input.setAttribute("aria-label", label);
    input.onkeydown = (event) => {
      if (event.key === "Enter") onEnter();
    };
    return input;
  }

  let count = 0;

  // ---- numbers, matrices, shapes, and what is printed

  class Blanks extends Question {
    constructor(element, record) {
      super(element, record);
      this.seed = 0;
      const items = [...element.querySelectorAll("ul.blanks > li")];
      this.fields = record.blanks.map((blank, place) => this.open(blank, items[place]));
      if (record.given) {
        this.resolve();
        if (Object.values(record.given).some((numbers) => numbers.length > 1)) {
          this.bar.append(button("Other numbers", () => this.another()));
          const seed = dealt(this.name);
          if (seed > 0) this.deal(seed);
        }
      }
      const kept = this.kept();
      if (kept?.seed === this.seed) this.write(kept.typed);
    }

    open(blank, item) {
      const label = item.querySelector("p") ?? item;
      const words = (label.querySelector("annotation") ?? label).textContent.trim();
      const onEnter = () => this.check();
      const told = make("span", { className: "live-told", id: `live-told-${count++}` });
      const shape = blank.kind === "matrix" ? blank.right.slice(1).map((row) => row.length) : [1];
      const inputs = shape.map((columns, i) =>
        Array.from({ length: columns }, (_, j) => {
          const place = blank.kind === "matrix" ? `, row ${i + 1}, column ${j + 1}` : "";
          const width = blank.kind === "text" ? 18 : blank.kind === "shape" ? 8 : 6;
          const input = field(`${words}${place}`, { width, onEnter });
          input.setAttribute("aria-describedby", told.id);
          return input;
        }),
      );
      const grid = make("span", { className: "live-matrix" });
      for (const row of inputs) grid.append(make("span", {}, ...row));
      label.append(" ", grid, " ", told);
      return { blank, inputs, told };
    }

    resolve() {
      const given = arithmetic.deal(this.record.given, this.seed);
      this.solved = arithmetic.solve(given, this.record.steps);
      for (const [name, value] of Object.entries(given)) {
        this.element.querySelector(`.given-${name.toLowerCase()}`).textContent = shown(value);
      }
    }

    deal(seed) {
      this.seed = seed;
      this.resolve();
      this.element.classList.add("live-dealt");
      this.write(this.fields.map(({ inputs }) => inputs.map((row) => row.map(() => ""))));
      this.say("");
    }

    another() {
      this.deal(dealAnew(this.name));
      this.say("These are other numbers. The page's address leads to them. The solution is for the first ones.");
      this.fields[0].inputs[0][0].focus();
    }

    write(typed) {
      this.fields.forEach(({ inputs, told }, k) => {
        inputs.forEach((row, i) => row.forEach((input, j) => (input.value = typed[k]?.[i]?.[j] ?? "")));
        told.textContent = "";
      });
    }

    erase() {
      this.write([]);
      this.say("");
    }

    check() {
      const typed = this.fields.map(({ inputs }) => inputs.map((row) => row.map((input) => input.value)));
      const begun = typed.flat(2).some((entry) => entry.trim());
      const wrong = this.fields.map(({ blank, inputs, told }, k) => {
        const judged =
          blank.kind === "number" || blank.kind === "matrix"
            ? judgeNumbers(blank, typed[k], this.solved)
            : judgeText(blank, typed[k][0][0]);
        // What is still empty is no mistake, once there is something to judge.
        told.textContent = judged === said.empty && begun ? "" : (judged ?? "\u2713");
        told.dataset.kind = judged === null ? "right" : "error";
        for (const input of inputs.flat()) input.setAttribute("aria-invalid", String(judged !== null));
        return judged;
      });
      this.keep({ seed: this.seed, typed });
      const right = wrong.filter((each) => each === null).length;
      if (right === wrong.length) return this.answered(null);
      if (wrong.length > 1) return this.answered(`${right} of ${wrong.length} are right.`);
      this.fields[0].told.textContent = ""; // the status says it
      return this.answered(wrong[0]);
    }
  }

  // ---- choices

  class Choose extends Question {
    constructor(element, record) {
      super(element, record);
      this.reasons = element.querySelectorAll(".reasons > li");
      const list = element.querySelector("ol.options");
      const answers = make("div");
      answers.setAttribute("role", "group");
      answers.setAttribute("aria-label", `Answers to ${record.title}`);
      list.replaceWith(answers);
      answers.append(list);
      const type = record.right.filter(Boolean).length > 1 ? "checkbox" : "radio";
      this.inputs = [...list.children].map((item, place) => {
        const input = make("input", { type, name: `choose-${this.name}`, value: place });
        const text = item.querySelector("p") ?? item;
        const label = make("label", { className: "live-choice" }, input, make("span", {}, ...text.childNodes));
        text.replaceWith(label);
        input.checked = this.kept()?.includes(place) ?? false;
        return input;
      });
    }

    erase() {
      for (const input of this.inputs) input.checked = false;
      this.say("");
      this.told.replaceChildren();
    }

    check() {
      const chosen = this.inputs.flatMap((input, place) => (input.checked ? [place] : []));
      const { right } = this.record;
      this.keep(chosen);
      this.told.replaceChildren();
      if (!chosen.length) return this.say(said.none, "error");
      const wrong = chosen.filter((place) => !right[place]);
      for (const place of wrong.length ? wrong : chosen) this.told.append(this.reason(place));
      const missed = right.some((is, place) => is && !chosen.includes(place));
      if (wrong.length) return this.answered(wrong.length < chosen.length ? "Not all of these." : "No.");
      return this.answered(missed ? said.more : null);
    }

    reason(place) {
      const reason = make("div", { className: "live-reason" });
      reason.dataset.answer = place;
      reason.setAttribute("role", "status");
      for (const child of this.reasons[place].childNodes) reason.append(child.cloneNode(true));
      return reason;
    }
  }

  // ---- orders

  class Order extends Question {
    constructor(element, record) {
      super(element, record);
      this.list = element.querySelector("ul.steps");
      this.items = new Map();
      [...this.list.children].forEach((item, place) => {
        const text = item.textContent.trim();
        const move = (by, name) =>
          button(by < 0 ? "\u2191" : "\u2193", () => this.move(item, by), {
            className: "live-button live-move",
            ariaLabel: `${name}: ${text}`,
          });
        item.prepend(make("span", { className: "live-moves" }, move(-1, "Up"), move(1, "Down")));
        this.items.set(record.mixed[place], item);
      });
      this.set(this.kept() ?? record.mixed);
    }

    set(steps) {
      if (steps.length === this.items.size) this.list.append(...steps.map((step) => this.items.get(step)));
    }

    steps() {
      const places = [...this.list.children];
      return [...this.items].sort(([, a], [, b]) => places.indexOf(a) - places.indexOf(b)).map(([step]) => step);
    }

    move(item, by) {
      const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
      const focused = document.activeElement;
      if (other && by < 0) other.before(item);
      if (other && by > 0) other.after(item);
      focused.focus();
      const place = [...this.list.children].indexOf(item) + 1;
      this.say(`Now step ${place} of ${this.items.size}.`);
    }

    erase() {
      this.set(this.record.mixed);
      this.say("");
    }

    check() {
      const steps = this.steps();
      this.keep(steps);
      this.answered(this.judge(steps));
    }

    judge(steps) {
      const { free, slips } = this.record;
      const first = (step) => (free.includes(step) ? Math.min(...free) : step);
      const places = steps.map(first).sort((a, b) => a - b);
      const right = steps.map((step, place) => first(step) === places[place]);
      if (right.every(Boolean)) return null;
      for (const [early, late, told] of slips) {
        if (steps.indexOf(early) < steps.indexOf(late)) return told;
      }
      const soFar = right.indexOf(false);
      return soFar ? said.soFar.replace("{0}", soFar) : said.notYet;
    }
  }

  // ---- the trainer

  const NAMES = { "+": "sum", "-": "difference", "*": "product" };
  const WRITTEN = {
    "+": (a, b) => `${a} + ${b}`,
    "-": (a, b) => `${a} \u2212 ${b}`,
    "*": (a, b) => `${a} \u00b7 ${b}`,
    square: (a) => `${a}\u00b2`,
    maximum: (a, b) => `max(${a}, ${b})`,
    sigmoid: (a) => `\u03c3(${a})`,
  };

  class Trainer extends Question {
    constructor(element, record) {
      super(element, record);
      this.place = element.querySelector("p.trainer");
      this.bar.append(button("Another graph", () => this.another()));
      this.deal(dealt(this.name) || 1);
    }

    deal(seed) {
      this.seed = seed;
      const { given, steps } = arithmetic.dealGraph(seed);
      this.solved = arithmetic.solve(given, steps);
      this.last = steps.at(-1)[0];
      this.gradients = arithmetic.gradients(this.solved, this.last);
      const onEnter = () => this.check();
      const used = Object.keys(given).filter((name) => steps.some((step) => step.slice(2).includes(name)));
      const row = (name, how, value) => {
        const gradient = field(`gradient of ${name}`, { onEnter });
        const told = make("span", { className: "live-told", id: `live-told-${count++}` });
        for (const input of [value, gradient]) input.setAttribute?.("aria-describedby", told.id);
        this.fields.push({ name, value: value.tagName ? value : null, gradient, told });
        const head = make("th", { scope: "row" }, name);
        const row = make("tr", {}, head, make("td", {}, how), make("td", {}, value), make("td", {}, gradient));
        return [row, make("tr", { className: "live-told-row" }, make("td", { colSpan: 4 }, told))];
      };
      this.fields = [];
      const heads = ["is", "value", "gradient"];
      const table = make(
        "table",
        { className: "live-graph table" },
        make("caption", {}, `Graph ${seed}: values forward, then gradients backward: how fast ${this.last} moves.`),
        make("thead", {}, make("tr", {}, make("td"), ...heads.map((text) => make("th", { scope: "col" }, text)))),
        make(
          "tbody",
          {},
          ...used.flatMap((name) => row(name, "given", shown(given[name]))),
          ...steps.flatMap(([name, operation, ...from]) =>
            row(name, WRITTEN[operation](...from), field(`value of ${name}`, { onEnter })),
          ),
        ),
      );
      this.place.replaceWith(table);
      this.place = table;
      this.say("");
    }

    another() {
      this.deal(dealAnew(this.name));
      this.fields.find(({ value }) => value)?.value.focus();
    }

    erase() {
      this.deal(this.seed);
    }

    check() {
      let right = 0;
      const all = this.fields.flatMap(({ name, value, gradient, told }) => {
        told.textContent = "";
        const fields = value ? [[value, () => this.valueRule(name, value.value)]] : [];
        fields.push([gradient, () => this.gradientRule(name, gradient.value)]);
        return fields.map(([input, judge]) => {
          const rule = judge();
          input.setAttribute("aria-invalid", String(rule !== null));
          if (rule === null) right += 1;
          else if (input.value.trim() && !told.textContent) told.textContent = rule;
          told.dataset.kind = "error";
          return rule;
        });
      });
      if (right === all.length) return this.answered(null);
      return this.answered(`${right} of ${all.length} are right.`);
    }

    read(typed, judge) {
      try {
        return judge(number(typed));
      } catch (reason) {
        return reason.message;
      }
    }

    valueRule(name, typed) {
      const { rules } = this.record;
      return this.read(typed, (answer) => {
        if (agrees(answer, this.solved.values[name])) return null;
        const [, operation] = this.solved.steps.find(([step]) => step === name);
        return rules[NAMES[operation] ?? operation];
      });
    }

    gradientRule(name, typed) {
      return this.read(typed, (answer) => {
        const key = this.brokenRule(name, answer);
        return key && this.record.rules[key];
      });
    }

    // Which rule an entry breaks, judged by what it equals.
    brokenRule(name, answer) {
      const right = this.gradients[name] ?? 0;
      const is = (value) => agrees(answer, value);
      if (is(right)) return null;
      if (name === this.last) return "last";
      const paths = this.solved.steps.flatMap(([step, operation, ...from]) =>
        from.flatMap((each, place) =>
          each === name
            ? [{ step, operation, other: from[1 - place], slope: this.solved.slopes[step][place], incoming: this.gradients[step] ?? 0 }]
            : [],
        ),
      );
      const sum = (part) => paths.reduce((total, path) => total + part(path), 0);
      const { values } = this.solved;
      if (paths.length > 1 && paths.some(({ slope, incoming }) => is(slope * incoming))) return "one path";
      if (paths.some(({ operation, slope }) => operation === "maximum" && slope === 0)) {
        if (is(sum(({ incoming }) => incoming))) return "closed";
      }
      if (paths.some(({ operation }) => operation === "square")) {
        if (is(sum(({ slope, incoming }) => (slope * incoming) / 2))) return "square's two";
      }
      if (is(-right)) return "sign";
      if (is(sum(({ slope }) => slope))) return "slope alone";
      if (is(sum(({ incoming }) => incoming))) return "slope missing";
      if (paths.some(({ operation }) => operation === "*")) {
        if (is(sum(({ operation, slope, incoming }) => (operation === "*" ? values[name] : slope) * incoming))) {
          return "own value";
        }
      }
      return is(values[name]) ? "value" : "unknown";
    }
  }

  const KINDS = { blanks: Blanks, choose: Choose, order: Order, trainer: Trainer };

  for (const element of document.querySelectorAll("div.exercise")) {
    const record = data.exercises[element.dataset.exercise];
    if (record.kind in KINDS) new KINDS[record.kind](element, record);
  }
})();
