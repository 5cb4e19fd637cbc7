// The difference of two texts, line by line: Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986).
import { h } from "./page.js";

const EDITS_MAX = 2000;
const CONTEXT_LINES = 3;

/** [{kind: "same" | "added" | "removed", line}]; beyond EDITS_MAX edits all of both. */
export function diff(before, after) {
  const a = before.split("\n");
  const b = after.split("\n");
  const trace = shortest(a, b);
  if (!trace) {
    return [...a.map((line) => ({ kind: "removed", line })), ...b.map((line) => ({ kind: "added", line }))];
  }
  return walk(a, b, trace);
}

/** The furthest points for each number of edits, up to the one that reaches the end. */
function shortest(a, b) {
  let furthest = new Map([[1, 0]]);
  const trace = [];
  for (let edits = 0; edits <= Math.min(a.length + b.length, EDITS_MAX); ++edits) {
    trace.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
      let x = down ? furthest.get(k + 1) : furthest.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) ++x;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return trace;
    }
  }
  return null;
}

function walk(a, b, trace) {
  const lines = [];
  let x = a.length;
  let y = b.length;
  for (let edits = trace.length - 1; edits >= 0; --edits) {
    const furthest = trace[edits];
    const k = x - y;
    const down = k === -edits || (k !== edits && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
    const before = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : furthest.get(before);
    const fromY = edits === 0 ? 0 : fromX - before;
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      lines.push({ kind: "same", line: a[--x] });
      --y;
    }
    if (edits === 0) break;
    if (down) lines.push({ kind: "added", line: b[--y] });
    else lines.push({ kind: "removed", line: a[--x] });
  }
  return lines.reverse();
}

/** What differs, with a few lines around it. */
export function showDiff(before, after) {
  const lines = diff(before, after);
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT_LINES), at + CONTEXT_LINES + 1).some((l) => l.kind !== "same"));
  if (!near.includes(true)) return h("p", { class: "dim" }, "No difference.");
  const signs = { same: "  ", added: "+ ", removed: "- " };
  const rows = [];
  lines.forEach(({ kind, line }, at) => {
    if (near[at]) rows.push(h("div", { class: kind }, signs[kind] + line));
    else if (at === 0 || near[at - 1]) rows.push(h("div", { class: "gap" }, "  …"));
  });
  return h("div", { class: "diff", role: "group", "aria-label": "Difference", tabindex: "0" }, rows);
}
