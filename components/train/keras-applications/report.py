"""What a person looks at after a training: the curves as a picture, and a page with the figures."""

import base64
import html

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt


LABELS = {'seconds': 'seconds of training', 'training': 'images for training', 'validation': 'images for validation', 'left_out': 'files left out', 'weights': 'weights from a file'}


def draw(path, metrics):
    """Loss and accuracy per epoch as a PNG picture."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), layout='constrained')
    for axes, name in zip(panels, ('loss', 'accuracy')):
        for key, label in ((name, 'training'), (f'val_{name}', 'validation')):
            if key in metrics['history']:
                values = metrics['history'][key]
                axes.plot(range(1, len(values) + 1), values, marker='o', label=label)
        axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
        axes.set(xlabel='epoch', ylabel=name)
        axes.set_ylim(0, 1.05 if name == 'accuracy' else 1.1 * axes.dataLim.y1)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.suptitle(heading(metrics))
    figure.savefig(path, format='png', dpi=110)


def heading(metrics):
    kind = 'validation' if metrics['validation'] else 'training'
    return f"{metrics['network']}, {len(metrics['images'])} classes, {kind} accuracy {metrics['accuracy']:.1%}"


def write_page(path, metrics, picture):
    """One HTML file that holds the picture and needs nothing else."""
    with open(picture, 'rb') as file:
        drawn = base64.b64encode(file.read()).decode()
    shown = {name: value for name, value in metrics.items() if name not in ('accuracy', 'history', 'images', 'versions', 'classes')}
    shown |= {'classes': ', '.join(f'{name} ({count})' for name, count in metrics['images'].items()), **metrics['versions']}
    rows = ''.join(f'<tr><th>{html.escape(LABELS.get(name, name.replace("_", " ")))}</th><td>{html.escape(str(value))}</td></tr>' for name, value in shown.items())
    title = html.escape(heading(metrics))
    with open(path, 'w', encoding='utf-8', errors='replace') as file:
        file.write(f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>'
                   'body{font:15px/1.5 sans-serif;margin:2em}th{text-align:left;padding-right:2em;vertical-align:top}img{max-width:100%}</style></head>'
                   f'<body><h1>{title}</h1><img alt="loss and accuracy per epoch" src="data:image/png;base64,{drawn}"><table>{rows}</table></body></html>\n')
