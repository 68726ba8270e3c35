"""`client.py FUNCTION ENDPOINT [SIGNATURE]`: one check of the emulator by the vendor's client."""

import sys
import time
from xml.etree import ElementTree

import oss2
from oss2 import exceptions

ENDPOINT = sys.argv[2]
PART = 100 * 1024
# Keys that are easily spoiled on the way into a URL, a signature or XML and back.
KEYS = [
    "plain",
    "with space",
    "plus+and%25percent",
    "a/b//c",
    "a/./b",
    "question?mark&and=equals#hash",
    "quote'\"<tag>&amp;",
    "umlaut-\u00e4\u00f6\u00fc-\u4e2d\u6587-\U0001f600",
    "~tilde!(paren)*star",
]


def auth(signature, id="etcdbr-test", secret="etcdbr-test-secret"):
    if signature == "v1":
        return oss2.Auth(id, secret)
    if signature == "v4":
        return oss2.AuthV4(id, secret)
    session = ("STS.session", "session-secret", "session-token")
    version = {"sts-v1": oss2.AUTH_VERSION_1, "sts-v4": oss2.AUTH_VERSION_4}[signature]
    return oss2.StsAuth(*session, auth_version=version)


def bucket(who, name="bucket", **kw):
    return oss2.Bucket(who, ENDPOINT, name, region="cn-hangzhou", **kw)


def fresh(signature, name):
    """A bucket of this signature's own."""
    made = bucket(auth(signature), "%s-%s" % (name, signature))
    made.create_bucket()
    return made


def refused(error, code, status, work, *args, **kw):
    try:
        work(*args, **kw)
    except exceptions.ServerError as refusal:
        assert isinstance(refusal, error), refusal
        assert (refusal.code, refusal.status) == (code, status), refusal
        assert refusal.request_id, refusal
        return refusal
    raise AssertionError("%s should be refused as %s" % (work, code))


def objects(signature):
    b = fresh(signature, "objects")
    for key in KEYS:
        # The client compares the CRC of the reply with that of what it has sent and read.
        headers = {"x-oss-meta-who": "etcdbr", "Content-Type": "text/plain"}
        put = b.put_object(key, key.encode(), headers=headers)
        got = b.get_object(key)
        assert got.read() == key.encode()
        assert got.headers["x-oss-meta-who"] == "etcdbr"
        assert got.etag == put.etag == put.etag.upper()
        head = b.head_object(key)
        assert head.content_length == len(key.encode())
        assert head.object_type == "Normal" and abs(head.last_modified - time.time()) < 60
        b.delete_object(key)
        b.delete_object(key)
        assert not b.object_exists(key)
        refused(exceptions.NoSuchKey, "NoSuchKey", 404, b.get_object, key)
        # Without a body: the client reads the code from a header.
        refused(exceptions.NotFound, "NoSuchKey", 404, b.head_object, key)
    b.put_object("empty", b"")
    assert b.get_object("empty").read() == b""
    # A body whose length is not known goes in chunks.
    b.put_object("chunked", (piece for piece in [b"abc", b"def"]))
    assert b.get_object("chunked").read() == b"abcdef"
    damaged = {"Content-MD5": oss2.utils.content_md5(b"other")}
    refused(exceptions.ServerError, "InvalidDigest", 400, b.put_object, "k", b"x", headers=damaged)
    b.put_object("k", b"x", headers={"Content-MD5": oss2.utils.content_md5(b"x")})
    refused(exceptions.ServerError, "BucketNotEmpty", 409, b.delete_bucket)
    missing = bucket(auth(signature), "missing")
    refused(exceptions.NoSuchBucket, "NoSuchBucket", 404, missing.get_object, "k")


