// CodeMirror, as this book uses it: Python, four spaces, the colours of the page's other code.

import * as codemirror from "../codemirror/index.js";

const { EditorState, EditorView, HighlightStyle, keymap, syntaxHighlighting } = codemirror;

// CodeMirror's own colours, by what they mean, in the page's. See live.css.
const COLOURS = {
  "#404740": "comment", // meta
  "#708": "keyword",
  "#219": "number",
  "#164": "number",
  "#a11": "string",
  "#e40": "string",
  "#00f": "name",
  "#30a": "name",
  "#085": "name",
  "#167": "name",
  "#256": "name",
  "#00c": "name",
  "#940": "comment",
  "#f00": "string",
};
const highlighting = HighlightStyle.define(
  codemirror.defaultHighlightStyle.specs.map(({ tag, color }) => ({
    tag,
    color: color in COLOURS ? `var(--live-${COLOURS[color]})` : "inherit",
  })),
);

const look = EditorView.theme({
  "&": { color: "var(--live-text)", backgroundColor: "var(--live-background)", fontSize: "1em" },
  "&.cm-focused": { outline: "2px solid var(--live-focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--pst-font-family-monospace, monospace)", lineHeight: "1.4" },
  ".cm-content": { padding: "1rem 0", caretColor: "var(--live-text)" },
  ".cm-gutters": {
    backgroundColor: "transparent",
    color: "var(--live-comment)",
    border: "none",
  },
  ".cm-cursor": { borderLeftColor: "var(--live-text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--live-selection)" },
  ".cm-matchingBracket": { outline: "1px solid var(--live-comment)", background: "none" },
});

const python = await codemirror.languages.find(({ name }) => name === "Python").load();

// Puts an editor into a host element. It lives in a shadow root, where its styles are adopted style
// sheets: the page's Content-Security-Policy allows no style elements.
export function createEditor(host, { text, label, help, onChange, onRun }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const describe = document.createElement("span");
  describe.id = "help";
  describe.hidden = true;
  describe.textContent = help;
  root.replaceChildren(describe);
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of(["Mod-Enter", "Shift-Enter"].map((key) => ({ key, run: () => (onRun(), true) }))),
        codemirror.lineNumbers(),
        codemirror.history(),
        codemirror.drawSelection(),
        codemirror.indentOnInput(),
        codemirror.bracketMatching(),
        codemirror.indentUnit.of("    "),
        EditorState.tabSize.of(4),
        keymap.of([
          ...codemirror.defaultKeymap,
          ...codemirror.historyKeymap,
          codemirror.indentWithTab, // Escape, then Tab, leaves: CodeMirror's own rule
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label,
          "aria-describedby": "help",
          tabindex: "0", // said aloud, for tools that do not count editable text as focusable
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
        python,
        syntaxHighlighting(highlighting),
        look,
      ],
    }),
  });
  return {
    focus: () => view.focus(),
    select: (from, to) => view.dispatch({ selection: { anchor: from, head: to } }),
    setText: (text) =>
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
  };
}
