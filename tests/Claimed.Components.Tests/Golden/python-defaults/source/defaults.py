"""Literals become defaults; what only the source can evaluate does not."""
import os

hour = int(os.environ.get('hour', 60*60))  # seconds
mask = int(os.environ.get('mask', 0xFF + 2**8))  # bits
tiny = float(os.environ.get('tiny', 1e-5))  # learning rate
minus = float(os.environ.get('minus', -0.5))  # negative
nothing = os.environ.get('nothing', None)  # None
empty = os.environ.get('empty', '')  # the empty text
joined = os.environ.get('joined', 'one ' 'two')  # adjacent literals
raw = os.environ.get('raw', r'\d+\.csv')  # a pattern
lines = os.environ.get('lines', """first
second""")  # two lines
today = os.environ.get('today', str(date.today()))  # computed
path = os.environ.get('path', os.path.join('data', 'in.csv'))  # computed as well
greeting = os.environ.get('greeting', f'hello {name}')  # an f-string
wrong = int(os.environ.get('wrong', 'many'))  # not of the type
flag = bool(os.environ.get('flag', 'maybe') == 'True')  # not of the type either
