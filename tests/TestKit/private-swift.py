"""The server of private-swift.sh: all of Swift in one process, which starts in a second instead of in ten."""
import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import shutil  # noqa: E402
import sys  # noqa: E402
from time import monotonic  # noqa: E402

from swift.common import utils  # noqa: E402

port, folder = int(sys.argv[1]), sys.argv[2]
# There is no option for this; the machine's own file is not ours to read or write.
os.makedirs(f'{folder}/devices/d1', exist_ok=True)
utils.SWIFT_CONF_FILE = f'{folder}/swift.conf'
utils.HASH_PATH_SUFFIX, utils.HASH_PATH_PREFIX = b'tests', b''
with open(utils.SWIFT_CONF_FILE, 'w') as file:
    file.write('[swift-hash]\nswift_hash_path_suffix = tests\n')

from eventlet import wsgi  # noqa: E402
from swift.common.internal_client import InternalClient  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

COMMON = f"""[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = ERROR
log_address = {folder}/no-log
"""
PROXY = """[pipeline:main]
pipeline = catch_errors s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""


class Memory:
    """Stands in for memcached, without which Swift knows no users."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        value, until = self.values.get(key, (None, 0))
        return value if until > monotonic() else None

    def set(self, key, value, time=0, **_):
        self.values[key] = (value, monotonic() + (time or 86400))

    def delete(self, key, **_):
        self.values.pop(key, None)


def write(kind, text):
    with open(f'{folder}/{kind}.conf', 'w') as conf:
        conf.write(COMMON + text)


for number, kind in enumerate(['account', 'container', 'object'], 1):
    ring = RingBuilder(4, 1, 0)
    ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': port + number, 'device': 'd1', 'weight': 1.0, 'meta': '',
                  'replication_ip': '127.0.0.1', 'replication_port': port + number})
    ring.rebalance()
    ring.get_ring().save(f'{folder}/{kind}.ring.gz')
    write(kind, f'[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\n')
write('proxy', PROXY)

memory = Memory()


def remembering(app):
    def call(environment, start_response):
        environment['swift.cache'] = memory
        return app(environment, start_response)
    return call


with open(os.devnull, 'w') as nowhere:
    for number, kind in enumerate(['proxy', 'account', 'container', 'object']):
        app = loadapp(f'{folder}/{kind}.conf', global_conf={'log_name': kind})
        listener = eventlet.listen(('127.0.0.1', port + number), backlog=200)
        eventlet.spawn(wsgi.server, listener, remembering(app), nowhere, max_size=200)
    with open(f'{folder}/internal.conf', 'w') as conf:
        conf.write(COMMON + '[pipeline:main]\npipeline = catch_errors proxy-server\n[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n'
                   '[filter:catch_errors]\nuse = egg:swift#catch_errors\n')
    InternalClient(f'{folder}/internal.conf', 'tests', 1).create_container('AUTH_test', 'registry')
    print('ready', flush=True)
    try:
        eventlet.tpool.execute(sys.stdin.read)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
