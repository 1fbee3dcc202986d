#!/usr/bin/env python3
"""Draws results: chart.py RESULTS.csv OUT.svg. Medians on logarithmic axes; whiskers from the slowest to the fastest round.
Of Transports bars, one panel for each kind of message; of Scale, whose names end in @ and a number, lines over that number."""
import collections
import html
import math
import statistics
import sys

COLOURS = {"procession": "#2f7ed8", "": "#9aa4ad"}
LABELS = {
    "procession-queue": "Procession queue",
    "procession-pipe": "Procession pipe",
    "procession-ring": "(its cells alone)",
    "procession-records": "(a pool's channel)",
    "agrona-one-to-one": "Agrona 1-1",
    "agrona-many-to-one": "Agrona n-1",
    "aeron-ipc": "Aeron IPC",
    "chronicle-queue": "Chronicle Queue",
    "unix-socket": "Unix socket",
    "cpython-queue": "CPython Queue",
    "cpython-pipe": "CPython Pipe",
}
PANELS = [
    ("-32", "32 bytes, messages a second"),
    ("-32-2p", "32 bytes, two producers"),
    ("-1024", "1 KiB"),
    ("-65536", "64 KiB"),
    ("-1048576", "1 MiB"),
    ("-trip", "32 bytes there and back, ns (shorter is better)"),
]
WIDTH, LABEL, VALUE, ROW, HEAD = 440, 130, 70, 18, 34

# figure, title, what grows, what one of the vertical axis is in seconds, whether the numbers of the horizontal one are bytes
GROWING = [
    ("open", "Time to open a pool", "workers", 1e-3, False),
    ("tasks", "Small tasks one by one, in a second", "workers", None, False),
    ("items", "Integers mapped, in a second", "items", None, False),
    ("consumers", "Integers from one producer through a queue, in a second", "consumers", None, False),
    ("queue-size", "Time for an item through a queue", "size of the item", 1e-6, True),
    ("result-size", "Time for a result of a task", "size of the result", 1e-6, True),
]
LINES = {"procession": ("Procession", "#2f7ed8"), "cpython": ("CPython", "#9aa4ad")}
PLOT_HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 170, 62, 30, 30, 44
LEGEND = 26


def read(file):
    values = collections.defaultdict(list)
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#") and line.count(",") == 3:
                name, _, value, _ = line.split(",")
                values[name].append(float(value))
    return values


def short(value):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"


def panel(values, suffix, title, left, top):
    rows = [(label, values[name + suffix]) for name, label in LABELS.items() if name + suffix in values]
    out = [f'<text x="{left}" y="{top + 16}" class="title">{html.escape(title)}</text>']
    if not rows:
        return out, top
    low = 10 ** math.floor(math.log10(min(min(v) for _, v in rows)) - 0.3)
    high = max(max(v) for _, v in rows)
    room = WIDTH - LABEL - VALUE

    def x(value):
        return left + LABEL + room * math.log(value / low) / math.log(high / low)

    for i, (label, rounds) in enumerate(rows):
        y = top + HEAD + i * ROW
        median = statistics.median(rounds)
        colour = COLOURS["procession" if label.startswith(("Procession", "(")) else ""]
        out.append(f'<text x="{left + LABEL - 6}" y="{y + 10}" class="label">{html.escape(label)}</text>')
        out.append(
            f'<rect x="{left + LABEL}" y="{y}" width="{x(median) - left - LABEL:.1f}" height="13" fill="{colour}"/>'
        )
        out.append(
            f'<line x1="{x(min(rounds)):.1f}" x2="{x(max(rounds)):.1f}" y1="{y + 6.5}" y2="{y + 6.5}" class="spread"/>'
        )
        out.append(f'<text x="{x(max(rounds)) + 6:.1f}" y="{y + 11}" class="value">{short(median)}</text>')
    return out, top + HEAD + len(rows) * ROW


def time_short(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size * 0.999:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def bytes_short(value):
    for unit, size in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g} B"


def powers(low, high, base):
    """The powers of the base around two numbers."""
    first = math.floor(math.log(low, base) + 1e-9)
    last = max(first + 1, math.ceil(math.log(high, base) - 1e-9))
    return [base**power for power in range(first, last + 1)]


def thin(ticks, most):
    """Every so many of them."""
    return ticks[:: math.ceil(len(ticks) / most)]


