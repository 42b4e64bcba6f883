"""Uses a helper beside it."""
import os

import shapes
from tools.text import clean

# what to draw
shape = os.environ.get('shape', 'circle')
shapes.draw(clean(shape))
