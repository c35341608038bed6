"""Plain SVG, legible on white and on black."""

import math
from html import escape

INK = "#6e7681"
FAINT = "#8c959f"
ACCENT = "#2f81f7"
SERIES = (ACCENT, "#d29922", "#3fb950", "#a371f7")
STYLE = (
    f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" '
    f'font-size="12" fill="{INK}"'
)


def bars(path, title, panels, log=False):
    """PANELS are (letter, title, [(name, value, label), ...]), each with a scale of its own;
    fanoutd's bars are coloured."""
    bar, gap, head, margin, width = 16, 6, 44, 16, 820
    names = 7 * max(len(name) for _, _, rows in panels for name, _, _ in rows)
    labels = 7 * max(len(label) for _, _, rows in panels for _, _, label in rows)
    columns = 2 if len(panels) > 1 else 1
    panel_width = (width - margin * (columns + 1)) / columns
    room = panel_width - names - labels - 14

    body, y = [], 40
    for first in range(0, len(panels), columns):
        line = panels[first : first + columns]
        for column, (letter, subtitle, rows) in enumerate(line):
            x = margin + column * (panel_width + margin)
            body.append(_text(x, y + 14, letter, weight="600"))
            body.append(_text(x, y + 30, subtitle, size=10))
            most = max(value for _, value, _ in rows)
            least = 10 ** math.floor(math.log10(min(value for _, value, _ in rows)))
            for i, (who, value, label) in enumerate(rows):
                top = y + head + i * (bar + gap)
                part = math.log(value / least) / math.log(most / least) if log else value / most
                length = max(1.5, room * part)
                colour = ACCENT if who.startswith("fanoutd") else FAINT
                body.append(_text(x + names, top + 12, who, "end"))
                body.append(
                    f'<rect x="{x + names + 7:.1f}" y="{top}" width="{length:.1f}" '
                    f'height="{bar}" rx="2" fill="{colour}"/>'
                )
                body.append(_text(x + names + length + 13, top + 12, label))
        y += head + max(len(rows) for _, _, rows in line) * (bar + gap) + margin
    _write(path, title, body, width, y)


def lines(path, curve):
    width, height = 640, 340
    left, right, top, bottom = 60, 110, 72, 48
    points = [point for series in curve.series.values() for point in series]
    if not points:
        return
    x_scale = _Scale([x for x, _ in points], curve.log_x, left, width - right)
    y_scale = _Scale([y for _, y in points], curve.log_y, height - bottom, top, zero=True)

    body = []
    for tick in y_scale.ticks():
        y = y_scale(tick)
        body.append(
            f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{FAINT}" stroke-opacity="0.3"/>'
        )
        body.append(_text(left - 8, y + 4, _number(tick), "end"))
    for tick in sorted({x for x, _ in points}):
        body.append(_text(x_scale(tick), height - bottom + 18, _number(tick), "middle"))
    body.append(_text((left + width - right) / 2, height - 8, curve.x, "middle"))
    body.append(_text(16, top - 22, curve.y))
    placed = []
    for colour, (name, series) in zip(SERIES, curve.series.items()):
        places = [(x_scale(x), y_scale(y)) for x, y in series]
        path_of = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        body.append(
            f'<polyline points="{path_of}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        while any(abs(y - other) < 14 for other in placed):
            y -= 14
        placed.append(y)
        body.append(_text(x + 10, y + 4, name, colour=colour, weight="600"))
    _write(path, curve.title, body, width, height)


class _Scale:
    def __init__(self, values, log, begin, end, zero=False):
        self.log, self.begin, self.end = log, begin, end
        self.low, self.high = min(values), max(values)
        if log:
            self.low, self.high = self.low / 1.2, self.high * 1.2
        elif zero:
            self.low = 0
        if self.low == self.high:
            self.high = self.low + 1

    def __call__(self, value):
        f = math.log if self.log else float
        part = (f(value) - f(self.low)) / (f(self.high) - f(self.low))
        return self.begin + part * (self.end - self.begin)

    def ticks(self):
        if self.log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1,) if len(decades) > 3 else (1, 2, 5)
            ticks = [step * 10.0**decade for decade in decades for step in steps]
            return [tick for tick in ticks if self.low <= tick <= self.high]
        rough = self.high / 5
        step = 10 ** math.floor(math.log10(rough))
        step *= next(m for m in (1, 2, 5, 10) if m * step >= rough)
        return [i * step for i in range(int(self.high / step) + 1)]


def _number(value):
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size and value >= 1e4:
            return f"{value / size:.4g}{suffix}"
    return f"{value:.4g}"


def _text(x, y, text, anchor="start", colour=None, weight=None, size=None):
    more = f' fill="{colour}"' if colour else ""
    more += f' font-size="{size}"' if size else ""
    more += f' font-weight="{weight}"' if weight else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _write(path, title, body, width, height):
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" '
        f'viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(title)}" {STYLE}>',
        f'<text x="16" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
    ]
    path.write_text("\n".join(head + body + ["</svg>"]) + "\n", encoding="utf-8")