def ranges(signature):
    b = fresh(signature, "ranges")
    body = bytes(i % 251 for i in range(1000))
    b.put_object("k", body)

    def read(first, last, standard=False):
        headers = {"x-oss-range-behavior": "standard"} if standard else {}
        got = b.get_object("k", byte_range=(first, last), headers=headers)
        return got.status, got.read()

    assert read(0, 499) == (206, body[:500])
    assert read(500, None) == (206, body[500:])
    assert read(None, 1) == (206, body[-1:])
    # Beyond the end a range has no effect, unless the standard is asked for.
    assert read(500, 1000) == (200, body)
    assert read(1000, 1001) == (200, body)
    assert read(500, 1000, standard=True) == (206, body[500:])
    refused(exceptions.ServerError, "InvalidRange", 416, read, 1000, 1001, standard=True)
    etag = b.head_object("k").etag
    same = {"If-Match": '"%s"' % etag}
    assert b.get_object("k", byte_range=(1, 2), headers=same).read() == body[1:3]
    b.put_object("k", b"other")
    refused(exceptions.PreconditionFailed, "PreconditionFailed", 412, b.get_object, "k", headers=same)


def uploads(signature):
    b = fresh(signature, "uploads")
    for key in KEYS:
        upload = b.init_multipart_upload(key).upload_id
        bodies = [b"a" * PART, b"b" * PART, b"c"]
        # In any order, and again.
        parts = [
            oss2.models.PartInfo(n, b.upload_part(key, upload, n, bodies[n - 1]).etag)
            for n in (3, 1, 2, 2)
        ]
        parts = {part.part_number: part for part in parts}
        listed = b.list_parts(key, upload, max_parts=2)
        assert [p.part_number for p in listed.parts] == [1, 2] and listed.is_truncated
        listed = b.list_parts(key, upload, marker=listed.next_marker, max_parts=2)
        assert [(p.part_number, p.size) for p in listed.parts] == [(3, 1)]
        assert not listed.is_truncated and not b.object_exists(key)
        done = b.complete_multipart_upload(key, upload, list(parts.values()))
        got = b.get_object(key)
        assert got.read() == b"".join(bodies) and got.etag == done.etag == done.etag.upper()
        assert done.etag.endswith("-3") and b.head_object(key).object_type == "Multipart"
        again = (b.complete_multipart_upload, key, upload, list(parts.values()))
        refused(exceptions.NoSuchUpload, "NoSuchUpload", 404, *again)

    def upload_of(bodies):
        upload = b.init_multipart_upload("bad").upload_id
        numbered = enumerate(bodies, 1)
        parts = [
            oss2.models.PartInfo(n, b.upload_part("bad", upload, n, body).etag)
            for n, body in numbered
        ]
        return upload, parts

    upload, parts = upload_of([b"a" * (PART - 1), b"b"])
    refused(
        exceptions.ServerError, "EntityTooSmall", 400,
        b.complete_multipart_upload, "bad", upload, parts,
    )
    parts[0].etag = "0" * 32
    refused(
        exceptions.ServerError, "InvalidPart", 400,
        b.complete_multipart_upload, "bad", upload, parts,
    )
    b.abort_multipart_upload("bad", upload)
    refused(exceptions.NoSuchUpload, "NoSuchUpload", 404, b.upload_part, "bad", upload, 1, b"x")
    assert not b.object_exists("bad")
    upload, _ = upload_of([b"a"])
    refused(
        exceptions.ServerError, "InvalidArgument", 400, b.upload_part, "bad", upload, 10001, b"x"
    )
    assert [u.upload_id for u in b.list_multipart_uploads().upload_list] == [upload]


