"""A login in the shape of Keystone's Identity API v3, as a filter in Swift's proxy.

POST /v3/auth/tokens by password or by application credential, DELETE /v3/auth/tokens, and the check of
X-Auth-Token on every request for an account. It is NOT Keystone: it knows one user, and shows no more
than that a client sends what the Identity API asks for. `POST /etcdbr/revoke-all` is ours: it makes
every token that was given out invalid, which an operator does by changing a password.
"""

import json
import time
import uuid

from swift.common.swob import HTTPForbidden, HTTPUnauthorized, Request, Response

USER, PASSWORD, PROJECT, DOMAIN = "demo", "demopass", "demo", "Default"
USER_ID = "3f5f0f7a5c1d4b0c9d3f0a1b2c3d4e5f"
PROJECT_ID = uuid.uuid5(uuid.NAMESPACE_DNS, PROJECT).hex
CREDENTIAL_ID, CREDENTIAL, SECRET = (
    "etcdbr-credential-id",
    "etcdbr-credential",
    "etcdbr-credential-secret",
)
REGION = "RegionOne"
LIFE = 3600


def is_default_domain(domain):
    return domain in ({"name": DOMAIN}, {"id": "default"})


def is_user(user):
    if "id" in user:
        return user["id"] == USER_ID
    return user.get("name") == USER and is_default_domain(user.get("domain"))


def is_project(project):
    if "id" in project:
        return project["id"] == PROJECT_ID
    return project.get("name") == PROJECT and is_default_domain(project.get("domain"))


def is_known(auth):
    identity = auth["identity"]
    if identity["methods"] == ["password"]:
        user = identity["password"]["user"]
        project = auth.get("scope", {}).get("project", {})
        return is_user(user) and user["password"] == PASSWORD and is_project(project)
    if identity["methods"] == ["application_credential"]:
        # It is bound to its project: the Identity API refuses a scope beside it.
        credential = identity["application_credential"]
        by_name = credential.get("name") == CREDENTIAL and is_user(
            credential.get("user", {})
        )
        known = by_name or credential.get("id") == CREDENTIAL_ID
        return known and credential["secret"] == SECRET and "scope" not in auth
    return False


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(seconds))


def answer(status, body=None, headers=None):
    text = json.dumps(body).encode() if body is not None else b""
    return Response(
        status=status, body=text, content_type="application/json", headers=headers or {}
    )


def refusal(status, title, message):
    return answer(status, {"error": {"code": status, "title": title, "message": message}})


class Login:
    def __init__(self, app):
        self.app = app
        self.tokens = {}

    def __call__(self, env, start_response):
        request = Request(env)
        if request.path == "/etcdbr/revoke-all" and request.method == "POST":
            self.tokens.clear()
            return answer(204)(env, start_response)
        if request.path == "/v3/auth/tokens":
            return self.token(request)(env, start_response)
        if request.path in ("/v3", "/v3/"):
            return self.version(request)(env, start_response)
        if request.path.startswith("/v1/") and not env.get("swift.authorize_override"):
            env["swift.authorize"] = self.authorize
        return self.app(env, start_response)

    def token(self, request):
        if request.method == "DELETE":
            known = self.tokens.pop(request.headers.get("X-Subject-Token"), None)
            return answer(204) if known else refusal(404, "Not Found", "no such token")
        try:
            auth = json.loads(request.body)["auth"]
            known = is_known(auth)
        except (KeyError, TypeError, ValueError) as error:
            return refusal(400, "Bad Request", "what is sent is no login: %r" % error)
        if not known:
            message = "The request you have made requires authentication."
            return refusal(401, "Unauthorized", message)
        now, token = time.time(), uuid.uuid4().hex
        self.tokens[token] = now + LIFE
        body = describe(auth["identity"]["methods"], now, whence(request))
        return answer(201, {"token": body}, {"X-Subject-Token": token})

    def version(self, request):
        link = {"rel": "self", "href": request.host_url + "/v3/"}
        version = {"id": "v3.14", "status": "stable", "links": [link]}
        return answer(200, {"version": version})

    def authorize(self, request):
        token = request.headers.get("X-Auth-Token")
        if self.tokens.get(token, 0) <= time.time():
            return HTTPUnauthorized(request=request)
        if request.path.split("/")[2] != "AUTH_" + PROJECT_ID:
            return HTTPForbidden(request=request)
        request.environ["swift_owner"] = True
        return None


def whence(request):
    """Where the client came from. A proxy that speaks TLS to it says so."""
    scheme, host = request.host_url.split("://", 1)
    return "%s://%s" % (request.headers.get("X-Forwarded-Proto", scheme), host)


def describe(methods, now, base):
    """What a token is good for. The catalog names the host that the client came to: behind a proxy
    that is the proxy, and the client stays behind it."""
    domain = {"id": "default", "name": DOMAIN}
    url = "%s/v1/AUTH_%s" % (base, PROJECT_ID)
    regions = [(REGION, url), ("RegionTwo", "http://127.0.0.1:9/v1/nobody")]
    endpoints = [
        dict(id=region + kind, interface=kind, region=region, region_id=region, url=url)
        for region, url in regions
        for kind in ("public", "internal", "admin")
    ]
    return {
        "methods": methods,
        "user": {"id": USER_ID, "name": USER, "domain": domain},
        "project": {"id": PROJECT_ID, "name": PROJECT, "domain": domain},
        "roles": [{"id": "member", "name": "member"}],
        "issued_at": stamp(now),
        "expires_at": stamp(now + LIFE),
        "audit_ids": ["etcdbr"],
        "catalog": [
            {"id": "swift", "name": "swift", "type": "object-store", "endpoints": endpoints}
        ],
    }


def filter_factory(global_conf, **local_conf):
    return Login
