"""Where descriptions come from."""
import os

# directly above
above = os.environ.get('above')

behind = os.environ.get('behind')  # behind it

# a block of
# two lines
block = os.environ.get('block')

# this one is far away

far = os.environ.get('far')

# the group
settings = {
    'first': os.environ.get('first'),  # in a literal, behind
    # in a literal, above
    'second': os.environ.get('second'),
}
bare = os.environ.get('bare')
