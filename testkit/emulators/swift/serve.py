"""OpenStack Swift, whole, in one process on the loopback: `serve.py DIR HOST PORT [KEYSTONE_URL]`.

The object store is Swift's own code: proxy, account, container and object server, one replica on one
"device" that is a directory. Swift's launcher would make a process of each; for tests one is enough,
and one is easily stopped. Without KEYSTONE_URL the login is `login.py` beside this file. With it
Swift asks that Keystone, as an installation does.
"""

import os
import sys

from swift.common import utils

# Before anything else is imported that holds on to sockets, locks or threads.
utils.monkey_patch()

import eventlet
from eventlet import wsgi
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingBuilder
from swift.common.wsgi import loadapp

STORAGE = ("account", "container", "object")

SWIFT_CONF = """
[swift-hash]
swift_hash_path_prefix = etcdbr
swift_hash_path_suffix = etcdbr
[storage-policy:0]
name = Policy-0
default = yes
"""

DEFAULTS = """
[DEFAULT]
swift_dir = {etc}
devices = {devices}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_address = {dir}/no-syslog
log_level = WARNING
"""

STORAGE_CONF = DEFAULTS + """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
# Nobody reads the lines, and a tenth of the time went into making them.
log_requests = false
"""

PROXY_CONF = DEFAULTS + """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats bulk {login} copy slo dlo versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:login]
paste.filter_factory = login:filter_factory
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = swift
password = swiftpass
delay_auth_decision = true
include_service_catalog = false
service_token_roles_required = true
# Not kept for minutes: a token that was revoked is refused at once.
token_cache_time = -1
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = member
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
"""


def write_ring(etc, kind, port):
    """One partition would do; Swift's own examples use small powers of two."""
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    builder.add_dev(
        dict(region=1, zone=1, ip="127.0.0.1", port=port, device="d1", weight=1)
    )
    builder.rebalance(seed="etcdbr")
    builder.get_ring().save(os.path.join(etc, kind + ".ring.gz"))


def serve(socket, conf):
    app = loadapp(conf, global_conf={"log_name": os.path.basename(conf)})
    wsgi.server(
        socket,
        app,
        log_output=False,
        protocol=SwiftHttpProtocol,
        # Swift spells its headers itself.
        capitalize_response_headers=False,
        url_length_limit=16384,
    )


def main(dir, host, port, keystone=""):
    dir = os.path.abspath(dir)
    etc, devices = os.path.join(dir, "etc"), os.path.join(dir, "devices")
    os.makedirs(etc)
    os.makedirs(os.path.join(devices, "d1"))
    with open(os.path.join(etc, "swift.conf"), "w") as file:
        file.write(SWIFT_CONF)
    utils.set_swift_dir(etc)
    utils.disable_fallocate()
    utils.FALLOCATE_RESERVE, utils.FALLOCATE_IS_PERCENT = 0, False

    servers = []
    for kind in STORAGE:
        socket = eventlet.listen(("127.0.0.1", 0))
        write_ring(etc, kind, socket.getsockname()[1])
        conf = STORAGE_CONF.format(dir=dir, etc=etc, devices=devices, kind=kind)
        servers.append((socket, kind, conf))
    login = "authtoken keystoneauth" if keystone else "login"
    conf = PROXY_CONF.format(
        dir=dir, etc=etc, devices=devices, login=login, keystone=keystone
    )
    servers.append((eventlet.listen((host, int(port)), backlog=512), "proxy", conf))

    threads = []
    for socket, kind, conf in servers:
        path = os.path.join(etc, kind + "-server.conf")
        with open(path, "w") as file:
            file.write(conf)
        threads.append(eventlet.spawn(serve, socket, path))
    # One that fails takes the rest with it: half a Swift helps nobody.
    for thread in threads:
        thread.link(lambda thread: os._exit(1))
    for thread in threads:
        thread.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
