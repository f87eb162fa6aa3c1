// Runs Python apart from the page, so that a loop without an end does not freeze the page.
//
// The page sends {kind: "start" | "run" | "check" | "cells", id, ...}; this worker answers with
// {kind: "progress" | "text" | "figure" | "anew" | "done" | "failed", id, ...}. What code may do and how its
// end is told is decided in live_exercises/runner.py.

import { loadPyodide } from "../pyodide/pyodide.mjs";

const here = new URL(import.meta.url);
const NEEDS_MATPLOTLIB = /\b(matplotlib|mpl_toolkits|pylab|backprop_figures)\b/;

// A folder of its own: what lies there an answer may change, and the next finds it as it was.
const BOOK = "/home/reader/book";

let python; // a promise of {pyodide, runner, chapter}
let hasMatplotlib = false;
let started = false;

// ---- what is fetched: kept in the browser, and counted while the reader waits

const fetchAnew = self.fetch;
let loaded = 0;
let toldAt = 0;

function count(response) {
  const counted = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.length;
      if (performance.now() - toldAt > 100) {
        toldAt = performance.now();
        postMessage({ kind: "loaded", loaded });
      }
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}

// What earlier states of the book have left is removed.
const cache = (async () => {
  const name = `live-exercises${here.search}`;
  for (const old of await caches.keys()) {
    if (old.startsWith("live-exercises") && old !== name) await caches.delete(old);
  }
  return caches.open(name);
})().catch(() => null); // no such storage here: the browser's own cache has to do

self.fetch = async (request, options) => {
  if (started && !String(request).includes("/pyodide/")) return fetchAnew(request, options);
  const store = await cache;
  const kept = await store?.match(request);
  if (kept) return count(kept);
  const response = await fetchAnew(request, options).catch((error) => {
    if (!started) failed(error); // who waits for this file may never say so
    throw error;
  });
  if (!response.ok) return response;
  // The copy comes first: in Firefox's workers, a body that was looked at before leaves both empty.
  store?.put(request, response.clone()).catch(() => {}); // a full storage is no reason to stop
  return response.body ? count(response) : response;
};
let queue = Promise.resolve();

function progress(text) {
  postMessage({ kind: "progress", text });
}

async function fetchBook() {
  const response = await fetch(new URL(`book.zip${here.search}`, here));
  if (!response.ok) throw new Error(`the book's code was not found (${response.status})`);
  return response.arrayBuffer();
}

async function start(packages) {
  const book = fetchBook(); // meanwhile
  book.catch(() => {}); // told below, where it is awaited
  progress("Starting Python …");
  const pyodide = await loadPyodide({
    indexURL: new URL("../pyodide/", here).href,
    env: { HOME: "/home/reader", MPLBACKEND: "agg", PYTHONHASHSEED: "0" },
  });
  await load(pyodide, packages);
  pyodide.unpackArchive(await book, "zip", { extractDir: BOOK });
  pyodide.runPython(`import sys; sys.path.insert(0, "${BOOK}")`);
  const runner = pyodide.pyimport("live_exercises.runner");
  started = true;
  return { pyodide, runner, chapter: runner.Chapter() };
}

// Pyodide only prints that a package did not arrive.
async function load(pyodide, packages) {
  await pyodide.loadPackage(packages, { messageCallback() {} });
  const missing = packages.filter((name) => !(name in pyodide.loadedPackages));
  if (missing.length) throw new Error(`${missing} did not arrive`);
}

// Which packages some code needs. Matplotlib takes as long to load as everything else together.
function packagesFor(code) {
  return NEEDS_MATPLOTLIB.test(code) ? ["numpy", "matplotlib"] : ["numpy"];
}

async function loadMatplotlib({ pyodide, runner }) {
  if (hasMatplotlib) return;
  progress("Loading Matplotlib …");
  await load(pyodide, ["matplotlib"]).catch((error) => {
    started = false; // so that the page asks for all files again
    throw error;
  });
  runner.prepare_matplotlib();
  hasMatplotlib = true;
}

async function work(order) {
  const code = order.sources?.at(-1) ?? order.answer ?? "";
  python ??= start(packagesFor(code));
  const { pyodide, runner, chapter } = await python;
  if (order.kind === "start") return "null";
  if (NEEDS_MATPLOTLIB.test(code)) await loadMatplotlib({ pyodide, runner });
  progress("Running …");
  const screen = {
    text: (text) => postMessage({ kind: "text", id: order.id, text }),
    figure: (bytes, width) => {
      const png = bytes.toJs();
      bytes.destroy();
      postMessage({ kind: "figure", id: order.id, png, width }, [png.buffer]);
    },
  };
  if (order.kind === "cells") {
    const sources = pyodide.toPy(order.sources);
    try {
      // Cells above that draw do without Matplotlib, unless this one turns out to need it.
      const result = chapter.run(sources, screen, hasMatplotlib);
      if (result !== undefined) return result;
      await loadMatplotlib({ pyodide, runner });
      postMessage({ kind: "anew", id: order.id });
      progress("Running …");
      return chapter.run(sources, screen, true);
    } finally {
      sources.destroy();
    }
  }
  if (order.kind === "run") return runner.run(order.answer, screen);
  const planted = pyodide.toPy(order.planted);
  try {
    return runner.check(order.answer, order.checks, screen, order.starter, planted);
  } finally {
    planted.destroy();
  }
}

onmessage = ({ data: order }) => {
  queue = queue.then(async () => {
    try {
      const result = JSON.parse(await work(order));
      postMessage({ kind: "done", id: order.id, result });
    } catch (error) {
      failed(error);
    }
  });
};

// Not the reader's error, which the runner tells: Python itself has failed.
function failed(error) {
  postMessage({ kind: "failed", started, message: String(error?.message ?? error) });
}

// The promise of a start that lost a file may never settle; the failure itself comes by here.
self.addEventListener("unhandledrejection", (event) => {
  if (started) return;
  event.preventDefault(); // it is told
  failed(event.reason);
});
