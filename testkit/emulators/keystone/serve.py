"""OpenStack Keystone, and a Swift that believes it: `serve.py DIR HOST PORT SWIFT_SERVE [SWIFT_PORT]`.

Keystone's own code, on SQLite, with what tests log in as: user demo (demopass) with the role member in
project demo, and an application credential of that user. SWIFT_SERVE is Swift's serve.py; what it
starts ends with this process. The catalog names Swift at 127.0.0.1, wherever Keystone listens.
Nothing is served before all of that is there.
"""

import base64
import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

CREDENTIAL, SECRET = "etcdbr-credential", "etcdbr-credential-secret"
ADMIN = {"name": "admin", "password": "adminpass", "domain": {"id": "default"}}
DEMO = {"name": "demo", "password": "demopass", "domain": {"id": "default"}}

CONF = """
[DEFAULT]
log_dir = {dir}
use_stderr = false
[database]
connection = sqlite:///{dir}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {dir}/fernet-keys
[fernet_receipts]
key_repository = {dir}/fernet-keys
[credential]
key_repository = {dir}/credential-keys
[identity]
# Fewer would be refused. A safe hash is slow on purpose, and these passwords guard nothing.
password_hash_rounds = 4
"""


def manage(conf, *command):
    """keystone-manage, in a process of its own: it sets up the configuration for one command."""
    code = "import sys; from keystone.cmd.cli import main; main(sys.argv)"
    argv = [sys.executable, "-s", "-c", code, "--config-file", conf, *command]
    subprocess.run(argv, check=True)


def write_keys(directory):
    """Key repositories as keystone-manage would make them, without its wish for another user."""
    os.makedirs(directory, mode=0o700)
    for name in ("0", "1"):
        with open(os.path.join(directory, name), "wb") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def end_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start_swift(serve, dir, host, port, keystone):
    argv = [sys.executable, "-s", serve, dir, host, str(port), keystone]
    swift = subprocess.Popen(argv, preexec_fn=end_with_parent)
    while True:
        try:
            url = "http://127.0.0.1:%d/healthcheck" % port
            return urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            if swift.poll() is not None:
                raise SystemExit("swift has ended")
            time.sleep(0.1)


class Seed:
    """What an operator sets up, through the API and without a network."""

    def __init__(self, application):
        from werkzeug.test import Client

        self.client = Client(application)
        self.token = None

    def login(self, user, project):
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": project, "domain": {"id": "default"}}}
        body = {"auth": {"identity": identity, "scope": scope}}
        reply = self.client.post("/v3/auth/tokens", json=body)
        assert reply.status_code == 201, reply.text
        self.token = reply.headers["X-Subject-Token"]
        return reply.json["token"]

    def call(self, method, path, body=None):
        headers = {"X-Auth-Token": self.token}
        reply = self.client.open("/v3" + path, method=method, json=body, headers=headers)
        assert reply.status_code < 300, (method, path, reply.text)
        return reply.json

    def find(self, kind, name):
        return self.call("GET", "/%ss?name=%s" % (kind, name))[kind + "s"][0]["id"]

    def make(self, kind, **fields):
        return self.call("POST", "/%ss" % kind, {kind: fields})[kind]["id"]

    def member(self, user, project, role):
        path = "/projects/%s/users/%s/roles/%s" % (project, user, role)
        self.call("PUT", path)


def seed(application, swift_port):
    seed = Seed(application)
    seed.login(ADMIN, "admin")
    service = seed.make("service", type="object-store", name="swift")
    url = "http://127.0.0.1:%d/v1/AUTH_%%(tenant_id)s" % swift_port
    for interface in ("public", "internal", "admin"):
        seed.make(
            "endpoint",
            service_id=service,
            interface=interface,
            region_id="RegionOne",
            url=url,
        )
    services = seed.make("project", name="service", domain_id="default")
    swift = seed.make("user", name="swift", password="swiftpass", domain_id="default")
    # It looks at the tokens of others.
    seed.member(swift, services, seed.find("role", "admin"))
    seed.member(swift, services, seed.find("role", "service"))
    project = seed.make("project", name="demo", domain_id="default")
    demo = seed.make("user", name="demo", password="demopass", domain_id="default")
    seed.member(demo, project, seed.find("role", "member"))
    seed.login(DEMO, "demo")
    credential = {"name": CREDENTIAL, "secret": SECRET, "roles": [{"name": "member"}]}
    path = "/users/%s/application_credentials" % demo
    seed.call("POST", path, {"application_credential": credential})


def main(dir, host, port, swift_serve, swift_port=0):
    dir = os.path.abspath(dir)
    conf = os.path.join(dir, "keystone.conf")
    with open(conf, "w") as file:
        file.write(CONF.format(dir=dir))
    for repository in ("fernet-keys", "credential-keys"):
        write_keys(os.path.join(dir, repository))
    manage(conf, "db_sync")
    with sqlite3.connect(os.path.join(dir, "keystone.db")) as database:
        # Readers and a writer do not lock each other out then.
        database.execute("PRAGMA journal_mode=WAL")
    public = "http://127.0.0.1:%s/v3" % port
    manage(
        conf, "bootstrap",
        "--bootstrap-password", ADMIN["password"],
        "--bootstrap-region-id", "RegionOne",
        "--bootstrap-public-url", public,
        "--bootstrap-internal-url", public,
        "--bootstrap-admin-url", public,
    )
    # Where the application looks for keystone.conf.
    os.environ["OS_KEYSTONE_CONFIG_DIR"] = dir
    sys.argv = sys.argv[:1]
    from keystone.server.wsgi import initialize_public_application

    application = initialize_public_application()
    swift_port = int(swift_port) or free_port()
    start_swift(swift_serve, os.path.join(dir, "swift"), host, swift_port, public)
    seed(application, swift_port)

    from waitress import serve

    serve(application, host=host, port=int(port), threads=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