def listings(signature):
    b = fresh(signature, "listings")
    keys = sorted(KEYS + ["many/%03d" % n for n in range(250)], key=str.encode)
    for key in keys:
        b.put_object(key, b"x")
    for iterator in (oss2.ObjectIterator, oss2.ObjectIteratorV2):
        assert [o.key for o in iterator(b)] == keys
        assert [o.key for o in iterator(b, max_keys=7)] == keys
        many = [key for key in keys if key.startswith("many/1")]
        assert [o.key for o in iterator(b, prefix="many/1", max_keys=30)] == many
        found = [(o.key, o.is_prefix()) for o in iterator(b, prefix="a/", delimiter="/")]
        assert found == [("a/./", True), ("a/b/", True)], found
        tops = [o.key for o in iterator(b, delimiter="/", max_keys=1)]
        assert "many/" in tops and "plain" in tops and len(tops) == len(KEYS) - 2 + 2, tops
    first = b.list_objects(max_keys=250)
    assert first.is_truncated and first.next_marker and len(first.object_list) == 250
    assert first.object_list[0].size == 1 and first.object_list[0].etag
    assert len(b.list_objects().object_list) == 100
    after = b.list_objects_v2(start_after=keys[-2])
    assert [o.key for o in after.object_list] == keys[-1:]
    refused(exceptions.ServerError, "InvalidArgument", 400, b.list_objects, max_keys=1001)
    refused(exceptions.ServerError, "NotImplemented", 501, b.get_bucket_acl)


