import os

COLOUR = os.environ.get('colour', 'red')


def draw(name):
    print(name)
