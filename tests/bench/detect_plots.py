"""The plots of a run, as SVG by hand: no library is needed, and the files are small."""
import html
import math
import os

INK, GREY, GRID = "#222", "#777", "#ddd"
COLOURS = ["#9ecae1", "#4292c6", "#2171b5", "#08306b", "#d94801", "#238b45"]
LINES = ["#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"]


def plain(value):
    """Without what JSON has no word for: null stands for not known, "never" for infinity."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        if math.isinf(value):
            return "never"
        return None if math.isnan(value) else round(value, 5)
    return value


class Plot:
    def __init__(self, width, height, title):
        self.width, self.height, self.parts = width, height, []
        self.left, self.top, self.right, self.bottom = 60, 40, width - 20, height - 50
        self.text(width / 2, 20, title, size=14, anchor="middle")

    def text(self, x, y, text, size=11, anchor="start", colour=INK, turn=0):
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
                          f'text-anchor="{anchor}" fill="{colour}"{turned}>'
                          f'{html.escape(text)}</text>')

    def line(self, x1, y1, x2, y2, colour=INK, width=1, dash=""):
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{colour}" stroke-width="{width}"{dashed}/>')

    def bar(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
                          f'height="{max(height, 0.5):.1f}" fill="{colour}"/>')

    def dot(self, x, y, colour, radius=4):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

    def path(self, points, colour):
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{steps}" fill="none" stroke="{colour}" '
                          'stroke-width="1.5"/>')

    def y(self, value, high=1.0):
        return self.bottom - (self.bottom - self.top) * min(value / high, 1)

    def scale(self, high, steps, label):
        for i in range(steps + 1):
            value = high * i / steps
            self.line(self.left, self.y(value, high), self.right, self.y(value, high), GRID)
            self.text(self.left - 6, self.y(value, high) + 4, f"{value:g}", anchor="end")
        self.text(16, (self.top + self.bottom) / 2, label, anchor="middle", turn=-90)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
                       f'height="{self.height}" font-family="sans-serif">\n'
                       f'<rect width="{self.width}" height="{self.height}" fill="white"/>\n'
                       + "\n".join(self.parts) + "\n</svg>\n")


def known(value):
    return value is not None and not math.isnan(value)


def groups(plot, names, series, labels):
    """Bars side by side: series[k][i] belongs to names[i]."""
    step = (plot.right - plot.left) / len(names)
    width = 0.8 * step / len(series)
    for i, name in enumerate(names):
        for k, values in enumerate(series):
            if known(values[i]):
                plot.bar(plot.left + step * i + 0.1 * step + width * k, plot.y(values[i]),
                         width - 1, plot.bottom - plot.y(values[i]), COLOURS[k])
        plot.text(plot.left + step * (i + 0.5), plot.bottom + 16, name, size=10,
                  anchor="end", turn=-20)
    for k, label in enumerate(labels):
        plot.bar(plot.left + 90 * k, plot.height - 14, 10, 10, COLOURS[k])
        plot.text(plot.left + 90 * k + 14, plot.height - 5, label)


def plot_recall(f, path):
    names = [b for b in f["recall"] if "naive" in f["recall"][b]]
    strengths = ["1.2", "2.0", "5.0", "20.0"]
    plot = Plot(960, 380, "Naive gamers found: review where it judges, else any alert")
    plot.bottom -= 30
    plot.scale(1, 5, "share found")
    track = {b: "review" if f["lanes"][b] == "structural" else "any" for b in names}
    groups(plot, names, [[f["recall"][b]["naive"][s][track[b]] for b in names]
                         for s in strengths], ["x1.2", "x2", "x5", "x20"])
    plot.save(path)


def plot_burnt(f, path):
    names = list(f["delays"])
    plot = Plot(960, 380, "Gamed tokens burnt before the first alert, the first review")
    plot.bottom -= 30
    plot.scale(1, 4, "share of tokens, strength 5 and more")
    groups(plot, names, [[f["delays"][b][t]["burnt"] for b in names]
                         for t in ("any", "review")], ["alert", "review"])
    plot.line(plot.left, plot.y(0.25), plot.right, plot.y(0.25), COLOURS[4], dash="4 3")
    plot.save(path)


def plot_fdr(f, path):
    rates = [r for r in ("0.5 %", "1 %", "4 %", "15 %") if r in f["discovery"]]
    plot = Plot(640, 340, "Realised false discovery rate, 95 % interval over companies")
    high = max([0.15] + [f["discovery"][r][t]["interval"][1] for r in rates
                         for t in ("review", "case")
                         if known(f["discovery"][r][t]["interval"][1])])
    high = math.ceil(high * 20) / 20
    plot.scale(high, 5, "false discovery rate")
    step = (plot.right - plot.left) / max(1, len(rates))
    for i, rate in enumerate(rates):
        plot.text(plot.left + step * (i + 0.5), plot.bottom + 16, rate, anchor="middle")
        for k, (track, colour) in enumerate((("review", COLOURS[2]), ("case", COLOURS[5]))):
            of = f["discovery"][rate][track]
            x = plot.left + step * (i + 0.4 + 0.2 * k)
            if known(of["interval"][0]):
                plot.line(x, plot.y(of["interval"][0], high), x,
                          plot.y(of["interval"][1], high), colour, 2)
            plot.dot(x, plot.y(of["fdr"], high), colour)
    for limit, colour, text in ((0.10, COLOURS[2], "review: at most .10"),
                                (0.05, COLOURS[5], "case: at most .05")):
        plot.line(plot.left, plot.y(limit, high), plot.right, plot.y(limit, high), colour,
                  dash="4 3")
        plot.text(plot.right, plot.y(limit, high) - 4, text, anchor="end", colour=colour)
    plot.text((plot.left + plot.right) / 2, plot.bottom + 36, "share of gamers",
              anchor="middle")
    plot.save(path)


def plot_rules(f, path):
    of = f["peers"]["structural"]
    plot = Plot(820, 400, "Structural behaviours, x5 and more: recall at every threshold")
    plot.right -= 230
    plot.scale(1, 5, "recall")
    rules = [r for r in of["rules"] if not r.get("skipped")]
    rules.sort(key=lambda r: -r["tenth"]["hindsight"])
    wide = plot.right - plot.left
    for k, rule in enumerate(rules[:6]):
        points = zip(*rule["curve"])
        plot.path([(plot.left + wide * x, plot.y(y)) for x, y in points], LINES[k])
        plot.bar(plot.right + 12, plot.top + 20 * k, 10, 10, LINES[k])
        plot.text(plot.right + 28, plot.top + 20 * k + 10, rule["name"])
    plot.dot(plot.left + wide * of["fdr"], plot.y(of["recall"]["review"]), COLOURS[4], 6)
    plot.dot(plot.right + 17, plot.top + 125, COLOURS[4], 6)
    plot.text(plot.right + 28, plot.top + 130, "goodhart, review")
    for i in range(6):
        plot.text(plot.left + wide * i / 5, plot.bottom + 16, f"{i / 5:g}", anchor="middle")
    plot.text((plot.left + plot.right) / 2, plot.bottom + 36, "false discovery rate",
              anchor="middle")
    plot.save(path)


def write(f, folder):
    for name, draw in (("recall", plot_recall), ("fdr", plot_fdr), ("rules", plot_rules),
                       ("burnt", plot_burnt)):
        draw(f, os.path.join(folder, f"detect-{name}.svg"))
