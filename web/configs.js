// Configurations of a namespace; one configuration with its history.
import { api } from "./api.js";
import { showDiff } from "./diff.js";
import { ask, date, h, pager, table, tag } from "./page.js";

const PAGE_SIZE = 50;
const HISTORY_SIZE = 20;
const TYPES = ["text", "json", "xml", "yaml", "html", "properties", "toml"];
const OPERATIONS = { I: ["good", "created"], U: ["plain", "changed"], D: ["bad", "removed"] };
const link = (c) => "#/config/" + [c.namespace, c.group, c.dataId].map(encodeURIComponent).join("/");

const typeField = (type) => h("label", {}, "Type ",
  h("select", { name: "type" }, TYPES.map((t) => h("option", { selected: t === type }, t))));

function createDialog(namespace) {
  const field = (label, name, value) =>
    h("label", {}, label, h("input", { name, value, required: true, pattern: "[\\w\\-.:]+" }));
  return ask({
    title: "New configuration", action: "Publish",
    body: [
      h("div", { class: "bar" }, field("Data id", "dataId", ""), field("Group", "group", "DEFAULT_GROUP"), typeField("text")),
      h("label", {}, "Content", h("textarea", { name: "content", required: true, spellcheck: "false" })),
    ],
    act: async (form) => {
      const c = { namespace, dataId: form.get("dataId"), group: form.get("group") };
      if (await api.config(c)) throw new Error("There is one of that name: open it to change it.");
      await api.publish(c, form.get("content"), form.get("type"), "");
      location.hash = link(c);
    },
  });
}

export function configsPage(_, { namespace, refresh }) {
  const query = { namespace, dataId: "", group: "", page: 1, size: PAGE_SIZE };
  const field = (label, key) => h("label", {}, label, h("input", {
    type: "search",
    oninput: (event) => {
      Object.assign(query, { page: 1, [key]: event.target.value.trim() });
      refresh();
    },
  }));
  return {
    title: "Configurations",
    frame: () => [
      h("h1", {}, "Configurations"),
      h("div", { class: "bar" }, field("Data id contains", "dataId"), field("Group contains", "group"),
        h("button", { type: "button", onclick: () => createDialog(namespace) }, "New configuration")),
    ],
    load: () => api.configs(query),
    show: (told) => [
      table("Configurations", ["Data id", "Group", "Type"], told.pageItems.map((c) => ({
        cells: [h("a", { href: link({ ...c, namespace }), "data-focus": c.group + " " + c.dataId }, c.dataId), c.group, c.type || "text"],
      })), "No configurations here."),
      pager(query.page, PAGE_SIZE, told.totalCount, (to) => {
        query.page = to;
        refresh();
      }),
    ],
  };
}

/** First the text, then what would change, then the write: refused when somebody was faster. */
async function editDialog(c, now, refresh) {
  const edited = await ask({
    title: `Edit ${c.dataId}`, action: "Compare",
    body: [typeField(now.type), h("textarea", {
      name: "content", "aria-label": "Content", spellcheck: "false", required: true, cols: 90, value: now.content,
    })],
    act: (form) => ({ content: form.get("content").replaceAll("\r\n", "\n"), type: form.get("type") }),
  });
  if (!edited) return;
  await ask({
    title: `Publish ${c.dataId}?`, action: "Publish", body: showDiff(now.content, edited.content),
    act: () => api.publish(c, edited.content, edited.type, now.md5),
  });
  refresh();
}

async function versionDialog(c, row, now, refresh) {
  const old = await api.version(c, row.id);
  const published = await ask({
    title: `Version ${row.id} of ${c.dataId}`, action: now ? "Publish this version again" : "Publish this version",
    body: [
      h("p", { class: "dim" }, `From then to now; ${date(Date.parse(old.lastModifiedTime))}`),
      showDiff(old.content || "", now ? now.content : ""),
    ],
    act: () => api.publish(c, old.content, now ? now.type : "text", now ? now.md5 : ""),
  });
  if (published) refresh();
}

function historyRow(c, row, now, refresh) {
  const [kind, word] = OPERATIONS[row.opType.trim()] || ["plain", row.opType];
  return {
    cells: [row.id, tag(kind, word), date(Date.parse(row.lastModifiedTime)), row.srcUser || "", row.srcIp || "",
      h("button", {
        type: "button", class: "quiet", "data-focus": "version " + row.id,
        onclick: () => versionDialog(c, row, now, refresh),
      }, "Compare")],
  };
}

export function configPage([namespace, group, dataId], { refresh }) {
  const c = { namespace, group, dataId };
  let page = 1;
  return {
    title: dataId,
    frame: () => [
      h("p", { class: "crumbs" }, h("a", { href: "#/configs" }, "Configurations"), " / " + group),
      h("h1", {}, dataId),
    ],
    load: async () => {
      const [now, history] = await Promise.all([api.config(c), api.history(c, page, HISTORY_SIZE)]);
      return { now, history };
    },
    show: ({ now, history }) => [
      now ? [
        h("p", { class: "bar small" },
          h("button", { type: "button", "data-focus": "edit", onclick: () => editDialog(c, now, refresh) }, "Edit"),
          h("button", {
            type: "button", class: "quiet", "data-focus": "remove",
            onclick: () => ask({
              title: `Remove ${dataId}?`, action: "Remove", danger: true,
              body: h("p", {}, "Clients that listen hear that it is gone. Its history stays."),
              act: () => api.removeConfig(c),
            }).then(refresh),
          }, "Remove"),
          h("span", { class: "dim" }, `type ${now.type || "text"}, md5 ${now.md5}, changed ${date(now.modifyTime)}`)),
        h("pre", { class: "content", tabindex: "0", "aria-label": "Content" }, now.content),
      ] : h("p", { class: "notice" }, "There is no such configuration now."),
      h("h2", {}, "History"),
      table("History", ["Version", "What", "When", "By", "From", ""],
        history.pageItems.map((row) => historyRow(c, row, now, refresh)), "Nothing yet."),
      pager(page, HISTORY_SIZE, history.totalCount, (to) => {
        page = to;
        refresh();
      }),
    ],
  };
}
