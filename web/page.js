// Elements, dates, tags and dialogs: what all pages are made of. Texts become text nodes only.

/** h("td", {class: "number"}, "3", element, …): an element; properties that begin with on are listeners. */
export function h(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

/** A table; each row is {cells, class}, a cell text, an element or a list; "#…" heads a number. */
export function table(caption, heads, rows, empty) {
  const isNumber = heads.map((head) => head.startsWith("#"));
  const head = h("tr", {}, heads.map((text, i) =>
    h("th", { scope: "col", class: isNumber[i] && "number" }, text.replace("#", ""))));
  const body = rows.map((row) => h("tr", { class: row.class }, row.cells.map((cell, i) =>
    h("td", { class: isNumber[i] && "number" }, cell))));
  return h("div", { class: "scroll" }, rows.length === 0
    ? h("div", { class: "empty" }, empty)
    : h("table", { "aria-label": caption }, h("thead", {}, head), h("tbody", {}, body)));
}

export const tag = (kind, text, title) => h("span", { class: "tag " + kind, title }, text);

export const card = (label, value, bad) =>
  h("div", { class: bad ? "card bad" : "card" }, h("b", {}, String(value)), h("span", { class: "dim" }, label));

/** 1732566000000 → "25 Nov 2026, 20:20:00", in the reader's time zone. */
export function date(ms) {
  if (!ms) return "";
  return new Date(Number(ms)).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

/** How long ago, in words that change slowly. */
export function ago(ms, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - Number(ms)) / 1000));
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min";
  if (seconds < 48 * 3600) return Math.floor(seconds / 3600) + " h";
  return Math.floor(seconds / 86400) + " days";
}

export function pager(page, size, total, go) {
  const last = Math.max(1, Math.ceil(total / size));
  if (last === 1) return null;
  const step = (to, text) => h("button", {
    type: "button", class: "quiet", disabled: to < 1 || to > last, "data-focus": text, onclick: () => go(to),
  }, text);
  return h("p", { class: "bar small" }, step(page - 1, "Previous"), step(page + 1, "Next"),
    h("span", { class: "dim" }, `page ${page} of ${last}, ${total} in all`));
}

/**
 * Asks in a dialog; resolves with what `act` gives once it succeeded, or undefined when it was left.
 * A failure is shown and the dialog stays.
 */
export function ask({ title, body, action, danger, act }) {
  const dialog = document.getElementById("dialog");
  return new Promise((resolve) => {
    const failure = h("p", { class: "why", role: "alert" });
    const go = h("button", { type: "submit", class: danger && "danger" }, action);
    const cancel = h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel");
    let result;
    const form = h("form", {
      onsubmit: async (event) => {
        event.preventDefault();
        go.disabled = true;
        failure.textContent = "";
        try {
          result = (await act(new FormData(form))) ?? true;
          dialog.close();
        } catch (error) {
          failure.textContent = error.message;
        }
        go.disabled = false;
      },
    }, h("h2", { id: "dialog-title" }, title), body, failure, h("div", { class: "actions" }, cancel, go));
    dialog.replaceChildren(form);
    dialog.onclose = () => resolve(result);
    dialog.showModal();
  });
}
