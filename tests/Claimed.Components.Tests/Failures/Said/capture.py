"""Has Docker and Podman fail in many ways and keeps what they say: capture.py SOCKET FOLDER. Needs the base images python and shell in the engine."""
import http.server, io, json, os, socket, ssl, subprocess, sys, tarfile, tempfile, threading, urllib.parse

SOCKET, FOLDER = sys.argv[1:3]
PYTHON, SHELL = "claimed/base-python:1", "claimed/base-shell:1"


def archive(files, compress=False):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz" if compress else "w") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


PACKAGES = {
    "small-1.0.tar.gz": archive({"small-1.0/setup.py": "from setuptools import setup\nsetup(name='small', version='1.0', py_modules=[])\n",
                                 "small-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n"}, True),
    "fast-1.0.tar.gz": archive({"fast-1.0/setup.py": "from setuptools import setup, Extension\nsetup(name='fast', version='1.0', ext_modules=[Extension('fast', ['fast.c'])])\n",
                                "fast-1.0/fast.c": "#include <Python.h>\n", "fast-1.0/PKG-INFO": "Metadata-Version: 2.1\nName: fast\nVersion: 1.0\n"}, True),
}


class Index(http.server.BaseHTTPRequestHandler):
    """A package index, and a registry of images that has none."""

    def do_GET(self):
        name = self.path.rstrip("/").split("/")[-1]
        if self.path.startswith("/v2/") and len(self.path) > 4:
            return self.answer(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}', "application/json")
        if self.path.startswith("/v2/"):
            return self.answer(200, b"{}", "application/json")
        if name in PACKAGES:
            return self.answer(200, PACKAGES[name], "application/gzip")
        files = [file for file in PACKAGES if file.startswith(name + "-")]
        if name == "newer":
            return self.answer(200, b'<a href="/files/newer-1.0.tar.gz" data-requires-python="&gt;=3.99">newer-1.0.tar.gz</a>', "text/html")
        if not files:
            return self.answer(404, b"not found", "text/plain")
        self.answer(200, "".join(f'<a href="/files/{file}">{file}</a>' for file in files).encode(), "text/html")

    do_HEAD = do_GET

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(secure=False):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    if secure:
        folder = tempfile.mkdtemp()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key", "-out", f"{folder}/cert", "-days", "1",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/cert", f"{folder}/key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


PORT, SECURE = serve(), serve(secure=True)
INDEX = f"http://127.0.0.1:{PORT}/simple/"


def pip(*packages, index=INDEX, flags=()):
    return (f"FROM {PYTHON}\nUSER 0\nARG PIP_INDEX_URL={index}\nENV PIP_RETRIES=1\n"
            f"RUN {json.dumps(['python', '-m', 'pip', 'install', '--no-cache-dir', '--disable-pip-version-check', *flags, '--', *packages], separators=(',', ':'))}\n")


CASES = {
    "unknown-package": pip("small", "nosuchpackage==1.0"),
    "unknown-version": pip("small==9.9"),
    "newer-python": pip("newer"),
    "no-network": pip("small", index="https://index.invalid/simple/"),
    "untrusted": pip("small", index=f"https://localhost:{SECURE}/simple/"),
    "no-compiler": pip("small", "fast", flags=["--no-build-isolation"]),
    "no-python": f'FROM {SHELL}\nUSER 0\nRUN ["python","-m","pip","install","--","small"]\n',
    "no-pip": f'FROM {PYTHON}\nUSER 0\nRUN ["python","-S","-m","pip","install","--","small"]\n',
    "apt-unknown": f'FROM {PYTHON}\nUSER 0\nRUN ["sh","-c","apt-get install --yes --no-install-recommends \\"$@\\"","apt","--","nosuchtool"]\n',
    "apt-no-network": f'FROM {PYTHON}\nUSER 0\nRUN ["sh","-c","rm -rf /etc/apt/sources.list.d; echo deb http://deb.invalid/debian bookworm main > /etc/apt/sources.list; apt-get update && apt-get install --yes \\"$@\\"","apt","--","graphviz"]\n',
    "out-of-memory": f'FROM {PYTHON}\nRUN python -c "print(1, flush=True); x = bytearray(400_000_000); print(len(x))"\n',
    "disk-full": f"FROM {SHELL}\nRUN echo words && cat /etc/os-release > /dev/full\n",
    "permission": f"FROM {SHELL}\nUSER 1000:0\nRUN mkdir /opt/tool\n",
    "no-command": f"FROM {SHELL}\nRUN make all\n",
    "exit-3": f"FROM {SHELL}\nRUN echo before \\\n && exit 3\n",
    "copy-missing": f"FROM {SHELL}\nCOPY nowhere.txt /opt/\n",
    "no-instruction": f"FROM {SHELL}\nRUNN true\n",
    "base-not-found": f"FROM 127.0.0.1:{PORT}/team/none:1\nRUN true\n",
    "base-unreachable": "FROM registry.invalid/team/none:1\nRUN true\n",
}


def build(dockerfile, memory=0):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        body = archive({"Dockerfile": dockerfile, "here.txt": "here\n"})
        query = urllib.parse.urlencode({"dockerfile": "Dockerfile", "rm": 1, "tlsVerify": "false", "forcerm": 1, "nocache": 1, "networkmode": "host", **({"memory": memory, "memswap": memory} if memory else {})})
        connection.sendall(f"POST /build?{query} HTTP/1.0\r\nHost: engine\r\nContent-Type: application/x-tar\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
    return answer.split(b"\r\n\r\n", 1)[1].decode()


os.makedirs(FOLDER, exist_ok=True)
for name, dockerfile in CASES.items():
    said = build(dockerfile, 64 << 20 if name == "out-of-memory" else 0)
    lines = [line for line in said.replace("}\r\n", "}\n").splitlines() if line.startswith("{")]
    text = dockerfile + "---\n" + "".join(line + "\n" for line in lines)
    text = text.replace(f":{PORT}", ":5000").replace(f":{SECURE}", ":5443")
    open(os.path.join(FOLDER, name + ".txt"), "w").write(text)
    print("==", name, [json.loads(line).get("error") for line in lines if "error" in line][:2] or said[-300:])