def unknown_accounts():
    fresh("v4", "unknown-accounts")
    name = "unknown-accounts-v4"

    def head(who, **kw):
        return lambda: bucket(who, name, **kw).get_object("k")

    refused(exceptions.NoSuchKey, "NoSuchKey", 404, head(auth("v1")))
    for signature in ("v1", "v4"):
        unknown = auth(signature, id="nobody")
        refused(exceptions.ServerError, "InvalidAccessKeyId", 403, head(unknown))
        wrong = auth(signature, secret="wrong")
        refusal = refused(
            exceptions.SignatureDoesNotMatch, "SignatureDoesNotMatch", 403, head(wrong)
        )
        assert refusal.details["StringToSign"]
    for version in (oss2.AUTH_VERSION_1, oss2.AUTH_VERSION_4):
        session = oss2.StsAuth("STS.session", "session-secret", "stale", auth_version=version)
        refused(exceptions.ServerError, "InvalidSecurityToken", 403, head(session))
        bare = oss2.make_auth("STS.session", "session-secret", version)
        refused(exceptions.ServerError, "InvalidAccessKeyId", 403, head(bare))
    refused(exceptions.AccessDenied, "AccessDenied", 403, head(oss2.AnonymousAuth()))
    elsewhere = oss2.Bucket(auth("v4"), ENDPOINT, name, region="cn-beijing")
    refused(
        exceptions.SignatureDoesNotMatch, "SignatureDoesNotMatch", 403, elsewhere.get_object, "k"
    )
    # The client signs with its own clock.
    import datetime

    real = oss2.utils.http_date
    oss2.utils.http_date = lambda: real(int(time.time()) - 16 * 60)
    refused(exceptions.ServerError, "RequestTimeTooSkewed", 403, head(auth("v1")))

    class Fast(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return datetime.datetime.utcnow() + datetime.timedelta(minutes=16)

    oss2.auth.datetime = Fast
    refused(exceptions.ServerError, "RequestTimeTooSkewed", 403, head(auth("v4")))


def overwriting(signature):
    b = fresh(signature, "overwriting")
    forbid = {"x-oss-forbid-overwrite": "true"}
    b.put_object("k", b"first", headers=forbid)
    exists = (exceptions.ServerError, "FileAlreadyExists", 409)
    refused(*exists, b.put_object, "k", b"second", headers=forbid)
    refused(*exists, b.init_multipart_upload, "k", headers=forbid)
    assert b.get_object("k").read() == b"first"
    b.put_object("k", b"third")
    b.put_object("k", b"fourth", headers={"x-oss-forbid-overwrite": "false"})
    upload = b.init_multipart_upload("new", headers=forbid).upload_id
    parts = [oss2.models.PartInfo(1, b.upload_part("new", upload, 1, b"x").etag)]
    b.put_object("new", b"faster")
    complete = (b.complete_multipart_upload, "new", upload, parts)
    refused(*exists, *complete, headers=forbid)
    assert b.get_object("new").read() == b"faster"
    b.complete_multipart_upload("new", upload, parts)
    assert b.get_object("new").read() == b"x"


def retention(signature):
    b = fresh(signature, "retention")
    refused(
        exceptions.ServerError, "NoSuchWORMConfiguration", 404, b.get_bucket_worm
    )
    b.put_object("k", b"x")
    worm = b.init_bucket_worm(1).worm_id
    assert b.get_bucket_worm().state == "InProgress"
    refused(exceptions.ServerError, "FileImmutable", 409, b.delete_object, "k")
    b.abort_bucket_worm()
    b.delete_object("k")
    b.put_object("k", b"x")
    worm = b.init_bucket_worm(1).worm_id
    b.complete_bucket_worm(worm)
    found = b.get_bucket_worm()
    assert (found.worm_id, found.state, found.retention_period_days) == (worm, "Locked", 1)
    assert found.creation_date.endswith("Z")
    refused(exceptions.ServerError, "WORMConfigurationLocked", 409, b.abort_bucket_worm)


def versions(signature):
    b = fresh(signature, "versions")
    forbid = {"x-oss-forbid-overwrite": "true"}
    exists = (exceptions.ServerError, "FileAlreadyExists", 409)
    assert b.get_bucket_versioning().status is None
    b.put_object("k", b"x", headers=forbid)
    refused(*exists, b.put_object, "k", b"y", headers=forbid)
    for status in ["Enabled", "Suspended"]:
        b.put_bucket_versioning(oss2.models.BucketVersioningConfig(status))
        assert b.get_bucket_versioning().status == status
        b.put_object("k", status.encode(), headers=forbid)
        assert b.get_object("k").read() == status.encode()


def retained(signature):
    b = bucket(auth(signature), "retention-" + signature)
    immutable = (exceptions.ServerError, "FileImmutable", 409)
    refused(*immutable, b.delete_object, "k")
    refused(*immutable, b.put_object, "k", b"y")
    refused(*immutable, b.init_multipart_upload, "k")
    b.put_object("new", b"y")
    b.delete_object("missing")


def no_longer_retained(signature):
    b = bucket(auth(signature), "retention-" + signature)
    b.delete_object("k")
    b.put_object("new", b"z")
    b.extend_bucket_worm(b.get_bucket_worm().worm_id, 2)
    refused(exceptions.ServerError, "FileImmutable", 409, b.delete_object, "new")


def outside(signature):
    found = bucket(auth(signature), "outside").get_bucket_worm()
    assert (found.state, found.retention_period_days) == ("Locked", 7)


def begin_uploads(signature):
    b = fresh(signature, "old")
    for key in KEYS[:4]:
        b.init_multipart_upload(key)
        b.init_multipart_upload(key)


def old_uploads(signature):
    b = bucket(auth(signature), "old-" + signature)
    live = b.init_multipart_upload("z").upload_id
    found = list(oss2.MultipartUploadIterator(b, max_uploads=3))
    keys = sorted(KEYS[:4] * 2) + ["z"]
    assert [u.key for u in found] == keys, found
    old = [u for u in found if u.initiation_date < time.time() - 6 * 24 * 3600]
    assert len(old) == 8 and live not in [u.upload_id for u in old]
    for upload in old:
        b.abort_multipart_upload(upload.key, upload.upload_id)
    assert [u.upload_id for u in oss2.MultipartUploadIterator(b)] == [live]


def is_let_in(signature):
    fresh(signature, "rotation")


def is_shut_out(signature):
    b = bucket(auth(signature), "rotation-" + signature)
    refused(exceptions.ServerError, "InvalidAccessKeyId", 403, b.list_objects)
    bucket(auth(signature, "other", "key"), "rotation-" + signature).list_objects()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[3:])
