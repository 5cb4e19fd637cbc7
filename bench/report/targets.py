"""targets: what Troupe is meant to do, and what a run of all benchmarks says about it."""

import collections
import statistics

Target = collections.namedtuple("Target", "claim wanted source values form is_met is_full_size",
                                defaults=[lambda report: True])
Verdict = collections.namedtuple("Verdict", "claim wanted measured noise met")

BUSY = 256  # clients of a busy cluster


def at_least(bound):
    return lambda values: statistics.median(values) >= bound


def at_most(bound, worst=None):
    return lambda values: (statistics.median(values) <= bound
                           and (worst is None or max(values) <= worst))


def none_over(bound):
    return lambda values: max(values) <= bound


def rate(run):
    return run["per_second"]


def p50(run):
    return run["latency_ms"]["p50"]


def p99(run):
    return run["latency_ms"]["p99"]


def beside_etcd(clients, target, value):
    """In each round: Troupe's value as a ratio of etcd's."""
    def values(report):
        def by_round(which):
            return {run["round"]: value(run) for run in report["runs"]
                    if run["clients"] == clients and run["target"] == which}

        ours, etcds = by_round(target), by_round("etcd")
        return [ours[number] / etcds[number] for number in ours if etcds.get(number)]
    return values


def in_process(load, value=rate):
    return lambda report: [value(run) for run in report["loads"][load]]


def many_groups_to_one(report):
    loads = report["loads"]
    return [rate(many) / rate(one) for many, one
            in zip(loads["pipelined_many_groups"], loads["pipelined"])]


def overload_to_peak(report):
    return [rate(run["overload"]) / rate(run["peak"]) for run in report["loads"]["overload"]]


def gaps(which):
    return lambda report: [one["longest_gap_ms"] / 1e3 for one in report[which]["rounds"]]


def of_nodes(run, figure):
    return lambda report: [node[figure] for node in report[run]["nodes"].values()]


def writable_after(share):
    return lambda report: [one[share] / 1e3 for one in report["rounds"]]


def elections_a_group(report):
    """Of the groups whose leader was killed; one is what it takes."""
    return [one["elections"] / one["led"] for one in report["rounds"]]


def memory_to_etcd(report):
    found = report["targets"]
    return [found["native"]["resident_mib"] / found["etcd"]["resident_mib"]]


def of_memory(figure):
    return lambda report: [report["targets"]["native"][figure]]


def restart_seconds(which):
    return lambda report: report[which]["seconds"]


def at(report, path):
    for step in path:
        report = report[step]
    return report


def one(*path):
    return lambda report: [at(report, path)]


def size(wanted, *path):
    """Whether the run was as large as the target says, not a quick one."""
    return lambda report: at(report, path) >= wanted


RATIO, COUNT, SECONDS, PERCENT, KIB = "{:.2f} x", "{:,.0f}/s", "{:.2f} s", "{:.2f} %", "{:.1f} KiB"

IDLE = size(1_000, "idle", "groups")
KILLED = size(1_000, "conditions", "groups")
START = size(10_000, "start", "groups")
LOG = size(1_000_000, "entries")
LONG = size(600, "conditions", "seconds")

