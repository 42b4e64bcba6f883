"""Calls over several lines, and several on one line."""
import os

# over four lines
spread = int(
    os.environ.get(
        'spread',  # the name
        '12'
    )
)
x, y = os.environ.get('x', '1'), os.environ.get('y', '2')  # the two
z = \
    os.getenv('z', 'far')  # continued
inner = os.environ.get('inner', os.environ.get('outer', 'last'))  # one in the other
if True: short = os.environ['short']; shorter = os.environ['shorter']