def growth(values, figure, title, what, second, of_bytes, left, top):
    lines = {}
    for name, rounds in values.items():
        start, _, size = name.partition("@")
        for who in LINES:
            if start == f"{who}-{figure}":
                lines.setdefault(who, []).append((int(size), rounds))
    if not lines:
        return []
    out = [f'<text x="{left}" y="{top + 14}" class="title">{html.escape(title)}</text>']
    sizes = sorted({size for points in lines.values() for size, _ in points})
    every = [value for points in lines.values() for _, rounds in points for value in rounds]
    ticks = powers(min(every), max(every), 10)
    x0, x1, y0, y1 = left + LEFT, left + WIDTH - RIGHT, top + TOP + PLOT_HEIGHT, top + TOP

    def place(value, low, high, start, end):
        return start + (end - start) * math.log(value / low) / math.log(high / low)

    def x(size):
        return place(size, sizes[0], max(sizes[-1], sizes[0] * 2), x0, x1)

    def y(value):
        return place(value, ticks[0], ticks[-1], y0, y1)

    for tick in thin(ticks, 6):
        out.append(f'<line x1="{x0}" x2="{x1}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="grid"/>')
        label = short(tick) if second is None else time_short(tick * second)
        out.append(f'<text x="{x0 - 6}" y="{y(tick) + 4:.1f}" class="label">{label}</text>')
    for size in thin(sizes, 7):
        label = bytes_short(size) if of_bytes else short(size)
        out.append(f'<line x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{y0}" y2="{y0 + 4}" class="grid"/>')
        out.append(f'<text x="{x(size):.1f}" y="{y0 + 17}" class="middle">{label}</text>')
    out.append(f'<text x="{(x0 + x1) / 2:.1f}" y="{y0 + 34}" class="middle">{what}</text>')
    for who, points in sorted(lines.items()):
        colour = LINES[who][1]
        points.sort()
        path = " ".join(f"{x(size):.1f},{y(statistics.median(rounds)):.1f}" for size, rounds in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for size, rounds in points:
            at = f"{x(size):.1f}"
            out.append(
                f'<line x1="{at}" x2="{at}" y1="{y(min(rounds)):.1f}" y2="{y(max(rounds)):.1f}" class="spread"/>'
            )
            out.append(f'<circle cx="{at}" cy="{y(statistics.median(rounds)):.1f}" r="3" fill="{colour}"/>')
    return out


def growths(values):
    out = []
    for i, (label, colour) in enumerate(LINES.values()):
        out.append(f'<rect x="{10 + i * 120}" y="12" width="18" height="4" fill="{colour}"/>')
        out.append(f'<text x="{34 + i * 120}" y="18">{label}</text>')
    step = TOP + PLOT_HEIGHT + BOTTOM + 14
    for i, (figure, *rest) in enumerate(GROWING):
        out += growth(values, figure, *rest, 10 + i % 2 * (WIDTH + 20), LEGEND + 6 + i // 2 * step)
    return out, LEGEND + 6 + (len(GROWING) + 1) // 2 * step


def bars(values):
    out, bottoms = [], [0, 0]
    for i, (suffix, title) in enumerate(PANELS):
        column = i % 2
        drawn, bottom = panel(values, suffix, title, 10 + column * (WIDTH + 20), bottoms[column] + 14)
        bottoms[column] = bottom
        out += drawn
        if column:
            bottoms = [max(bottoms)] * 2
    return out, max(bottoms) + 16


def main():
    values = read(sys.argv[1])
    out, height = growths(values) if any("@" in name for name in values) else bars(values)
    width = 2 * WIDTH + 40
    style = (
        "text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.label{text-anchor:end}"
        ".middle{text-anchor:middle}.grid{stroke:#8884;stroke-width:1}.spread{stroke:#222;stroke-width:1}"
        "@media(prefers-color-scheme:dark){rect.ground{fill:#16191d}text{fill:#ddd}.spread{stroke:#ddd}}"
    )
    with open(sys.argv[2], "w", encoding="utf-8") as svg:
        svg.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" ')
        svg.write(f'viewBox="0 0 {width} {height}"><style>{style}</style>')
        svg.write('<rect class="ground" width="100%" height="100%" fill="#fff"/>\n' + "\n".join(out) + "\n</svg>\n")


if __name__ == "__main__":
    main()
