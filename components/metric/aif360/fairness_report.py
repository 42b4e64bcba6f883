"""The picture and the HTML report of five fairness metrics, for one or more predictions of the same people."""

import base64
import html
import io

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt

# Metric of AIF360's ClassificationMetric: short name, lowest and highest value that does not indicate bias, the value of equal treatment, what it compares
METRICS = {
    'statistical_parity_difference': ('Statistical parity\ndifference', -0.1, 0.1, 0, 'share with the favorable prediction: unprivileged minus privileged'),
    'equal_opportunity_difference': ('Equal opportunity\ndifference', -0.1, 0.1, 0, 'the same among those who really are of the favorable class'),
    'average_odds_difference': ('Average odds\ndifference', -0.1, 0.1, 0, 'mean of the differences of true and of false positive rates'),
    'disparate_impact': ('Disparate\nimpact', 0.8, 1.25, 1, 'share with the favorable prediction: unprivileged divided by privileged'),
    'theil_index': ('Theil\nindex', 0, 0.25, 0, 'how unequally people benefit from wrong predictions; 0 is equal'),
}
BOUNDS = {name: [low, high] for name, (_, low, high, _, _) in METRICS.items()}
PANELS = list(METRICS)[:3], list(METRICS)[3:4], list(METRICS)[4:]
BAND, INK, RED, GREEN = '#dff0e2', '#333333', '#c03a24', '#2c7a3f'
SHADES = [('#2f6f95', RED)], [('#9dbfd3', '#eba797'), ('#2f6f95', RED)]


def verdict(name, value):
    """Whether the value indicates bias; None where there is no value."""
    return None if value is None else not METRICS[name][1] <= value <= METRICS[name][2]


def biased(values):
    """The metrics that indicate bias."""
    return [name for name, value in values.items() if verdict(name, value)]


def figure_of(value, digits=3):
    """The number as people write it: a real minus, and none before zero; a dash where there is no number."""
    text = '–' if value is None else f'{value:.{digits}f}'
    return text[1:] if text.startswith('-') and not float(text) else text.replace('-', '−')


def reach(names, found, least, most):
    """How far an axis goes from the value of equal treatment, so that there is room for the figures."""
    return min(max([least] + [abs(values[name] - METRICS[name][3]) * 1.3 for values in found for name in names if values[name] is not None]), most)


def draw_bar(axes, place, name, value, width, colors):
    """A bar from the value of equal treatment; red where it indicates bias. It ends at the edge, its figure is the true one."""
    equal = METRICS[name][3]
    if value is None:
        axes.text(place, equal, 'undefined', ha='center', va='center', color=INK, size=9, rotation=90, bbox={'color': 'white', 'pad': 2}, zorder=4)
        return
    bottom, top = axes.get_ylim()
    end, up = min(max(value, bottom), top), value >= equal
    axes.bar(place, end - equal, bottom=equal, width=width, color=colors[verdict(name, value)], zorder=2)
    axes.annotate(figure_of(value, 2), (place, end), xytext=(0, 4 if up else -4), textcoords='offset points', ha='center', va='bottom' if up else 'top', color=INK, size=9)


def draw(parts):
    """
    The picture as PNG: a row for each (headline, {stage: {metric: value}}), one bar for each of its one or two stages. The differences
    are on one scale, the ratio is around 1, the index from 0.
    """
    height = 3.6 * len(parts) + 0.5
    figure, rows = plt.subplots(len(parts), 3, figsize=(10, height), width_ratios=[3, 1.1, 1.1], squeeze=False)
    figure.subplots_adjust(left=0.06, right=0.985, top=1 - 0.45 / height, bottom=1.05 / height, wspace=0.28, hspace=0.42)
    found = [values for _, stages in parts for values in stages.values()]
    near, ratio, index = reach(PANELS[0], found, 0.2, 1.2), reach(PANELS[1], found, 0.4, 2), reach(PANELS[2], found, 0.32, 1.2)
    shades = SHADES[len(parts[0][1]) - 1]
    width = 0.5 if len(shades) == 1 else 0.36
    for (headline, stages), panels in zip(parts, rows):
        for axes, names, limits in zip(panels, PANELS, ((-near, near), (max(1 - ratio, -0.1), 1 + ratio), (0, index))):
            axes.set(xlim=(-0.6, len(names) - 0.4), ylim=limits)
            axes.axhspan(*BOUNDS[names[0]], color=BAND, zorder=0)
            axes.axhline(METRICS[names[0]][3], color=INK, linewidth=0.8, zorder=3)
            for place, name in enumerate(names):
                for i, values in enumerate(stages.values()):
                    draw_bar(axes, place + 0.4 * (i - (len(shades) - 1) / 2), name, values[name], width, shades[i])
            axes.set_xticks(range(len(names)), [METRICS[name][0] for name in names])
            axes.tick_params(axis='x', length=0)
            axes.spines[['top', 'right', 'bottom']].set_visible(False)
        panels[0].set_title(headline if len(headline) <= 90 else f'{headline[:89]}…', loc='left', weight='bold', size=11, parse_math=False)
    words = [f'{stage}{wrong}' for stage in parts[0][1] for wrong in ('', ': indicates bias')]
    marks = [plt.Rectangle((0, 0), 1, 1, color=color) for color in (BAND, *(color for pair in shades for color in pair))]
    figure.legend(marks, ['range without bias', *words], loc='lower center', ncol=len(marks), frameon=False)
    picture = io.BytesIO()
    figure.savefig(picture, format='png', dpi=130)
    return picture.getvalue()


def shown(name, value):
    """The value as HTML; red and in words where it indicates bias."""
    if value is None:
        return 'cannot be computed'
    figure = figure_of(value)
    return f'<b class="biased">{figure}</b> <small>indicates bias</small>' if verdict(name, value) else f'<span class="fine">{figure}</span>'


def share(value):
    return '–' if value is None else f'{value:.1%}'


def row(cells, tag='td'):
    return '<tr>' + ''.join(f'<{tag}>{cell}</{tag}>' for cell in cells) + '</tr>'


def table(stages):
    """The metrics of each stage beside each other, as HTML."""
    lines = [
        row([f'{short}<small>{meaning}</small>', f'{low:g} … {high:g}'.replace('-', '−'), *(shown(name, values[name]) for values in stages.values())])
        for name, (short, low, high, _, meaning) in METRICS.items()]
    return f"<table>{row(['Metric', 'Range without bias', *stages], 'th')}{''.join(lines)}</table>"


def page(title, introduction, picture, rest):
    """The report: one file, with the picture in it. `title` is text, `introduction` and `rest` are HTML."""
    return f'''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 60em; margin: 2em auto; padding: 0 1em }} h2 {{ font-size: 1.1em; margin-top: 2em }}
table {{ border-collapse: collapse; width: 100%; margin: 1em 0 }} th, td {{ text-align: left; padding: .4em .8em .4em 0; border-bottom: 1px solid #ddd; vertical-align: top }}
td small {{ display: block }} small {{ color: #666 }} img {{ max-width: 100% }} .biased {{ color: {RED} }} .fine {{ color: {GREEN} }}
</style></head><body>
<h1>{html.escape(title)}</h1>
<p>{introduction}</p>
<img alt="The five metrics and the ranges in which they indicate no bias" src="data:image/png;base64,{base64.b64encode(picture).decode()}">
{rest}
</body></html>
'''
