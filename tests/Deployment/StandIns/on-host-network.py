"""Prints docker-compose.yml for an engine that has no networks to give: everything on the machine's own, bound to one loopback address.

    on-host-network.py docker-compose.yml 127.11.12.13
"""
import json
import sys

import yaml

path, address = sys.argv[1:]
with open(path, encoding='utf-8') as file:
    compose = json.loads(json.dumps(yaml.safe_load(file)))
del compose['x-registry']
listens = {
    'postgres': {'LISTEN': address},
    'rabbitmq': {'LISTEN': address},
    'registry': {'ASPNETCORE_URLS': f'http://{address}:8080'},
    'builder': {'ASPNETCORE_URLS': f'http://{address}:8081', 'Builds__NetworkMode': 'none'},
}
for name, service in compose['services'].items():
    for unused in ('build', 'ports', 'hostname'):
        service.pop(unused, None)
    service['network_mode'] = 'host'
    service['extra_hosts'] = [f'postgres:{address}', f'rabbitmq:{address}']
    service['environment'].update(listens.get(name, {}))
    # The image's own check, only asked sooner.
    if name in ('registry', 'builder'):
        service['healthcheck'] = {'interval': '1s'}
json.dump(compose, sys.stdout)
