// What the console asks the node that served it. Failures are Errors with the server's own words.

const TOKEN = "troupe.token";
let signIn = async () => false;

/** Called when a request is refused for lack of a login; says whether there is one now. */
export function onRefused(callback) {
  signIn = callback;
}

async function request(method, path, parameters, options = {}) {
  const headers = { ...options.headers };
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.accessToken = token;
  const text = new URLSearchParams(parameters || {}).toString();
  const form = method === "POST" && !options.json;
  if (options.json) headers["Content-Type"] = "application/json";
  if (form) headers["Content-Type"] = "application/x-www-form-urlencoded;charset=UTF-8";
  const answer = await fetch(form || !text ? path : path + "?" + text, {
    method, headers, body: options.json ? JSON.stringify(options.json) : form ? text : undefined,
  });
  if ((answer.status === 401 || answer.status === 403) && !options.once && (await signIn())) {
    return request(method, path, parameters, { ...options, once: true });
  }
  return answer;
}

async function failureOf(answer) {
  const text = await answer.text();
  let words = text;
  try {
    const told = JSON.parse(text);
    words = told.message && told.message !== "Forbidden" ? told.message : told.data || told.message;
  } catch {
    // Plain words already.
  }
  const error = new Error(words || `the server answered ${answer.status}`);
  error.status = answer.status;
  return error;
}

async function text(method, path, parameters, options) {
  const answer = await request(method, path, parameters, options);
  if (!answer.ok) throw await failureOf(answer);
  return answer.text();
}

async function json(method, path, parameters, options) {
  const body = await text(method, path, parameters, options);
  return body === "" ? null : JSON.parse(body);
}

const CONFIGS = "/nacos/v1/cs/configs";
const HISTORY = "/nacos/v1/cs/history";
const INSTANCE = "/nacos/v1/ns/instance";
/** Configurations know the default namespace as the empty tenant. */
const tenant = (namespace) => (namespace === "public" ? "" : namespace);
const whole = (c) => ({ dataId: c.dataId, group: c.group, tenant: tenant(c.namespace) });
const instance = (s, host) => ({
  namespaceId: s.namespace, groupName: s.group, serviceName: s.name, ip: host.ip, port: host.port,
  clusterName: host.cluster, ephemeral: host.ephemeral,
});

export const api = {
  async login(username, password) {
    const told = await json("POST", "/nacos/v1/auth/login", { username, password }, { once: true });
    sessionStorage.setItem(TOKEN, told.accessToken);
  },
  node: () => json("GET", "/admin/v1/node"),
  async namespaces() {
    const told = await json("GET", "/nacos/v1/console/namespaces");
    return told.data.map((n) => ({ id: n.namespace || "public", name: n.namespaceShowName || n.namespace }));
  },

  services: (query) => json("GET", "/admin/v1/naming/services", query),
  service: (s) => json("GET", "/admin/v1/naming/service", { namespace: s.namespace, group: s.group, name: s.name }),
  /** Weight and enabled, laid over what was registered. */
  adjust: (s, host, changed) => text("PATCH", INSTANCE, { ...instance(s, host), ...changed }),
  deregister: (s, host) => text("DELETE", INSTANCE, instance(s, host)),

  configs: (query) => json("GET", CONFIGS, {
    search: "blur", dataId: query.dataId ? `*${query.dataId}*` : "", group: query.group ? `*${query.group}*` : "",
    tenant: tenant(query.namespace), pageNo: query.page, pageSize: query.size,
  }),
  config: (c) => json("GET", CONFIGS, { show: "all", ...whole(c) }),
  /** Refused when the content is no longer the one with `md5`; empty: whatever is there. */
  publish: (c, content, type, md5) => text("POST", CONFIGS, { ...whole(c), content, type },
    md5 ? { headers: { casMd5: md5 } } : {}),
  removeConfig: (c) => text("DELETE", CONFIGS, whole(c)),
  history: (c, page, size) => json("GET", HISTORY, { search: "accurate", ...whole(c), pageNo: page, pageSize: size }),
  version: (c, nid) => json("GET", HISTORY, { nid, ...whole(c) }),

  groups: () => json("GET", "/admin/v1/groups"),
  transfer: (group, to) => json("POST", `/admin/v1/groups/${encodeURIComponent(group)}/transfer`, null,
    { json: { to: String(to) } }),
};
