"""The conversion around a read says the type, and so does an annotation."""
import json
import os
from typing import Optional

i1 = int(os.environ.get('i1', 4))  # int of a number
i2: int = os.environ.get('i2', 4)  # annotated
f1 = float( os.environ.get( 'f1', '0.25' ) )  # with spaces
f2 = int(float(os.environ.get('f2', '1.5')))  # twice
b1 = bool(os.environ.get('b1', 'True') == 'True')  # compared with True
b2 = os.environ.get('b2', 'no').lower() in ('yes', 'true')  # one of several words
b3 = bool(os.environ.get('b3', False))  # the trap: any text is true
o1 = json.loads(os.environ.get('o1', '{"a": [1, 2]}'))  # an object
l1 = json.loads(os.environ.get('l1', '["x", "y"]'))  # a list
l2: list[str] = json.loads(os.environ.get('l2'))  # a list by annotation
n1: Optional[int] = os.environ.get('n1')  # may be left out
s1 = str(os.environ.get('s1', 'text'))  # text
s2 = os.environ.get('s2', 12)  # a number that nothing converts
s3 = tuple(int(x) for x in os.environ.get('s3', '400,400').split(','))  # converted part by part
