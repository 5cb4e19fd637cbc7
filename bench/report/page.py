"""page: docs/benchmarks.md from a run of all benchmarks."""

import statistics

from . import targets

MET = {True: "yes", False: "**no**", None: ""}
OPENING = """# Benchmarks

What `bench/all` measured; it wrote this page. `bench/all --render` writes it again from
[benchmarks.json](benchmarks.json), which holds every round.

{conditions}

Nodes and load share this one machine: read the ratios, both sides of which were measured in
the same rounds. *Noise* is the least and the greatest of the rounds. Every write is durable on a
majority before it is answered.
"""
LOADS = {"writes": "writes", "pipelined": "writes, 64 under way for each caller",
         "pipelined_many_groups": "the same, over 100 groups",
         "many_keys": "64 under way, a million keys instead of 10,000",
         "many_keys_many_groups": "the same, over 100 groups", "reads": "linearizable reads",
         "local_reads": "reads of the node's own view",
         "rate": "writes at 2,000/s, latency from when they were due",
         "overload": "writes at four times the peak"}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def middle(values, form="{:,.0f}"):
    """Median, and the noise behind it when there are several; nothing of nothing."""
    if not values:
        return ""
    shown = form.format(statistics.median(values))
    if len(values) == 1:
        return shown
    return f"{shown} ({form.format(min(values))} .. {form.format(max(values))})"


def of_targets(results):
    met = [verdict.met for verdict in targets.verdicts(results)]
    head = f"## Targets\n\n{met.count(True)} of {len(met)} met.\n\n"
    return head + table(("what", "target", "measured", "noise", "met"),
                        [(v.claim, v.wanted, v.measured, v.noise, MET[v.met])
                         for v in targets.verdicts(results)])


def of_comparison(title, report):
    rows = []
    keys = dict.fromkeys((run["clients"], run["target"]) for run in report["runs"])
    for clients, target in sorted(keys, key=lambda key: key[0]):
        runs = [r for r in report["runs"] if (r["clients"], r["target"]) == (clients, target)]
        cpu = statistics.median(run["cpu_us_per_operation"] for run in runs)
        rows.append((clients, target, middle([run["per_second"] for run in runs]),
                     middle([run["latency_ms"]["p50"] for run in runs], "{:.2f}"),
                     middle([run["latency_ms"]["p99"] for run in runs], "{:.2f}"), f"{cpu:.0f}",
                     middle(targets.beside_etcd(clients, target, targets.rate)(report), "{:.2f}"),
                     sum(sum(run["errors"].values()) for run in runs)))
    return f"## {title}\n\n" + table(
        ("clients", "target", "ops/s", "p50 ms", "p99 ms", "node CPU us/op", "beside etcd",
         "errors"), rows)


def of_inprocess(report):
    rows = []
    for load, runs in report["loads"].items():
        shown = [run.get("overload", run) for run in runs]
        rows.append((LOADS.get(load, load), middle([run["per_second"] for run in shown]),
                     middle([run["latency_ms"]["p50"] for run in shown], "{:.2f}"),
                     middle([run["latency_ms"]["p99"] for run in shown], "{:.2f}"),
                     middle([run["cpu_us_per_operation"] for run in shown], "{:.1f}"),
                     sum(sum(run["errors"].values()) for run in shown)))
    return "## Three nodes and 64 callers in one process\n\n" + table(
        ("load", "ops/s", "p50 ms", "p99 ms", "CPU us/op, all nodes", "errors"), rows)


def of_failover(report):
    names = {"killed": "leader killed by -9", "etcd_killed": "etcd's leader killed by -9",
             "cut_off": "leader cut off by the network"}
    rows = []
    for kind, name in names.items():
        found = report.get(kind)
        if found and "rounds" in found:
            rows.append((name, middle(targets.gaps(kind)(report), "{:.2f}"), len(found["rounds"])))
        elif found:
            rows.append((name, f"not measured: {found['skipped']}", 0))
    return "## Failover\n\n" + table(("what", "longest time without a write, s", "rounds"), rows)


