// Raft groups as the asked node sees them: leaders, terms, how far each member has got.
import { api } from "./api.js";
import { ask, card, h, table, tag } from "./page.js";

const ROLES = { leader: "good", follower: "plain", candidate: "warn", pre_candidate: "warn" };
const distance = (to, from) => String(Math.max(0, to - from));
const link = (name) => "#/group/" + encodeURIComponent(name);

function leaderOf(group) {
  if (!group.available) return tag("bad", "restarting");
  return group.leader ? `node ${group.leader.id}` : tag("bad", "no leader");
}

export function groupsPage() {
  return {
    title: "Groups",
    frame: () => [h("h1", {}, "Groups")],
    load: async () => {
      const [node, told] = await Promise.all([api.node(), api.groups()]);
      return { node, groups: told.groups };
    },
    show: ({ node, groups }) => {
      const lost = groups.filter((g) => !g.leader).length;
      return [
        lost > 0 && h("p", { class: "notice bad", role: "alert" },
          `${lost} of ${groups.length} groups have no leader: they can be read, not written.`),
        h("div", { class: "cards" }, card("groups", groups.length), card("without leader", lost, lost > 0),
          card("led by this node", groups.filter((g) => g.role === "leader").length), card("this node", node.id)),
        table("Groups", ["Group", "Leader", "#Term", "Role of this node", "#Committed", "#Applied", "#Not applied yet", "Members"],
          groups.map((g) => ({
            class: !g.leader && "bad",
            cells: [
              h("a", { href: link(g.name), "data-focus": g.name }, g.name), leaderOf(g), String(g.term),
              tag(ROLES[g.role] || "plain", g.role), String(g.commit), String(g.applied), distance(g.commit, g.applied),
              g.members.map((m) => m.id + (m.voter ? "" : " (learner)")).join(", "),
            ],
          })), "No groups."),
      ];
    },
  };
}

function transferButton(group, member, refresh) {
  const isLeader = group.leader && group.leader.id === member.id;
  if (isLeader || !member.voter) return "";
  return h("button", {
    type: "button", class: "quiet", "data-focus": "transfer " + member.id,
    onclick: () => ask({
      title: `Hand ${group.name} to node ${member.id}?`, action: "Hand over",
      body: h("p", {}, "Writes wait for a moment while leadership passes; none is lost."),
      act: () => api.transfer(group.name, member.id),
    }).then(refresh),
  }, "Make leader");
}

function memberRow(group, m, refresh) {
  const leads = group.leader && group.leader.id === m.id;
  const known = m.match !== null && group.role === "leader";
  return {
    class: known && m.active === false && !leads && "bad",
    cells: [
      `node ${m.id}`, h("span", { class: "mono" }, m.address), m.voter ? "voter" : "learner",
      leads ? tag("good", "leader") : known ? tag(m.active === false ? "bad" : "plain", m.active === false ? "silent" : m.state) : "",
      known ? String(m.match) : "", known ? distance(group.last, m.match) : "", transferButton(group, m, refresh),
    ],
  };
}

export function groupPage([name], { refresh }) {
  return {
    title: name,
    frame: () => [h("p", { class: "crumbs" }, h("a", { href: "#/groups" }, "Groups")), h("h1", {}, name)],
    load: async () => (await api.groups()).groups.find((g) => g.name === name) || null,
    show: (group) => (group === null ? h("p", { class: "notice" }, "This node has no such group.") : [
      !group.leader && h("p", { class: "notice bad", role: "alert" }, "The group has no leader: it can be read, not written."),
      h("div", { class: "cards" }, card("term", group.term), card("committed", group.commit), card("applied", group.applied),
        card("last in the log", group.last), card("requests waiting", group.pending)),
      table("Members", ["Member", "Address", "Kind", "State", "#Has up to", "#Behind", ""],
        group.members.map((m) => memberRow(group, m, refresh)), "No members."),
      group.role !== "leader" && group.leader &&
        h("p", { class: "dim" }, `How far each member has got is known to the leader: ask the console of node ${group.leader.id}.`),
    ]),
  };
}
