"""Splits "words" at \t and C:\new; says it's {done} $(id) `x` %s: yes # no.

Ends with a backslash \\
"""
import os

# a "quoted" text, a \ and a ''' in it
path = os.environ.get('path', 'C:\\new\\table')
# {{$.inputs}} ${0} {{ ds }}
template = os.environ.get('template', '{{ name }} says "hi" $HOME `id`')
# größe 漢字 🚀
unit = os.environ.get('unit', 'größe')
word = os.environ.get('word', 'on')  # a word that YAML takes for true
number = os.environ.get('number', '1e3')  # a text that looks like a number
zip_code = os.environ.get('zip_code', '01234')  # with a zero in front
spaces = os.environ.get('spaces', ' leads and trails ')  # spaces matter
