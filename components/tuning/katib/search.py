"""The trials of an experiment as data and as a picture."""

import dataclasses
import math
import os
import sys

try:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure
except ImportError as missing:
    sys.exit(f"error: the package {missing.name} is missing; pip install matplotlib, or build the component's image where a package index or a wheelhouse has it")

BEST, GREY = '#d62728', '#9a9a9a'

# More names than this are too small to read
MOST_LABELS = 12


@dataclasses.dataclass
class Trial:
    name: str
    state: str
    message: str
    start: str
    completion: str
    parameters: dict
    observation: dict


def trial_of(found):
    status = found.get('status') or {}
    last = next((one for one in reversed(status.get('conditions') or []) if one.get('status') == 'True'), {})
    assignments = (found.get('spec') or {}).get('parameterAssignments') or ()
    return Trial(found['metadata']['name'], last.get('type', 'Created'), last.get('message') or last.get('reason') or '', status.get('startTime') or '',
                 status.get('completionTime') or '', {one['name']: one.get('value', '') for one in assignments}, status.get('observation') or {})


def number(text):
    """A finite number, or None; Katib writes `unavailable` and `nan` where there is none."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


class Search:
    """The trials in the order of their start, with the names of metrics and parameters."""

    def __init__(self, experiment, items):
        spec = experiment['spec']
        objective = spec.get('objective') or {}
        self.metric, self.largest = objective.get('objectiveMetricName', ''), objective.get('type') == 'maximize'
        self.metrics = [self.metric, *(objective.get('additionalMetricNames') or ())]
        self.strategies = {one.get('name'): one.get('value') for one in objective.get('metricStrategies') or ()}
        self.trials = sorted(map(trial_of, items), key=lambda trial: (trial.start or '~', trial.name))
        declared = [one['name'] for one in spec.get('parameters') or ()]
        self.spaces = {one['name']: one for one in spec.get('parameters') or ()}
        self.parameters = declared + sorted({name for trial in self.trials for name in trial.parameters} - set(declared))

    def value(self, observation, metric=None):
        """The value of a metric in an observation, by the strategy that the experiment has for it, else the latest; None where it is not a number."""
        metric = metric or self.metric
        strategy = self.strategies.get(metric) or ('max' if self.largest else 'min')
        for one in (observation or {}).get('metrics') or ():
            if one.get('name') == metric:
                return next((value for value in (number(one.get(key)) for key in (strategy, 'latest')) if value is not None), None)
        return None


class Axis:
    """Where the values of one parameter, or of the metric, lie between 0 and 1."""

    def __init__(self, label, values, kind='double', lowest=None, highest=None):
        numbers = [number(value) for value in values]
        self.label = label
        self.names = None
        self.whole = kind == 'int'
        if kind == 'categorical' or None in numbers or not numbers:
            self.names = sorted({str(value) for value in values}, key=lambda name: (number(name) is None, number(name) or 0, name))
            return
        self.low, self.high = min([*numbers, *([lowest] if lowest is not None else [])]), max([*numbers, *([highest] if highest is not None else [])])
        self.logarithmic = self.low > 0 and self.high / self.low >= 100

    def place(self, value):
        if self.names is not None:
            return self.names.index(str(value)) / (len(self.names) - 1) if len(self.names) > 1 else 0.5
        if self.high == self.low:
            return 0.5
        low, high, value = (math.log(one) if self.logarithmic else one for one in (self.low, self.high, float(value)))
        return (value - low) / (high - low)

    def ticks(self):
        if self.names is not None:
            step = max(1, math.ceil(len(self.names) / MOST_LABELS))
            return [(self.place(name), short(name)) for name in self.names[::step]]
        if self.high == self.low:
            return [(0.5, f'{self.low:.4g}')]
        if self.whole and self.high - self.low <= MOST_LABELS:
            return [(self.place(value), str(value)) for value in range(math.ceil(self.low), math.floor(self.high) + 1)]
        places = [step / 4 for step in range(5)]
        back = [math.exp(math.log(self.low) + place * math.log(self.high / self.low)) if self.logarithmic else self.low + place * (self.high - self.low) for place in places]
        return [(place, f'{value:.3g}') for place, value in zip(places, back)]


def short(text, length=16):
    return text if len(text) <= length else text[:length - 1] + '…'


def axes_of(search, done):
    """An axis per parameter, and the last for the metric."""
    axes = []
    for name in search.parameters:
        about = search.spaces.get(name) or {}
        space = about.get('feasibleSpace') or {}
        values = [trial.parameters[name] for trial in search.trials if name in trial.parameters]
        axes.append(Axis(name, values, about.get('parameterType'), number(space.get('min')), number(space.get('max'))))
    return [*axes, Axis(search.metric, [value for _, value in done])]


def draw(search, best, title, path):
    """Draws the search into a PNG file: progress above, parallel coordinates below."""
    done = [(trial, search.value(trial.observation)) for trial in search.trials]
    done = [(trial, value) for trial, value in done if value is not None]
    figure = Figure(figsize=(max(8, 2 + 1.7 * len(search.parameters)), 8), layout='constrained')
    FigureCanvasAgg(figure)
    figure.suptitle(f'{title}: {len(done)} of {len(search.trials)} trials with {search.metric}')
    above, below = figure.subplots(2, 1, gridspec_kw={'height_ratios': [2, 3]})
    if done:
        progress(above, search, done, best)
        parallel(figure, below, search, done, best)
    else:
        for part in (above, below):
            part.set_axis_off()
        above.text(0.5, 0.5, 'No trial has reported its metric.', ha='center', transform=above.transAxes)
    figure.savefig(path + '.part', format='png', dpi=110)
    os.replace(path + '.part', path)


def progress(part, search, done, best):
    order = {trial.name: place for place, trial in enumerate(search.trials, 1)}
    values, top, tops = [value for _, value in done], None, []
    for value in values:
        top = value if top is None else max(top, value) if search.largest else min(top, value)
        tops.append(top)
    places = [order[trial.name] for trial, _ in done]
    part.scatter(places, values, color=[BEST if trial.name == best else '#1f77b4' for trial, _ in done], zorder=3)
    part.step(places, tops, where='post', color=BEST, linewidth=1, label=f'best so far ({"maximize" if search.largest else "minimize"})')
    part.set(xlabel='trial, by start', ylabel=search.metric, xlim=(0.5, len(search.trials) + 0.5))
    part.xaxis.get_major_locator().set_params(integer=True)
    part.grid(alpha=0.3)
    part.legend(loc='lower right' if search.largest else 'upper right', frameon=False)


def parallel(figure, part, search, done, best):
    axes = axes_of(search, done)
    values = [value for _, value in done]
    colours = ScalarMappable(Normalize(min(values), max(values) if max(values) > min(values) else min(values) + 1), 'viridis' if search.largest else 'viridis_r')
    known = {trial.name: value for trial, value in done}
    for trial in sorted(search.trials, key=lambda trial: (trial.name == best, trial.name in known)):
        value = known.get(trial.name)
        points = [(place, axis.place(trial.parameters[axis.label])) for place, axis in enumerate(axes[:-1]) if axis.label in trial.parameters]
        if value is not None:
            points.append((len(axes) - 1, axes[-1].place(value)))
        if not points:
            continue
        style = {'color': GREY, 'linestyle': ':'} if value is None else {'color': BEST, 'linewidth': 3} if trial.name == best else {'color': colours.to_rgba(value), 'alpha': 0.8}
        part.plot(*zip(*points), **style)
    for place, axis in enumerate(axes):
        part.axvline(place, color='black', linewidth=1)
        for height, text in axis.ticks():
            part.plot([place - 0.015, place + 0.015], [height, height], color='black', linewidth=1)
            part.annotate(text, (place, height), (4, 3), textcoords='offset points', fontsize=8,
                          bbox={'boxstyle': 'square,pad=0.1', 'facecolor': 'white', 'edgecolor': 'none', 'alpha': 0.7})
    part.set_xticks(range(len(axes)), [short(axis.label + (' (log)' if axis.names is None and axis.logarithmic else ''), 24) for axis in axes])
    part.set(xlim=(-0.1, len(axes) - 1 + 0.35), ylim=(-0.06, 1.08), yticks=[])
    part.tick_params(length=0)
    for spine in part.spines.values():
        spine.set_visible(False)
    if len(set(values)) > 1:
        figure.colorbar(colours, ax=part, label=search.metric, pad=0.01)
    note = ['the best trial is red'] if best in known else []
    part.set_title('; '.join([*note, *(['trials without a metric are dotted'] if len(known) < len(search.trials) else [])]), fontsize=9)
