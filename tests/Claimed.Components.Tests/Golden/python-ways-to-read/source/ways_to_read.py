"""Every way to read a variable."""
import os
import os as system
from os import environ, getenv
from os import environ as settings, getenv as read

a1 = os.environ.get('a1')  # by get
a2 = os.environ["a2"]  # by index
a3 = os.getenv('a3')  # by getenv
a4 = system.environ.get('a4')  # module under another name
a5 = environ.get('a5')  # environ alone
a6 = getenv("a6")  # getenv alone
a7 = settings['a7']  # environ under another name
a8 = read('a8')  # getenv under another name
env = os.environ
a9 = env.get('a9')  # environ in a variable
get = os.environ.get
b1 = get('b1')  # the method in a variable
b2 = os . environ . get ( 'b2' )  # with spaces
b3 = os.getenv(key='b3')  # by keyword
if 'b4' in os.environ:
    b4 = os.environ['b4']  # guarded


def within():
    return os.environ['b5']  # in a function


class Holder:
    setting = os.environ.get('b6')  # in a class
