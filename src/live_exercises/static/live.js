// Makes the cells and exercises of a page run, in the page.
//
// Without this script the page reads as ever. With it, nothing more is fetched until the reader
// types into an exercise or presses Run: until then it is edited in a plain text area. Output is
// put into the page as text, never as HTML.

(() => {
  "use strict";

  const { here, data, store, blocks, make, button, group, status, opener, offer, solve } = liveExercises;
  const NOT_LOADED = "A file that Python needs did not arrive. Is the connection gone?";
  const HELP =
    "Python code. Shift and Enter runs it. To leave the editor with the keyboard, press Escape, then Tab.";

  // The code of a block, as the page shows it.
  function codeOf(element) {
    return element.querySelector("pre").textContent.trimEnd();
  }

  // ---- Python, in a worker

  const python = {
    worker: null,
    ready: false,
    asked: new Map(),
    number: 0,

    start() {
      if (this.worker) return;
      // By way of a blob: such a worker is bound by the page's own policy, whatever a server sends.
      const url = new URL(`worker.js?v=${data.version}`, here).href;
      const script = new Blob([`import ${JSON.stringify(url)};`], { type: "text/javascript" });
      this.worker = new Worker(URL.createObjectURL(script), { type: "module" });
      this.worker.onmessage = ({ data: answer }) => this.hear(answer);
      this.worker.onerror = () => this.fail(NOT_LOADED);
    },

    ask(order, listener) {
      this.start();
      const id = this.number++;
      return new Promise((resolve, reject) => {
        this.asked.set(id, { ...listener, resolve, reject });
        this.worker.postMessage({ ...order, id });
      });
    },

    hear(answer) {
      const asker = this.asked.get(answer.id);
      if (answer.kind === "progress" || answer.kind === "loaded") {
        const [first] = this.asked.values();
        first?.[answer.kind](answer);
      } else if (answer.kind === "failed") {
        // Until it has started, whatever went wrong is that a file did not arrive.
        this.fail(answer.started ? `Python has failed and starts anew: ${answer.message}` : NOT_LOADED);
      } else if (answer.kind === "done") {
        this.ready = true;
        this.asked.delete(answer.id);
        asker?.resolve(answer.result); // nobody asked for a start
      } else {
        asker[answer.kind](answer);
      }
    },

    fail(why) {
      this.worker?.terminate();
      this.worker = null;
      this.ready = false;
      const askers = [...this.asked.values()];
      this.asked.clear();
      for (const asker of askers) asker.reject(new Error(why));
    },

    // A loop without an end cannot be asked to stop, so its worker is ended and another begun.
    stop() {
      this.fail("Stopped.");
      this.warmUp();
    },

    // Be ready before the reader asks.
    warmUp() {
      if (this.worker) return;
      this.start();
      this.worker.postMessage({ kind: "start" });
    },
  };

  // ---- the editor

  let editorModule; // a promise

  function loadEditor() {
    editorModule ??= import(new URL(`editor.js?v=${data.version}`, here)).catch(() => null); // the text area stays
    return editorModule;
  }

  // Code on the page that can be edited: first as the page shows it, in a text area that lies over
  // it and shows when it is used; from the first Run on in CodeMirror.
  class Code {
    constructor(shown, label, text, { onChange, onRun }) {
      this.label = label;
      this.shown = shown;
      this.text = text;
      this.onChange = onChange;
      this.onRun = onRun;
      this.stack = make("div", { className: "live-code" });
      shown.replaceWith(this.stack);
      this.stack.append(shown);
    }

    open({ focus = false } = {}) {
      if (!this.area && !this.editor) this.makeArea();
      if (editorModule) this.upgrade(focus);
      else if (focus) this.area.focus();
    }

    makeArea() {
      this.area = make("textarea", {
        className: "live-area",
        value: this.text,
        spellcheck: false,
        autocapitalize: "off",
        autocomplete: "off",
        rows: 1,
        oninput: () => {
          this.area.classList.add("edited");
          this.changed(this.area.value);
          python.warmUp(); // who types wants to run: be ready when they press the button
        },
        onkeydown: (event) => this.key(event),
        onfocus: () => {
          // Who has pressed Run once, on any page, wants to run: begin while they type.
          if (!store.read().ran) return;
          loadEditor().then(() => this.upgrade(false));
          python.warmUp();
        },
      });
      this.area.setAttribute("aria-label", this.label);
      this.area.setAttribute("autocorrect", "off");
      if (this.text !== codeOf(this.shown)) {
        this.area.classList.add("edited");
      }
      this.stack.append(this.area);
      this.fit();
    }

    key(event) {
      const { value, selectionStart: at, selectionEnd: end } = this.area;
      const line = value.slice(0, at).split("\n").pop();
      if (event.key === "Backspace" && at === end && /^ {2,}$/.test(line)) {
        // In an indent, one press goes back a level, as in the large editor.
        event.preventDefault();
        this.area.setSelectionRange(at - ((line.length - 1) % 4) - 1, at);
        document.execCommand("delete");
        return;
      }
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (event.ctrlKey || event.metaKey || event.shiftKey) {
        this.onRun();
        return;
      }
      const indent = line.match(/^ */)[0] + (line.trimEnd().endsWith(":") ? "    " : "");
      // The old command is the one that keeps the browser's own undo.
      document.execCommand("insertText", false, "\n" + indent);
    }

    fit() {
      if (this.area) this.area.rows = this.text.split("\n").length;
    }

    changed(text) {
      this.text = text;
      this.fit();
      this.onChange(text);
    }

    setText(text) {
      this.text = text;
      if (this.editor) {
        this.editor.setText(text);
      } else if (this.area) {
        this.area.value = text;
        this.area.classList.add("edited");
        this.fit();
      }
    }

    async upgrade(focus) {
      const loaded = await loadEditor();
      if (!loaded || this.editor) {
        if (focus && this.editor) this.editor.focus();
        return;
      }
      const focused = focus || document.activeElement === this.area;
      const [from, to] = [this.area?.selectionStart ?? 0, this.area?.selectionEnd ?? 0];
      const host = make("div", { className: "live-editor" });
      this.stack.append(host);
      this.editor = loaded.createEditor(host, {
        text: this.text,
        label: this.label,
        help: HELP,
        onChange: (text) => this.changed(text),
        onRun: this.onRun,
      });
      this.area?.remove();
      this.area = null;
      this.shown.classList.add("live-behind");
      if (focused) {
        this.editor.focus();
        this.editor.select(from, to);
      }
    }
  }

  // ---- how far the start is: beside the status, which is read out, and this is not

  class Loading {
    constructor() {
      this.meter = make("progress", { max: data.megabytes });
      this.meter.setAttribute("aria-label", "Python is fetched");
      this.text = make("span");
      this.element = make("div", { className: "live-loading", hidden: true }, this.meter, " ", this.text);
    }

    show(bytes) {
      this.element.hidden = false;
      this.begin ??= performance.now();
      const megabytes = Math.min(bytes / 1e6, data.megabytes);
      const seconds = (performance.now() - this.begin) / 1000;
      const left = Math.ceil((seconds * (data.megabytes - megabytes)) / megabytes);
      this.meter.value = megabytes;
      this.text.textContent =
        `${megabytes.toFixed(1)} of ${data.megabytes.toFixed(1)} MB` +
        (seconds > 1.5 && left > 0 ? `, about ${left} s left` : "");
    }

    hide() {
      this.element.hidden = true;
      this.begin = undefined;
    }
  }

  // ---- what runs: cells and exercises

  class Block {
    constructor(element, shown, title, original, kept) {
      this.element = element;
      this.original = original;
      this.code = new Code(shown, `Code of ${title}`, kept ?? original, {
        onChange: (text) => {
          this.setResetting(false);
          this.keep(text === this.original ? undefined : text);
        },
        onRun: () => this.run(),
      });
      this.runButton = button("Run", () => this.run());
      this.resetButton = button("Reset", () => this.reset());
      this.stopButton = button("Stop", () => python.stop(), { hidden: true });
      this.bar = group(title);
      this.status = status();
      this.loading = new Loading();
      this.output = make("div", { className: "live-output" });
      this.output.setAttribute("aria-live", "polite");
      blocks.push(this);
    }

    erase() {
      this.code.setText(this.original);
      this.setResetting(false);
      this.say("");
      this.output.replaceChildren();
    }

    setResetting(undoable) {
      this.undo = undoable;
      this.resetButton.textContent = undoable === false ? "Reset" : "Undo reset";
    }

    reset() {
      const before = this.code.text;
      const after = this.undo || this.original;
      this.code.setText(after);
      this.keep(after === this.original ? undefined : after);
      this.setResetting(this.undo || before === this.original ? false : before);
      this.say("");
      this.output.replaceChildren();
    }

    say(text, kind = "") {
      this.status.textContent = text;
      this.status.dataset.kind = kind;
    }

    async ask(order, again) {
      this.output.replaceChildren();
      this.busy(true);
      this.say(python.ready ? "Running …" : "Starting Python …");
      store.change((page, kept) => (kept.ran = true));
      this.code.open();
      const wait = python.ask(order, {
        progress: ({ text }) => this.say(text),
        loaded: ({ loaded }) => this.loading.show(loaded),
        text: ({ text }) => this.print(text),
        figure: ({ png, width }) => this.draw(png, width),
        anew: () => this.output.replaceChildren(),
      });
      try {
        return await wait;
      } catch (error) {
        this.say(error.message, "error");
        if (error.message === NOT_LOADED) this.status.append(" ", button("Try again", again));
        return null;
      } finally {
        this.loading.hide();
        this.busy(false);
        // Not earlier: until the first result is there, both cores have enough to do.
        loadEditor().then(() => this.code.upgrade(false));
      }
    }

    busy(is) {
      const focused = document.activeElement;
      this.stopButton.hidden = !is;
      for (const other of this.bar.querySelectorAll("button.live-runs")) other.disabled = is;
      if (is && this.bar.contains(focused)) this.stopButton.focus();
      if (!is && (focused === this.stopButton || focused === document.body)) {
        this.runButton.focus({ preventScroll: true });
      }
    }

    // Text goes to the end of what is printed already.
    print(text, className = "live-text") {
      let last = this.output.lastElementChild;
      if (last?.className !== className) {
        last = make("pre", { className, tabIndex: 0 });
        last.setAttribute("aria-label", className === "live-text" ? "Your output" : "Error");
        last.setAttribute("role", "group");
        this.output.append(last);
      }
      last.append(text);
    }

    async draw(png, width) {
      const canvas = make("canvas", { className: "live-figure" });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "The figure that your code draws");
      this.output.append(canvas);
      const image = await createImageBitmap(new Blob([png], { type: "image/png" }));
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.style.width = `${width}px`;
      canvas.getContext("2d").drawImage(image, 0, 0);
    }

    // Says how a run without checks ended.
    ended(result, ok) {
      if (result.error) {
        this.print(result.error, "live-error");
        this.say(result.line ? `Error in line ${result.line}.` : "Error.", "error");
      } else {
        this.say(this.output.childElementCount ? ok : `${ok} It printed nothing.`);
      }
    }
  }

  class Cell extends Block {
    constructor(element, number) {
      const input = element.querySelector(".cell_input");
      const shown = input.querySelector("[class*='highlight-']");
      const original = codeOf(shown);
      const kept = store.page().cells[number];
      super(
        element,
        shown,
        `cell ${number + 1}`,
        original,
        kept?.original === original ? kept.text : undefined,
      );
      this.number = number;
      this.runButton.classList.add("live-runs");
      this.editButton = button("Edit", () => this.edit());
      this.resetButton.hidden = true;
      this.bar.append(this.runButton, this.editButton, this.resetButton, this.stopButton);
      input.append(this.bar);
      input.after(this.status, this.loading.element, this.output);
      element.classList.add("live");
      if (this.code.text !== original) this.edit(false);
    }

    edit(focus = true) {
      this.editButton.hidden = true;
      this.resetButton.hidden = false;
      this.code.open({ focus });
      this.code.area?.classList.add("edited");
    }

    keep(text) {
      store.change((page) => {
        if (text === undefined) delete page.cells[this.number];
        else page.cells[this.number] = { original: this.original, text };
      });
    }

    async run() {
      this.editButton.hidden = true;
      this.resetButton.hidden = false;
      const sources = cells.slice(0, this.number + 1).map((cell) => cell.code.text);
      const result = await this.ask({ kind: "cells", sources }, () => this.run());
      if (!result) return;
      this.ended(result, "Done.");
      if (result.error && result.cell < this.number) {
        this.say(`Cell ${result.cell + 1}, above this one, has an error.`, "error");
      }
    }
  }

  class Exercise extends Block {
    constructor(element, name, record) {
      const shown = element.querySelector(".starter");
      const starter = codeOf(shown);
      super(element, shown, record.title, starter, store.page().answers[name]);
      this.starter = starter;
      this.checks = codeOf(element.querySelector("details.checks"));
      this.record = record;
      this.name = name;
      const folded = [...element.querySelectorAll("details")];
      const [hint, checks, solution] = folded;
      this.runButton.classList.add("live-runs");
      this.checkButton = button("Check", () => this.check(), {
        className: "live-button live-primary live-runs",
      });
      this.hintButton = opener(hint);
      this.checksButton = opener(checks);
      this.checksButton.hidden = true; // what is expected is not told before a try
      this.solutionButton = opener(solution);
      this.bar.append(
        this.runButton,
        this.checkButton,
        this.stopButton,
        this.resetButton,
        this.hintButton,
        this.checksButton,
        this.solutionButton,
      );
      this.code.stack.after(this.bar, this.status, this.loading.element, this.output);
      element.classList.add("live");
      this.code.open();
    }

    keep(text) {
      store.change((page) => {
        if (text === undefined) delete page.answers[this.name];
        else page.answers[this.name] = text;
      });
    }

    async run() {
      const result = await this.ask({ kind: "run", answer: this.code.text }, () => this.run());
      if (!result) return;
      this.tried();
      this.ended(result, "It ran.");
    }

    async check() {
      const { starter, checks } = this;
      const { planted } = this.record;
      const order = { kind: "check", answer: this.code.text, checks, starter, planted };
      const result = await this.ask(order, () => this.check());
      if (!result) return;
      this.tried();
      if (result.error) this.print(result.error, "live-error");
      if (result.told !== null) {
        this.say(result.told, "error");
        return;
      }
      this.say("Right: every check passes.", "right");
      solve(this.name);
    }

    tried() {
      this.checksButton.hidden = false;
      offer(this.solutionButton);
    }
  }

  // ---- begin

  const cells = [];

  function begin() {
    const cellElements = [...document.querySelectorAll("div.cell")].filter((element) =>
      element.querySelector(".cell_input pre"),
    );
    const exerciseElements = [...document.querySelectorAll("div.exercise")].filter(
      (element) => "planted" in data.exercises[element.dataset.exercise],
    );
    if (location.protocol === "file:") {
      const why = [
        "To run the code on this page, open the book from a web server: a browser runs no Python from a file. ",
        make("code", {}, "make serve"),
        " in the book's repository starts one.",
      ];
      (cellElements[0] ?? exerciseElements[0])?.before(
        make("p", { className: "live-note" }, ...why),
      );
      return;
    }
    for (const element of cellElements) cells.push(new Cell(element, cells.length));
    for (const element of exerciseElements) {
      const name = element.dataset.exercise;
      new Exercise(element, name, data.exercises[name]);
    }
  }

  begin();
})();
