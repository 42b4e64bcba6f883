"""The requests of the SDK's registry client."""
import json
import os
import urllib.request

CONFIG = os.path.expanduser("~/.config/kfp/")


class ApiAuth:
    def __init__(self, token):
        self.token = token


class RegistryClient:
    def __init__(self, host, auth=None):
        self.config = {}
        if host is None:
            with open(CONFIG + "registry_context.json", encoding="utf-8") as file:
                self.config = json.load(file)
            host = self.config["host"]
        if auth is None and os.path.exists(CONFIG + "registry_credentials.json"):
            with open(CONFIG + "registry_credentials.json", encoding="utf-8") as file:
                auth = ApiAuth(json.load(file))
        self.host, self.auth = host, auth

    def ask(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.auth is not None:
            headers["authorization"] = "Bearer " + self.auth.token
        with urllib.request.urlopen(urllib.request.Request(self.host + path, body, headers, method=method)) as answer:
            return answer.read()

    def upload_pipeline(self, file_name, tags=None, extra_headers=None):
        boundary = "c1a13ed"
        with open(file_name, "rb") as file:
            content = file.read()
        tags = tags if isinstance(tags, str) or tags is None else ",".join(tags)
        field = f'--{boundary}\r\nContent-Disposition: form-data; name="tags"\r\n\r\n{tags}\r\n'.encode() if tags else b""
        body = field + f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{file_name}"\r\n\r\n'.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        answer = self.ask("POST", "", body, {"Content-Type": f"multipart/form-data; boundary={boundary}", **(extra_headers or {})})
        package, version = answer.decode().split("/")
        return package, version

    def list_packages(self):
        return json.loads(self.ask("GET", "/packages"))["packages"]

    def list_tags(self, package):
        return json.loads(self.ask("GET", f"/packages/{package}/tags"))["tags"]

    def create_tag(self, package, version, tag):
        body = json.dumps({"name": "", "version": f"packages/{package}/versions/{version}"}).encode()
        return json.loads(self.ask("POST", f"/packages/{package}/tags?tagId={tag}", body, {"Content-type": "application/json"}))

    def delete_tag(self, package, tag):
        return json.loads(self.ask("DELETE", f"/packages/{package}/tags/{tag}"))

    def download_pipeline(self, package, tag, file_name):
        content = self.ask("GET", f"/{package}/{tag}")
        with open(file_name, "wb") as file:
            file.write(content)
        return file_name