TARGETS = [
    Target("256 writers, native client: throughput beside etcd", ">= 8 x", "writes",
           beside_etcd(BUSY, "native", rate), RATIO, at_least(8)),
    Target("256 writers, native client: p99 beside etcd", "<= 0.2 x", "writes",
           beside_etcd(BUSY, "native", p99), RATIO, at_most(0.2)),
    Target("256 writers, HTTP: throughput beside etcd", ">= 3 x", "writes",
           beside_etcd(BUSY, "http", rate), RATIO, at_least(3)),
    Target("1 writer, native client: p50 beside etcd", "<= 0.5 x", "writes",
           beside_etcd(1, "native", p50), RATIO, at_most(0.5)),
    Target("256 readers, native client, linearizable: throughput beside etcd", ">= 10 x", "reads",
           beside_etcd(BUSY, "native", rate), RATIO, at_least(10)),
    Target("64 writers in the process", ">= 40,000/s", "inprocess", in_process("writes"), COUNT,
           at_least(40_000)),
    Target("in the process, pipelined, one group", ">= 150,000/s", "inprocess",
           in_process("pipelined"), COUNT, at_least(150_000)),
    Target("the same over 100 groups, beside one group", ">= 0.9 x", "inprocess",
           many_groups_to_one, RATIO, at_least(0.9)),
    Target("asked for four times its peak, beside the peak", ">= 0.8 x", "inprocess",
           overload_to_peak, RATIO, at_least(0.8)),
    Target("leader killed by -9: longest time without a write", "median <= 0.2 s, none > 0.6 s",
           "failover", gaps("killed"), SECONDS, at_most(0.2, worst=0.6)),
    Target("leader cut off: longest time without a write", "<= 1.5 s (election timeout 1 s)",
           "failover", gaps("cut_off"), SECONDS, none_over(1.5)),
    Target("1,000 idle groups: CPU of a node, of one core", "<= 2 %", "idle_groups",
           of_nodes("idle", "cpu_percent"), PERCENT, none_over(2), IDLE),
    Target("1,000 idle groups: memory of a group on the worst node", "<= 40 KiB", "idle_groups",
           one("kib_a_group"), KIB, none_over(40), IDLE),
    Target("10,000 groups: until all are ready", "<= 20 s", "idle_groups",
           one("start", "start_seconds"), SECONDS, none_over(20), START),
    Target("1,000 groups, one node killed: until 99 % take writes", "<= 2 s", "group_failover",
           writable_after("p99_ms"), SECONDS, none_over(2), KILLED),
    Target("1,000 groups, one node killed: until all take writes", "<= 5 s", "group_failover",
           writable_after("max_ms"), SECONDS, none_over(5), KILLED),
    Target("1,000 groups, one node killed: elections for each that it led", "<= 2",
           "group_failover", elections_a_group, "{:.2f}", none_over(2), KILLED),
    Target("restart, all applied: until ready", "<= 1 s", "restart", restart_seconds("applied"),
           SECONDS, at_most(1), LOG),
    Target("restart, 1,000,000 entries not applied: until ready", "<= 5 s", "restart",
           restart_seconds("not_applied"), SECONDS, at_most(5), LOG),
    Target("256 writers: resident memory beside etcd", "<= 0.3 x", "memory", memory_to_etcd, RATIO,
           none_over(0.3), LONG),
    Target("256 writers: growth of memory after the first third", "<= 1.1 x", "memory",
           of_memory("growth"), RATIO, none_over(1.1), LONG),
    Target("256 writers: bytes on disk per byte of keys and values", "<= 4", "memory",
           of_memory("written_per_payload_byte"), "{:.2f}", none_over(4),
           LONG),
]


def judge(target, result):
    """`result`: what bench/all keeps of one benchmark, or None."""
    if result is None or "error" in result:
        found = "not measured" if result is None else "failed"
        return Verdict(target.claim, target.wanted, found, "", None)
    try:
        values = target.values(result["report"])
        is_full_size = target.is_full_size(result["report"])
    except (KeyError, IndexError, TypeError, ZeroDivisionError):
        values = []  # the benchmark was asked for less than all of it
    if not values:
        return Verdict(target.claim, target.wanted, "not measured", "", None)
    show = target.form.format
    noise = f"{show(min(values))} .. {show(max(values))}" if len(values) > 1 else ""
    measured = show(statistics.median(values)) + ("" if is_full_size else ", in a smaller run")
    return Verdict(target.claim, target.wanted, measured, noise,
                   target.is_met(values) if is_full_size else None)


def verdicts(results):
    return [judge(target, results.get(target.source)) for target in TARGETS]
