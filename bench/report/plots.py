"""plots: a run of all benchmarks as pictures, drawn by gnuplot."""

import statistics
import subprocess

SETTINGS = """set terminal svg size 720,380 dynamic font "sans-serif,13" background "#ffffff"
set output "{path}"
set title "{title}"
set xlabel "{x}"
set ylabel "{y}"
set grid ytics linecolor "#dddddd"
set border 3 linecolor "#666666"
set tics nomirror
set key below
set yrange [0:*]
{more}
"""
NAMES = {"etcd": "etcd", "native": "native client", "http": "HTTP"}
COLOURS = {"etcd": "#7a7a7a", "native": "#1f6fb2", "http": "#c8641b"}
COMPARED = ("writes", "reads", "mixed")


def draw(path, title, axes, series, more="", style="linespoints pointtype 7"):
    """`series`: (name, colour, points); a point is (x, y) or (x, y, least, most)."""
    blocks, plots = [], []
    for number, (name, colour, points) in enumerate(series):
        rows = "\n".join(" ".join(f"{part:.6g}" for part in point) for point in points)
        blocks.append(f"$s{number} << EOD\n{rows}\nEOD\n")
        look = f'linecolor "{colour}" linewidth 2'
        plots.append(f'$s{number} using 1:2 with {style} {look} title "{name}"')
        if len(points[0]) == 4:
            plots.append(f'$s{number} with yerrorbars pointtype 0 linecolor "{colour}" notitle')
    script = "".join(blocks) + SETTINGS.format(path=path, title=title, x=axes[0], y=axes[1],
                                               more=more) + "plot " + ", ".join(plots) + "\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def by_clients(report, target, value):
    """(clients, median, least, most) for each number of clients."""
    found = {}
    for run in report["runs"]:
        if run["target"] == target:
            found.setdefault(run["clients"], []).append(value(run))
    return [(clients, statistics.median(values), min(values), max(values))
            for clients, values in sorted(found.items())]


def compared(path, title, y, report, value):
    targets = [t for t in NAMES if any(run["target"] == t for run in report["runs"])]
    draw(path, title, ("clients", y),
         [(NAMES[t], COLOURS[t], by_clients(report, t, value)) for t in targets],
         more="set logscale x 2\nset xrange [0.8:*]")


def memory(path, report):
    series = [(NAMES[target], COLOURS[target],
               [(s["second"], max(s["resident_mib"])) for s in found["samples"]])
              for target, found in report["targets"].items()]
    draw(path, "Resident memory of the largest node, 256 writers", ("seconds", "MiB"), series,
         style="lines")


def gaps(path, report):
    kinds = (("killed", "leader killed", "#1f6fb2"), ("etcd_killed", "etcd's killed", "#7a7a7a"),
             ("cut_off", "leader cut off", "#c8641b"))
    series = [(name, colour, [(number, one["longest_gap_ms"] / 1e3) for number, one
                              in enumerate(report[kind]["rounds"], 1)])
              for kind, name, colour in kinds if report.get(kind, {}).get("rounds")]
    draw(path, "Longest time without a write", ("round", "seconds"), series,
         more="set xrange [0.5:*]\nset xtics 1", style="points pointtype 7 pointsize 0.8")


def all_of(results, directory):
    """Draws what there is; (name of the file, what it shows) of each."""
    directory.mkdir(parents=True, exist_ok=True)
    reports = {name: result["report"] for name, result in results.items() if "report" in result}
    drawn = []

    def add(name, shows, plot, *what):
        plot(directory / f"bench-{name}.svg", *what)
        drawn.append((f"bench-{name}.svg", shows))

    for name in COMPARED:
        if name in reports:
            add(name, f"{name}: operations a second by clients", compared,
                f"{name.capitalize()}: throughput", "operations a second", reports[name],
                lambda run: run["per_second"])
            add(f"{name}-p99", f"{name}: p99 by clients", compared, f"{name.capitalize()}: p99",
                "ms", reports[name], lambda run: run["latency_ms"]["p99"])
    if "memory" in reports:
        add("memory", "resident memory over time", memory, reports["memory"])
    if "failover" in reports:
        add("failover", "longest time without a write in each round", gaps, reports["failover"])
    return drawn
