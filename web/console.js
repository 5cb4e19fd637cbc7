// The console: finds the page for the address, keeps it fresh, and remembers namespace and theme.
import { api, onRefused } from "./api.js";
import { configPage, configsPage } from "./configs.js";
import { groupPage, groupsPage } from "./groups.js";
import { ask, h } from "./page.js";
import { servicePage, servicesPage } from "./services.js";

const REFRESH_MS = 2000;
const PAGES = {
  services: servicesPage, service: servicePage, configs: configsPage, config: configPage,
  groups: groupsPage, group: groupPage,
};
const SECTION = { service: "services", config: "configs", group: "groups" };

const main = document.getElementById("main");
const live = document.getElementById("live");
const namespaceField = document.getElementById("namespace");
let current = null;

function showLive(failure) {
  live.classList.toggle("lost", Boolean(failure));
  const text = failure ? failure.message : "live";
  if (live.textContent !== text) live.textContent = text;
}

/** Puts new content in place, and the focus back to where it was. */
function replace(region, nodes) {
  const focused = region.contains(document.activeElement) && document.activeElement.dataset.focus;
  region.replaceChildren(...[nodes].flat(Infinity).filter(Boolean));
  if (focused) region.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Asks and shows; answers of a page that was left, or that were overtaken, are dropped. */
async function refresh(page) {
  const asked = ++page.asked;
  clearTimeout(page.timer);
  try {
    const told = await page.load();
    if (page !== current || asked !== page.asked) return;
    showLive(null);
    const text = JSON.stringify(told);
    if (text !== page.shown) {
      replace(page.region, page.show(told));
      page.shown = text;
    }
  } catch (failure) {
    if (page !== current || asked !== page.asked) return;
    showLive(failure.status ? null : new Error("no answer"));
    if (failure.status || page.shown === "") {
      replace(page.region, h("p", { class: "notice bad", role: "alert" }, failure.message));
      page.shown = "failed";
    }
  }
  if (page === current) page.timer = setTimeout(() => refresh(page), REFRESH_MS);
}

function open() {
  const [name, ...rest] = (location.hash.slice(2) || "services").split("/");
  const make = PAGES[name] || servicesPage;
  const context = { namespace: namespaceField.value || "public", refresh: () => refresh(page) };
  const page = { asked: 0, shown: "", region: h("section", { "aria-label": "Content" }), ...make(rest.map(decodeURIComponent), context) };
  current = page;
  document.title = page.title + " – Troupe";
  for (const a of document.querySelectorAll("nav a")) {
    const here = a.getAttribute("href") === "#/" + (SECTION[name] || name);
    if (here) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  main.replaceChildren(...page.frame(), page.region);
  refresh(page);
}

function signIn() {
  const field = (label, name, type) => h("p", {}, h("label", {}, label + " ", h("input", { name, type, required: true, autocomplete: name })));
  return ask({
    title: "Sign in", action: "Sign in", body: [field("User", "username", "text"), field("Password", "password", "password")],
    act: (form) => api.login(form.get("username"), form.get("password")),
  });
}

/** One dialog, however many requests were refused meanwhile. */
let signingIn = null;
onRefused(() => {
  signingIn ??= signIn().then((done) => {
    signingIn = null;
    return Boolean(done);
  });
  return signingIn;
});

async function loadNamespaces() {
  let known = [{ id: "public", name: "public" }];
  try {
    known = await api.namespaces();
  } catch {
    // The page itself says what is wrong.
  }
  const chosen = localStorage.getItem("troupe.namespace") || "public";
  namespaceField.replaceChildren(...known.map((n) => h("option", { value: n.id, selected: n.id === chosen }, n.name)));
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

document.getElementById("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  localStorage.setItem("troupe.theme", dark ? "light" : "dark");
  setTheme(dark ? "light" : "dark");
});
namespaceField.addEventListener("change", () => {
  localStorage.setItem("troupe.namespace", namespaceField.value);
  if (/^#\/(service|config)\//.test(location.hash)) location.hash = "#/services";
  else open();
});
window.addEventListener("hashchange", () => {
  open();
  main.focus({ preventScroll: true });
});
// A page that nobody looks at asks nothing.
document.addEventListener("visibilitychange", () => {
  if (!current) return;
  if (document.hidden) clearTimeout(current.timer);
  else refresh(current);
});

setTheme(localStorage.getItem("troupe.theme"));
await loadNamespaces();
open();
