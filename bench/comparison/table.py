"""table: a comparison as people read it."""

HEAD = ("clients", "target", "ops/s", "p50 ms", "p99 ms", "node CPU us/op", "written B/op",
        "errors", "ratio to etcd")


def of(report):
    machine, versions, conditions = report["machine"], report["versions"], report["conditions"]
    lines = [
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, "
        f"Linux {machine['kernel']}, {machine['disk']} ({machine['file_system']}), "
        f"fdatasync {machine['sync_ms']} ms, load average {machine['load_average']:.1f}",
        f"{versions['etcd']}; Troupe {versions['troupe']} ({versions['preset']}); "
        f"{versions['go']}",
        f"{conditions['value_bytes']}-byte values, {conditions['keys']} keys, reads "
        f"{conditions['reads']:.0%}, {'all nodes' if conditions['spread'] else 'leader only'}; "
        f"medians of {conditions['rounds']} rounds of {conditions['seconds']:g} s",
        "",
    ]
    rows = [HEAD] + [cells(row) for row in report["medians"]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    for row in rows:
        lines.append("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
    return "\n".join(lines)


def cells(row):
    return (str(row["clients"]), row["target"], f"{row['per_second']:.0f}", f"{row['p50_ms']:.2f}",
            f"{row['p99_ms']:.2f}", f"{row['cpu_us_per_operation']:.0f}",
            f"{row['bytes_written_per_operation']:.0f}", str(row["errors"]),
            "" if row["ratio"] is None else f"{row['ratio']:.2f}")
