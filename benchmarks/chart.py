#!/usr/bin/env python3
"""Draws the results of Transports: chart.py RESULTS.csv OUT.svg. Bars of medians, on a logarithmic axis, one panel for each
kind of message; whiskers from the slowest to the fastest round."""
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


def main():
    values = read(sys.argv[1])
    out, bottoms = [], [0, 0]
    for i, (suffix, title) in enumerate(PANELS):
        column = i % 2
        drawn, bottom = panel(values, suffix, title, 10 + column * (WIDTH + 20), bottoms[column] + 14)
        bottoms[column] = bottom
        out += drawn
        if column:
            bottoms = [max(bottoms)] * 2
    width, height = 2 * WIDTH + 40, max(bottoms) + 16
    style = (
        "text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.label{text-anchor:end}"
        ".spread{stroke:#222;stroke-width:1}"
        "@media(prefers-color-scheme:dark){rect.ground{fill:#16191d}text{fill:#ddd}.spread{stroke:#ddd}}"
    )
    with open(sys.argv[2], "w", encoding="utf-8") as svg:
        svg.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" ')
        svg.write(f'viewBox="0 0 {width} {height}"><style>{style}</style>')
        svg.write('<rect class="ground" width="100%" height="100%" fill="#fff"/>\n' + "\n".join(out) + "\n</svg>\n")


if __name__ == "__main__":
    main()
