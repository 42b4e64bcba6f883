"""Says os.environ.get('ghost1') in its documentation."""
import os

# os.environ.get('ghost2') in a comment
print("os.environ.get('ghost3') in a string")
print('''
os.environ['ghost4']
''')
print(f"{{os.environ['ghost5']}}")
request.environ.get('ghost6')
url = os.environ.get('url', 'http://localhost/#fragment')  # a sign in a string
pattern = os.environ.get('pattern', 'a"b\\c')  # quotes and a backslash
home = f"{os.environ['base']}/home"  # read inside an f-string
