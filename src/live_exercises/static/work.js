// What a reader has written and solved: kept in this browser, shown as progress, taken along.
//
// The scripts of the exercises share this one's small helpers. All are plain scripts, not modules:
// modules do not load from files, and what needs no Python works there too.

const liveExercises = (() => {
  "use strict";

  const here = document.currentScript.src;
  const data = JSON.parse(document.getElementById("live-data").textContent);
  const names = Object.keys(data.exercises);
  const STORE = "understanding-backpropagation";
  const blocks = []; // all that can be erased

  const store = {
    read() {
      try {
        return JSON.parse(localStorage.getItem(STORE)) ?? {};
      } catch {
        return {}; // no storage here, or not ours
      }
    },
    change(edit) {
      const kept = this.read();
      kept.pages ??= {};
      kept.pages[data.page] ??= { answers: {}, cells: {}, solved: [] };
      const page = kept.pages[data.page];
      page.exercises = names.length;
      edit(page, kept);
      try {
        localStorage.setItem(STORE, JSON.stringify(kept));
      } catch {
        // A full or forbidden storage must not keep the reader from answering.
      }
    },
    page() {
      return this.read().pages?.[data.page] ?? { answers: {}, cells: {}, solved: [] };
    },
    erase() {
      try {
        localStorage.removeItem(STORE);
      } catch {
        // Nothing was kept.
      }
    },
  };

  // ---- small helpers

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function button(text, onclick, properties = {}) {
    return make("button", { type: "button", className: "live-button", onclick, ...properties }, text);
  }

  function group(label, ...children) {
    const bar = make("div", { className: "live-bar" }, ...children);
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", label);
    return bar;
  }

  function status() {
    const line = make("p", { className: "live-status" });
    line.setAttribute("role", "status");
    return line;
  }

  // A button for a folded part, which is not shown until it is open.
  function opener(details) {
    const summary = details.querySelector("summary");
    const opening = button(summary.textContent, () => {
      details.open = !details.open;
      if (details.open) summary.focus();
    });
    const mark = () => opening.setAttribute("aria-expanded", String(details.open));
    details.addEventListener("toggle", () => {
      mark();
      const focused = document.activeElement;
      if (!details.open && (focused === document.body || details.contains(focused))) {
        opening.focus(); // what had the focus is not shown any more
      }
    });
    mark();
    return opening;
  }

  // Always within reach; after a try it is offered.
  function offer(solution) {
    solution.classList.add("live-primary");
    solution.textContent = "Show a solution";
  }

  // ---- progress

  const solved = (name) => store.page().solved.includes(name);

  function solve(name) {
    store.change((page) => {
      if (!page.solved.includes(name)) page.solved.push(name);
    });
    show();
  }

  let box;

  function place() {
    const exercise = document.querySelector("div.exercise");
    if (!exercise) return;
    box = make("div", { className: "live-progress" });
    const section = exercise.closest("section")?.parentElement;
    const heading = section?.querySelector(":scope > h2");
    if (heading) heading.after(box);
    else exercise.before(box);
  }

  function sentence() {
    return `Solved in this chapter: ${names.filter(solved).length} of ${names.length}.`;
  }

  function show() {
    for (const element of document.querySelectorAll("div.exercise")) {
      element.classList.toggle("live-is-solved", solved(element.dataset.exercise));
    }
    if (box) {
      const meter = make("progress", { max: names.length, value: names.filter(solved).length });
      meter.setAttribute("aria-label", "Exercises solved in this chapter");
      const bar = group(
        "Your work",
        button("Download my work", download),
        button("Bring my work back", bringBack),
        button("Copy a line for a mail", copyLine),
        button("Erase my work", erase),
      );
      box.replaceChildren(make("p", {}, sentence()), meter, bar);
    }
    markChapters();
  }

  // The chapters in the navigation, each with how many of its exercises are solved.
  function markChapters() {
    const root = new URL("../../", here);
    const pages = store.read().pages ?? {};
    for (const old of document.querySelectorAll(".live-solved")) old.remove();
    for (const link of document.querySelectorAll("nav.bd-links a.reference.internal")) {
      const path = new URL(link.href).pathname.slice(root.pathname.length);
      const page = pages[path.replace(/\.html$/, "")];
      if (page?.exercises && page.solved.length) {
        const text = ` ${page.solved.length} of ${page.exercises} solved`;
        link.append(make("span", { className: "live-solved" }, text));
      }
    }
  }

  function download() {
    const file = new Blob([JSON.stringify(store.read(), null, 2)], { type: "application/json" });
    const url = URL.createObjectURL(file);
    make("a", { href: url, download: "my-work.json" }).click();
    URL.revokeObjectURL(url);
  }

  // What was downloaded, here or in another browser, takes the place of what is kept.
  function bringBack() {
    const chosen = make("input", { type: "file", accept: "application/json,.json" });
    chosen.onchange = async () => {
      try {
        const kept = JSON.parse(await chosen.files[0].text());
        if (typeof kept.pages !== "object") throw new TypeError("no pages");
        localStorage.setItem(STORE, JSON.stringify(kept));
        location.reload();
      } catch {
        window.alert("That file is not one that “Download my work” has made.");
      }
    };
    chosen.click();
  }

  // All pages in one line, which a reader can paste into a mail to a teacher.
  async function copyLine(event) {
    const pages = Object.entries(store.read().pages ?? {}).filter(([, page]) => page.exercises);
    const parts = pages.map(([page, { solved, exercises }]) => `${page} ${solved.length}/${exercises}`);
    const line = `Understanding backpropagation, solved: ${parts.join(", ") || "nothing yet"}`;
    try {
      await navigator.clipboard.writeText(line);
      event.target.textContent = "Copied";
    } catch {
      window.prompt("Copy this line:", line);
    }
  }

  function erase() {
    const sure = "Erase everything that you wrote and solved in this book, on all pages?";
    if (!window.confirm(sure)) return;
    store.erase();
    for (const block of blocks) block.erase();
    show();
  }

  place();
  show();
  window.addEventListener("storage", show); // what is solved in another tab shows here

  return { here, data, store, blocks, make, button, group, status, opener, offer, solve, show };
})();
