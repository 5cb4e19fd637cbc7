// Services of a namespace, and the instances of one service.
import { api } from "./api.js";
import { ago, ask, card, date, h, pager, table, tag } from "./page.js";

const PAGE_SIZE = 50;
const address = (host) => (host.ip.includes(":") ? `[${host.ip}]` : host.ip) + ":" + host.port;
const link = (s) => "#/service/" + [s.namespace, s.group, s.name].map(encodeURIComponent).join("/");

function healthOf(s) {
  if (s.hosts === 0) return tag("plain", "no instances");
  const sick = s.hosts - s.healthy;
  if (sick === 0) return tag("good", "healthy");
  return tag("bad", sick === s.hosts ? "all unhealthy" : `${sick} unhealthy`);
}

export function servicesPage(_, { namespace, refresh }) {
  const query = { namespace, name: "", group: "", unhealthy: false, page: 1, size: PAGE_SIZE };
  const change = (key, value) => {
    Object.assign(query, { page: 1, [key]: value });
    refresh();
  };
  const field = (label, key) => h("label", {}, label,
    h("input", { type: "search", oninput: (event) => change(key, event.target.value.trim()) }));
  return {
    title: "Services",
    frame: () => [
      h("h1", {}, "Services"),
      h("div", { class: "bar" }, field("Name contains", "name"), field("Group contains", "group"),
        h("label", {}, h("input", { type: "checkbox", onchange: (e) => change("unhealthy", e.target.checked) }),
          " only with unhealthy instances")),
    ],
    load: () => api.services(query),
    show: (told) => [
      h("div", { class: "cards" }, card("services", told.total), card("instances", told.instances),
        card("unhealthy instances", told.unhealthy, told.unhealthy > 0)),
      table("Services", ["Service", "Group", "Health", "#Instances", "#Healthy", "Kind"], told.services.map((s) => ({
        class: s.healthy < s.hosts && "bad",
        cells: [
          h("a", { href: link({ ...s, namespace }), "data-focus": s.group + "@@" + s.name }, s.name), s.group,
          healthOf(s), String(s.hosts), String(s.healthy), s.ephemeral ? "ephemeral" : "persistent",
        ],
      })), "No services here. Register an instance with ephemeral=false, and it shows."),
      pager(query.page, PAGE_SIZE, told.matching, (to) => {
        query.page = to;
        refresh();
      }),
    ],
  };
}

function stateOf(host) {
  const parts = [host.healthy ? tag("good", "healthy") : tag("bad", "unhealthy")];
  if (!host.enabled) parts.push(" ", tag("warn", "disabled"));
  return parts;
}

function whyOf(host) {
  if (!host.health_since_ms) return h("span", { class: "dim" }, "as registered");
  const since = h("div", { class: "dim", title: date(host.health_since_ms) },
    `since ${date(host.health_since_ms)} (${ago(host.health_since_ms)})`);
  return [host.health_reason && h("div", { class: host.healthy ? "dim" : "why" }, host.health_reason), since];
}

function weightDialog(s, host, refresh) {
  return ask({
    title: `Weight of ${address(host)}`, action: "Set weight",
    body: h("label", {}, "Weight, 0 to 10000 ",
      h("input", { name: "weight", type: "number", min: 0, max: 10000, step: "any", value: host.weight, required: true })),
    act: (form) => api.adjust(s, host, { weight: form.get("weight") }),
  }).then(refresh);
}

function actionsOf(s, host, refresh) {
  const key = `${address(host)} ${host.cluster} `;
  const button = (text, onclick, quiet = "quiet") =>
    h("button", { type: "button", class: quiet, "data-focus": key + text, onclick }, text);
  const switchTo = host.enabled ? "Disable" : "Enable";
  return h("div", { class: "bar small", style: "margin:0" },
    button(switchTo, () => ask({
      title: `${switchTo} ${address(host)}?`, action: switchTo, danger: host.enabled,
      body: h("p", {}, host.enabled
        ? "Clients will not get this instance until it is enabled again. Health checks go on."
        : "Clients will get this instance again."),
      act: () => api.adjust(s, host, { enabled: !host.enabled }),
    }).then(refresh)),
    button("Weight", () => weightDialog(s, host, refresh)),
    button("Deregister", () => ask({
      title: `Deregister ${address(host)}?`, action: "Deregister", danger: true,
      body: h("p", {}, `It is removed from ${s.group}@@${s.name} on every node, and comes back only when it is registered again.`),
      act: () => api.deregister(s, host),
    }).then(refresh)));
}

function settingsOf(told) {
  const rows = [{ cells: ["Protection threshold", String(told.protect_threshold)] }];
  for (const c of told.clusters) {
    rows.push({ cells: [`Check of cluster ${c.name}`, c.checker + (c.use_instance_port ? " on the instance's port" : ` on port ${c.check_port}`)] });
  }
  for (const [key, value] of Object.entries(told.metadata)) rows.push({ cells: ["Metadata " + key, value] });
  return table("Settings", ["Setting", "Value"], rows, "None.");
}

export function servicePage([namespace, group, name], { refresh }) {
  const s = { namespace, group, name };
  return {
    title: name,
    frame: () => [
      h("p", { class: "crumbs" }, h("a", { href: "#/services" }, "Services"), " / " + group),
      h("h1", {}, name),
    ],
    load: () => api.service(s),
    show: (told) => {
      const sick = told.hosts.filter((host) => !host.healthy).length;
      return [
        h("div", { class: "cards" }, card("instances", told.hosts.length), card("unhealthy", sick, sick > 0),
          card("kind", told.ephemeral ? "ephemeral" : "persistent")),
        table("Instances", ["Instance", "Cluster", "State", "Why, since when", "#Weight", "Metadata", "Actions"],
          told.hosts.map((host) => ({
            class: !host.healthy ? "bad" : !host.enabled && "off",
            cells: [
              h("span", { class: "mono" }, address(host)), host.cluster, stateOf(host), whyOf(host), String(host.weight),
              Object.entries(host.metadata).map(([key, value]) => h("div", { class: "mono" }, `${key}=${value}`)),
              actionsOf(s, host, refresh),
            ],
          })), "No instances."),
        h("h2", {}, "Settings"), settingsOf(told),
      ];
    },
  };
}
