"""
An HTTP server that answers as the Kubernetes API server does for the custom resources of these components: discovery, rights by RBAC rules,
objects with resource versions, watches with bookmarks and 410, finalizers, preconditions. It is strict: an object with an unknown or
missing field, or of a wrong type, is refused. Tests play the operator.
"""

import collections
import contextlib
import copy
import http.server
import json
import re
import threading
import time
import urllib.parse
import uuid

import yaml

import kubernetes_schemas as schemas

TOKEN = "sesame-for-tests"
SINGLE = re.compile(r"/api(?:s/(?P<group>[^/]+))?/(?P<version>[^/]+)/namespaces/(?P<namespace>[^/]+)/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?$")

KUBEFLOW = {("kubeflow.org", "v1"): {"tfjobs": "TFJob"}, ("kubeflow.org", "v1beta1"): {"experiments": "Experiment", "trials": "Trial"}}
KSERVE = {("serving.kserve.io", "v1beta1"): {"inferenceservices": "InferenceService"}}
KFSERVING = {("serving.kubeflow.org", "v1beta1"): {"inferenceservices": "InferenceService"}}


class Refusal(Exception):
    def __init__(self, code, reason, message, headers=()):
        super().__init__(message)
        self.code, self.headers = code, dict(headers)
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code}