def of_groups(report):
    idle = report["idle"]
    rows = [(f"{idle['groups']:,} idle groups: CPU of the busiest node, of one core",
             f"{max(node['cpu_percent'] for node in idle['nodes'].values()):.2f} %"),
            ("memory of a group on the worst node", f"{report['kib_a_group']:.1f} KiB")]
    for kind in ("idle", "start"):
        if report.get(kind):
            rows.append((f"{report[kind]['groups']:,} groups: until all are ready",
                         f"{report[kind]['start_seconds']:.1f} s"))
    return "## Many groups\n\n" + table(("what", "measured"), rows)


def of_group_failover(report):
    rows = [(one["led"], f"{one['p50_ms'] / 1e3:.2f}", f"{one['p99_ms'] / 1e3:.2f}",
             f"{one['max_ms'] / 1e3:.2f}", one["elections"]) for one in report["rounds"]]
    return (f"## {report['conditions']['groups']:,} groups, one node killed\n\n"
            + table(("groups that it led", "half take writes after, s", "99 %", "all",
                     "elections"), rows))


def of_restart(report):
    rows = [(what, middle(report[key]["seconds"], "{:.2f}")) for key, what in
            (("applied", "all applied"), ("not_applied", "none applied"))]
    return (f"## Restart\n\nA log of {report['entries']:,} entries.\n\n"
            + table(("state", "ready after, s"), rows))


def of_memory(report):
    rows = [(target, f"{one['resident_mib']:.0f}", f"{one['resident_mib_peak']:.0f}",
             f"{one['growth']:.2f}", f"{one['written_per_payload_byte']:.2f}",
             f"{one['per_second']:,.0f}") for target, one in report["targets"].items()]
    return (f"## Memory and disk, {report['conditions']['seconds']:g} s of 256 writers\n\n"
            + table(("target", "MiB at the end", "peak", "growth after the first third",
                     "written per byte of keys and values", "writes/s"), rows))


def sections():
    def compared(title):
        return lambda report: of_comparison(title, report)

    return {"writes": compared("Writes"), "reads": compared("Linearizable reads"),
            "mixed": compared("Nine reads to one write"), "inprocess": of_inprocess,
            "failover": of_failover, "idle_groups": of_groups,
            "group_failover": of_group_failover, "restart": of_restart,
            "memory": of_memory}


def conditions(run):
    report = next((r["report"] for r in run["results"].values() if "report" in r), None)
    if report is None:
        return f"{run['date']}: nothing could be measured."
    machine, versions = report["machine"], run["versions"]
    quick = " A quick run: few rounds, short ones." if run["quick"] else ""
    etcd = versions["etcd"].replace("etcd Version:", "etcd").strip()
    return (f"{run['date']}, commit {versions['troupe']} ({versions['preset']} preset), beside "
            f"{etcd}. {machine['cores']} cores ({machine['processor']}), "
            f"{machine['memory_gib']} GiB, Linux {machine['kernel']}, {machine['file_system']}, "
            f"fdatasync {run['sync_ms']} ms, load average {run['load_average']:.1f} before.{quick}")


def kept_from(result, run):
    """What --only left alone may be of another build."""
    measured = result.get("report", {}).get("versions", {}).get("troupe", run["versions"]["troupe"])
    return "" if measured == run["versions"]["troupe"] else f", at commit {measured}"


def of(run, plots):
    parts = [OPENING.format(conditions=conditions(run)), of_targets(run["results"])]
    known = sections()
    for name, result in run["results"].items():
        if "error" in result:
            parts.append(f"## {name}\n\nFailed: {result['error']}")
        elif name in known:
            parts.append(known[name](result["report"]))
        parts += [f"![{shows}](images/{file})" for file, shows in plots
                  if file.removeprefix("bench-").removesuffix(".svg").split("-")[0] == name]
        parts.append(f"`{result['command']}`{kept_from(result, run)}")
    return "\n\n".join(part.strip() for part in parts) + "\n"
