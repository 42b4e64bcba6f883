"""What a person looks at: the image with the areas that matter, and a page with the figures."""

import base64
import html
import io

import matplotlib
import numpy as np

matplotlib.use('Agg')
import matplotlib.pyplot as plt

plt.rcParams['text.parse_math'] = False  # a class may have a $ in its name
FOR, AGAINST = '#2166ac', '#b2182b'


def draw(pixels, segments, explanation, features):
    """The image, its most important areas, and the weight of every area, as the bytes of a PNG picture."""
    weights = [(one['area'], one['weight']) for one in explanation['areas']]
    marked = weights[:features]
    heat = np.zeros(segments.shape)
    for area, weight in weights:
        heat[segments == area] = weight
    reach = most(explanation)
    pale = pixels.mean(axis=2) * 0.4 + 140
    shaded = np.where(np.isin(segments, [area for area, _ in marked])[..., None], pixels, pale[..., None].astype('uint8'))
    height, width = segments.shape

    figure, panels = plt.subplots(1, 3, figsize=(13.2, min(max(4.0 * height / width, 2.4), 9) + 0.5), layout='constrained')
    panels[0].imshow(pixels, interpolation='nearest')
    panels[0].set_title(heading(explanation), fontsize=12)
    panels[1].imshow(shaded, interpolation='nearest')
    panels[1].set_title(f"for (blue) and against (red) {shortened(explanation['explained'])}", fontsize=12)
    for rank, (area, weight) in enumerate(marked, 1):
        mark(panels[1], segments == area, rank, FOR if weight > 0 else AGAINST)
    panels[2].imshow(pale, cmap='gray', vmin=0, vmax=255, interpolation='nearest')
    drawn = panels[2].imshow(heat, cmap='RdBu', vmin=-reach, vmax=reach, alpha=0.1 + 0.75 * abs(heat) / reach, interpolation='nearest')
    panels[2].set_title('weight of every area', fontsize=12)
    figure.colorbar(plt.cm.ScalarMappable(drawn.norm, drawn.cmap), ax=panels[2], shrink=0.85)
    for panel in panels:
        panel.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), xticks=[], yticks=[])
    drawing = io.BytesIO()
    figure.savefig(drawing, format='png', dpi=110)
    plt.close(figure)
    return drawing.getvalue()


def most(explanation):
    """The largest weight of any area, whichever its sign; never 0."""
    return max((abs(one['weight']) for one in explanation['areas']), default=0) or 1e-12


def shortened(name):
    return name if len(name) <= 24 else name[:23] + '…'


def heading(explanation):
    predicted, actual = explanation['predicted'], explanation['actual']
    return f"{predicted[:24]}, {explanation['probabilities'][predicted]:.1%}" + (f'  (is {actual[:24]})' if actual and actual != predicted else '')


def mark(panel, inside, rank, colour):
    """Draws the border of an area, and its rank on that pixel of it which is nearest to its middle."""
    height, width = inside.shape
    panel.contour(np.arange(-1, width + 1), np.arange(-1, height + 1), np.pad(inside, 1), levels=[0.5], colors=[colour], linewidths=2.5)
    rows, columns = np.nonzero(inside)
    middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    panel.text(columns[middle], rows[middle], rank, color='white', fontsize=11, fontweight='bold', ha='center', va='center',
               bbox={'boxstyle': 'circle,pad=0.2', 'facecolor': colour, 'edgecolor': 'white'})


def bar(share, colour, text):
    return f'<td><i style="width:{abs(share) * 160:.1f}px;background:{colour}"></i>{text}</td>'


def rows_of(lines):
    return ''.join(f'<tr><th>{html.escape(str(name))}</th>{cell}</tr>' for name, cell in lines)


def verdict(explanation):
    """What the figures say about how far the explanation can be relied on."""
    score = explanation['score']
    fit = 'fits the model well around this image' if score >= 0.7 else \
        'fits the model only roughly around this image: more samples or fewer segments may help' if score >= 0.3 else \
        'hardly fits the model around this image: do not rely on it; more samples or fewer segments may help'
    doubt = '' if most(explanation) >= 0.02 else ' No area alone matters: covering it hardly changes the probability. Larger areas (fewer segments) or another cover may tell more.'
    return f'Score {score:.3f}: the explanation {fit}.{doubt}'


def page(explanation, drawing, features):
    """One HTML file that holds the picture and needs nothing else."""
    image, predicted, explained, actual, library = (html.escape(str(explanation[name] or '')) for name in ('image', 'predicted', 'explained', 'actual', 'library'))
    probabilities, reach = explanation['probabilities'], most(explanation)
    classes = rows_of((name, bar(share, '#9db7d5', f'{share:.1%}')) for name, share in list(probabilities.items())[:5])
    areas = rows_of((rank, bar(one['weight'] / reach, FOR if one['weight'] > 0 else AGAINST, f"{one['weight']:+.4f}")) for rank, one in enumerate(explanation['areas'][:features], 1))
    cover = explanation['cover']
    return f'''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Explanation of {image}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 980px; margin: 2em auto; padding: 0 1em }}
h1 {{ font-size: 1.5em; margin-bottom: .2em; overflow-wrap: anywhere }} h2 {{ font-size: 1.1em; margin: 0 0 .4em }} img {{ max-width: 100%; height: auto; margin: 1em 0 }}
.tables {{ display: flex; gap: 3em; flex-wrap: wrap }} table {{ border-collapse: collapse }} th, td {{ text-align: left; padding: .2em 1.2em .2em 0 }}
td i {{ display: inline-block; height: .7em; margin-right: .5em; border-radius: 2px }} .note {{ color: #555; font-size: .92em }}
</style></head><body>
<h1>Why {explained}?</h1>
<p>The model takes <b>{image}</b> for <b>{predicted}</b> ({probabilities[explanation['predicted']]:.1%}){f', it is {actual}' if actual else ''}.
{'' if explained == predicted else f'Explained is <b>{explained}</b> ({explanation["probability"]:.1%}).'}</p>
<img alt="the image, the areas that matter, and the weight of every area" src="data:image/png;base64,{base64.b64encode(drawing).decode()}">
<div class="tables"><div><h2>Classes</h2><table>{classes}</table></div>
<div><h2>Areas with most weight for {explained}</h2><table>{areas}</table></div></div>
<p>{verdict(explanation)}</p>
<p class="note">A weight tells by how much the probability of {explained} falls when the area is covered with {f'grey ({cover})' if isinstance(cover, int) else 'its mean colour'}, averaged over what happens to the other areas.
{explanation['model']} model, {explanation['samples']} changed images, {len(explanation['areas'])} areas by {explanation['segmentation']}, seed {explanation['seed']}. Made by {library}.</p>
</body></html>
'''
