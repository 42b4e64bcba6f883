"""Speaks of the dnf tool, of apt and of pip install, and installs nothing."""
import os
import subprocess

# you may have to pip install pandas yourself
print("the dnf tool")
command = 'apt install curl'
subprocess.run('pip install pandas', shell=True)
name = os.environ.get('name', 'apt')  # adapt this