class KubernetesApi(http.server.ThreadingHTTPServer):
    """
    `resources`: {(group, version): {plural: kind}}; `roles`: paths of files whose Roles the account has, in the namespace `granted`. `speed` is
    how much faster the client's clock runs.
    """

    daemon_threads = True

    def __init__(self, resources, role, granted, speed=1):
        super().__init__(("127.0.0.1", 0), Handler)
        self.resources, self.granted, self.speed = resources, granted, speed
        self.rules = [rule for part in yaml.safe_load_all(open(role, encoding="utf-8")) if part["kind"] == "Role" for rule in part["rules"]] if role else []
        self.namespaces = {"kubeflow", "anonymous", "team-a"}
        self.changed = threading.Condition()
        self.objects = {}
        self.events = []
        self.version = self.oldest = 100
        self.delivered = 0
        self.open_watches = self.watches = self.generation = 0
        self.faults = collections.defaultdict(list)
        self.gone_as_status = False
        self.used = set()
        self.asked = []
        self.client = None

    # What tests do

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def kubeconfig(self, path, namespace=None, token=TOKEN):
        where = {"cluster": "c", "user": "u", **({"namespace": namespace} if namespace else {})}
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "x", "contexts": [{"name": "x", "context": where}],
            "clusters": [{"name": "c", "cluster": {"server": self.url}}], "users": [{"name": "u", "user": {"token": token}}]}))
        return {"KUBECONFIG": str(path)}

    def fail(self, verb, plural, *refusals):
        """The next requests of this kind are answered so: (code, headers), or "hang up" for a connection that breaks."""
        self.faults[verb, plural] += refusals

    def wait(self, condition, limit=60):
        """Waits for it, as long as `client`, the running component, lives."""
        end = time.monotonic() + limit
        with self.changed:
            while not self.changed.wait_for(condition, 0.2):
                assert time.monotonic() < end, f"waited {limit} s; {self.asked}"
                assert self.client is None or self.client.alive(), f"the component has ended: {self.client.said()}"

    def get(self, plural, namespace, name):
        with self.changed:
            return copy.deepcopy(self.objects.get((plural, namespace, name)))

    def wait_for(self, plural, namespace, name):
        """The object as soon as somebody has created it and watches."""
        self.wait(lambda: (plural, namespace, name) in self.objects and self.open_watches)
        return self.get(plural, namespace, name)

    def put(self, plural, namespace, name, **parts):
        """Makes or changes an object as an operator would; waits until a watch has told the client."""
        with self.changed:
            now = copy.deepcopy(self.objects.get((plural, namespace, name))) or self.blank(plural, namespace, name)
            for key, value in parts.items():
                now[key] = {**now.get(key, {}), **value}
            self.store(plural, namespace, name, now)

    def blank(self, plural, namespace, name):
        group, version, kind = next(((*of, kinds[plural]) for of, kinds in self.resources.items() if plural in kinds), ("", "v1", "Pod"))
        return {"apiVersion": f"{group}/{version}".strip("/"), "kind": kind, "metadata": {"name": name, "namespace": namespace}}

    def told(self):
        """Waits until the client knows of the last change."""
        last = self.version
        self.wait(lambda: self.delivered >= last)

    def remove(self, plural, namespace, name):
        with self.changed:
            gone = self.objects.pop((plural, namespace, name))
            self.tell("DELETED", plural, namespace, gone)

    def forget_history(self):
        """Watches from any version up to now answer 410."""
        with self.changed:
            self.tell(None, None, None, None)
            self.oldest = self.version

    def break_watches(self):
        """Ends each open watch in the middle of the stream."""
        with self.changed:
            self.generation += 1
            self.changed.notify_all()

    # What it does

    def store(self, plural, namespace, name, new):
        old = self.objects.get((plural, namespace, name))
        metadata = new["metadata"]
        if old is None:
            metadata.update(uid=str(uuid.uuid4()), creationTimestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), generation=1, resourceVersion="")
        elif old.get("spec") != new.get("spec"):
            metadata["generation"] += 1
        elif old == new:
            return old
        self.objects[plural, namespace, name] = new
        self.tell("ADDED" if old is None else "MODIFIED", plural, namespace, new)
        return new

    def tell(self, kind, plural, namespace, thing):
        self.version += 1
        if thing is not None:
            thing["metadata"]["resourceVersion"] = str(self.version)
        self.events.append((self.version, kind, plural, namespace, copy.deepcopy(thing)))
        self.changed.notify_all()

    def allows(self, verb, group, plural, namespace):
        return namespace == self.granted and any(group in rule["apiGroups"] and plural in rule["resources"] and verb in rule["verbs"] for rule in self.rules)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    do_POST = do_PATCH = do_DELETE = do_GET

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        path = urllib.parse.urlsplit(self.path)
        try:
            self.reply(200, self.result(path.path, dict(urllib.parse.parse_qsl(path.query)), body))
        except Refusal as refusal:
            self.reply(refusal.code, refusal.status, refusal.headers)
        except ConnectionError:
            self.close_connection = True

    def reply(self, code, what, headers=()):
        if what is None:
            return
        text = json.dumps(what).encode()
        self.send_response(code)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def result(self, path, query, body):
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "Unauthorized", "Unauthorized")
        api = self.server
        if path == "/apis/" or path == "/apis":
            self.fault("discover", "apis")
            return self.groups()
        if found := re.fullmatch(r"/apis/([^/]+)/([^/]+)/?", path):
            return self.kinds(*found.groups())
        if path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
            asked = body["spec"]["resourceAttributes"]
            allowed = api.allows(asked["verb"], asked.get("group", ""), asked["resource"], asked["namespace"])
            return {**body, "status": {"allowed": allowed}}
        if found := SINGLE.match(path):
            return self.resource(query, body, **found.groupdict(default=""))
        raise Refusal(404, "NotFound", "the server could not find the requested resource")

    def groups(self):
        versions = collections.defaultdict(list)
        for group, version in [("apps", "v1"), *self.server.resources]:
            versions[group].append({"groupVersion": f"{group}/{version}", "version": version})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": group, "versions": them, "preferredVersion": them[0]} for group, them in versions.items()]}

    def kinds(self, group, version):
        if (group, version) not in self.server.resources:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}", "resources": [
            {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": ["create", "delete", "get", "list", "patch", "watch"]}
            for plural, kind in self.server.resources[group, version].items()]}

    def fault(self, verb, plural):
        if waiting := self.server.faults[verb, plural]:
            wrong = waiting.pop(0)
            if wrong == "hang up":
                raise ConnectionResetError
            raise Refusal(wrong[0], "Fault", "as the test wants it", wrong[1] if len(wrong) > 1 else ())

    def resource(self, query, body, group, version, namespace, plural, name):
        api = self.server
        known = api.resources.get((group, version), {}) if group else {"pods": "Pod"}
        if plural not in known:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        verb = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}.get(self.command) or ("get" if name else "watch" if query.get("watch") in ("true", "True", "1") else "list")
        with api.changed:
            api.asked.append((verb, plural, namespace))
            api.changed.notify_all()
        if not api.allows(verb, group, plural, namespace):
            raise Refusal(403, "Forbidden", f'{plural}.{group} is forbidden: User "system:serviceaccount:team-a:step" cannot {verb} resource "{plural}" in the namespace "{namespace}"')
        api.used.add((group, plural, verb))
        self.fault(verb, plural)
        if verb == "watch":
            return self.watch(query, plural, namespace)
        with api.changed:
            if verb == "create":
                made = self.create(body, group, version, known[plural], plural, namespace)
                self.fault("created", plural)
                return made
            if verb == "list":
                found = [copy.deepcopy(one) for (of, where, _), one in api.objects.items() if (of, where) == (plural, namespace) and selects(query, one)]
                api.delivered = max(api.delivered, api.version) if plural not in ("pods", "trials") else api.delivered
                api.changed.notify_all()
                return {"kind": known[plural] + "List", "apiVersion": f"{group}/{version}".strip("/"), "metadata": {"resourceVersion": str(api.version)}, "items": found}
            if (plural, namespace, name) not in api.objects:
                raise Refusal(404, "NotFound", f'{plural}.{group} "{name}" not found')
            now = api.objects[plural, namespace, name]
            if verb == "get":
                return now
            return self.delete(body, now, plural, namespace, name) if verb == "delete" else self.patch(body, now, group, known[plural], plural, namespace, name)

    def create(self, body, group, version, kind, plural, namespace):
        api, metadata = self.server, body.get("metadata", {})
        if (body.get("apiVersion"), body.get("kind")) != (f"{group}/{version}", kind):
            raise Refusal(400, "BadRequest", f"{body.get('apiVersion')} {body.get('kind')} does not match {group}/{version} {kind}")
        if metadata.get("namespace", namespace) != namespace:
            raise Refusal(400, "BadRequest", "the namespace of the object does not match the namespace of the request")
        if namespace not in api.namespaces:
            raise Refusal(404, "NotFound", f'namespaces "{namespace}" not found')
        self.validate(kind, body)
        name = metadata["name"]
        if there := api.objects.get((plural, namespace, name)):
            raise Refusal(409, "AlreadyExists", f'{"object is being deleted: " if "deletionTimestamp" in there["metadata"] else ""}{plural}.{group} "{name}" already exists')
        metadata["namespace"] = namespace
        return api.store(plural, namespace, name, schemas.defaulted(group, kind, body))

    def patch(self, body, now, group, kind, plural, namespace, name):
        if self.headers["Content-Type"] != "application/merge-patch+json":
            raise Refusal(415, "UnsupportedMediaType", f"the body of the request was in an unknown format - {self.headers['Content-Type']}")
        new = merged(copy.deepcopy(now), body)
        self.validate(kind, new)
        return self.server.store(plural, namespace, name, schemas.defaulted(group, kind, new))

    def delete(self, body, now, plural, namespace, name):
        api, wanted = self.server, ((body or {}).get("preconditions") or {}).get("uid")
        if wanted and wanted != now["metadata"]["uid"]:
            raise Refusal(409, "Conflict", f"Precondition failed: UID in precondition: {wanted}, UID in object meta: {now['metadata']['uid']}")
        if now["metadata"].get("finalizers"):
            now["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            api.tell("MODIFIED", plural, namespace, now)
        else:
            api.remove(plural, namespace, name)
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"name": name, "uid": now["metadata"]["uid"]}}

    def validate(self, kind, body):
        if wrong := schemas.wrong_with(kind, body):
            raise Refusal(422, "Invalid", f'{kind} "{body["metadata"].get("name")}" is invalid: {"; ".join(wrong)}')

    def watch(self, query, plural, namespace):
        api = self.server
        since = int(query["resourceVersion"])
        gone = {"type": "ERROR", "object": Refusal(410, "Expired", f"too old resource version: {since} ({api.oldest})").status}
        if since < api.oldest and api.gone_as_status:
            raise Refusal(410, "Expired", "too old resource version")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        end = time.monotonic() + int(query["timeoutSeconds"]) / api.speed
        with api.changed:
            generation = api.generation
            api.open_watches += 1
            api.watches += 1
            api.changed.notify_all()
        try:
            while True:
                with api.changed:
                    if since < api.oldest:
                        self.chunk(gone)
                        break
                    api.changed.wait_for(lambda: api.version > since or api.generation > generation or api.oldest > since, max(0, end - time.monotonic()))
                    if api.generation > generation:
                        raise ConnectionResetError
                    if since < api.oldest:
                        continue
                    fresh = [event for event in api.events if event[0] > since]
                for version, kind, of, where, thing in fresh:
                    if (of, where) == (plural, namespace) and selects(query, thing):
                        self.chunk({"type": kind, "object": thing})
                    since = version
                with api.changed:
                    api.delivered = max(api.delivered, since)
                    api.changed.notify_all()
                if time.monotonic() >= end:
                    if query.get("allowWatchBookmarks"):
                        self.chunk({"type": "BOOKMARK", "object": {"kind": "Bookmark", "metadata": {"resourceVersion": str(since)}}})
                    break
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            self.close_connection = True
            self.wfile.flush()
        finally:
            with api.changed:
                api.open_watches -= 1
                api.changed.notify_all()

    def chunk(self, what):
        text = json.dumps(what).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
        self.wfile.flush()


def selects(query, thing):
    for selector in filter(None, query.get("fieldSelector", "").split(",")):
        field, _, value = selector.partition("=")
        if field != "metadata.name" or thing["metadata"]["name"] != value:
            return False
    labels = thing["metadata"].get("labels", {})
    return all(labels.get(key) == value if same else key in labels
               for key, same, value in (selector.partition("=") for selector in filter(None, query.get("labelSelector", "").split(","))))


def merged(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    target = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merged(target.get(key), value)
    return target


@contextlib.contextmanager
def running(resources, role, granted, speed=1):
    with KubernetesApi(resources, role, granted, speed) as api:
        threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield api
        api.break_watches()
        api.shutdown()
