"""Install lines in comments."""
# pip install numpy
# pip3 install 'scipy>=1.10,<2' "shapely[vectorized]"
# python -m pip install --upgrade torch --index-url https://download.example.org/whl/cpu
# pip install git+https://git.example.org/team/tool.git@v1.0#egg=tool
# apt-get update && apt-get install -y --no-install-recommends libgdal-dev
# dnf install -y java-17-openjdk
import os

size = int(os.environ.get('size', '1'))  # how large
