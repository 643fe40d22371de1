# Plots as SVG, with nothing but text: times, or other costs, on a logarithmic axis, a row each, with the mark that ours
# must not pass.
import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH = 960
MARGIN = 36
AXIS_LEFT, AXIS_RIGHT = 300, 744       # The labels stand before, the values behind.
HEADER, ROW, GROUP_GAP, FOOTER = 92, 42, 54, 92
INK, SOFT, FAINT, GRID = '#1c2733', '#5d6b7a', '#94a1ae', '#e6eaee'
KINDS = {'own': '#0b7a75', 'peer': '#8a97a5', 'bound': '#c9a227'}
LATE = '#c8442f'                        # Of ours that is behind its mark.
LEGEND = [('own', 'Vedette'), ('peer', 'peers, as Debian packages them'), ('bound', 'bound')]
STYLE = '''
  text { font-family: "Inter", "Helvetica Neue", "Segoe UI", "DejaVu Sans", sans-serif; fill: %s; }
  .title { font-size: 24px; font-weight: 600; }
  .soft { font-size: 12.5px; fill: %s; }
  .group { font-size: 13px; font-weight: 600; fill: %s; }
  .label { font-size: 14px; }
  .remark { font-size: 11px; fill: %s; }
  .value { font-size: 13px; font-variant-numeric: tabular-nums; }
  .tick { font-size: 11px; fill: %s; }
''' % (INK, SOFT, SOFT, FAINT, FAINT)


@dataclasses.dataclass
class Dot:
    label: str
    remark: str
    ns: float                    # Or another cost.
    text: str                    # The value, and what else stands behind it.
    kind: str
    limit: float = None          # As ns; ours must not be right of it.


@dataclasses.dataclass
class Group:
    heading: str
    dots: list


class Axis:
    """Logarithmic, with some room beside what it holds."""

    def __init__(self, values):
        self.low = math.log10(min(values)) - 0.2
        self.high = math.log10(max(values)) + 0.1

    def x(self, ns):
        share = (math.log10(ns) - self.low) / (self.high - self.low)
        return AXIS_LEFT + share * (AXIS_RIGHT - AXIS_LEFT)

    def ticks(self):
        """Each with whether it has its figure: whole decades, and halves and fifths where there are few of them."""
        named = (1,) if self.high - self.low > 1.7 else (1, 2, 5)
        for power in range(math.floor(self.low), math.ceil(self.high) + 1):
            for step in range(1, 10):
                if self.low <= math.log10(step) + power <= self.high:
                    yield step * 10.0 ** power, step in named


def decade_text(ns):
    return f'{ns:g} ns' if ns < 1000 else f'{ns / 1000:g} \u00b5s'


def text(x, y, style, content, anchor='start'):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(content)}</text>'


def line(x1, y1, x2, y2, colour, width=1.0, more=''):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" {more}/>')


def circle(x, y, radius, colour):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'


def grid(axis, top, bottom, unit_text):
    parts = [line(AXIS_LEFT, bottom, AXIS_RIGHT, bottom, GRID, 1.4)]
    for ns, is_named in axis.ticks():
        x = axis.x(ns)
        if is_named:
            parts += [line(x, top, x, bottom, GRID, 1.4), text(x, bottom + 18, 'tick', unit_text(ns), 'middle')]
        else:
            parts.append(line(x, bottom - 4, x, bottom, GRID))
    return parts


def row(axis, dot, y):
    is_late = dot.limit is not None and dot.ns > dot.limit
    colour = LATE if is_late else KINDS[dot.kind]
    x = axis.x(dot.ns)
    parts = [text(MARGIN, y, 'label', dot.label), text(MARGIN, y + 15, 'remark', dot.remark),
             line(AXIS_LEFT, y, x, y, colour, 2, 'stroke-opacity="0.35"')]
    if dot.limit is not None:
        mark = axis.x(dot.limit)
        parts.append(line(mark, y - 11, mark, y + 11, INK, 2))
    parts.append(circle(x, y, 6.5, colour))
    parts.append(text(AXIS_RIGHT + 22, y + 4.5, 'value', dot.text))
    return parts


def legend(y):
    parts, x = [], MARGIN
    for kind, meaning in LEGEND:
        parts += [circle(x + 6, y - 4, 5.5, KINDS[kind]), text(x + 18, y, 'soft', meaning)]
        x += 40 + 6.6 * len(meaning)
    parts += [circle(x + 6, y - 4, 5.5, LATE), text(x + 18, y, 'soft', 'Vedette, behind what it must be'),
              line(x + 236, y - 12, x + 236, y + 4, INK, 2),
              text(x + 246, y, 'soft', 'where it must be: at the mark or left of it')]
    return parts


def dots(title, subtitle, groups, unit_text=decade_text):
    """The whole picture, as text. `unit_text` writes a figure of the axis."""
    axis = Axis([value for group in groups for dot in group.dots for value in (dot.ns, dot.limit) if value])
    parts = [text(MARGIN, 44, 'title', title), text(MARGIN, 66, 'soft', subtitle)]
    y = HEADER
    for group in groups:
        y += 22
        parts.append(text(MARGIN, y, 'group', group.heading))
        for dot in group.dots:
            y += ROW if dot is not group.dots[0] else 34
            parts += row(axis, dot, y)
        y += GROUP_GAP - 22
    bottom = y - 6
    parts = grid(axis, HEADER + 30, bottom, unit_text) + parts + legend(bottom + 56)
    height = bottom + FOOTER - 8
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
            f'width="{WIDTH}" height="{height:.0f}" role="img" aria-label="{escape(title)}">\n'
            f'<style>{STYLE}</style>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
            + '\n'.join(parts) + '\n</svg>\n')
