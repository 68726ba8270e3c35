/* A store for etcdbr backups, as a plugin: a shared library that exports one function,
 * snapstore_plugin_v1. docs/plugins.md leads from nothing to a passing conformance suite.
 *
 * Rules that hold for every call:
 *  - Memory never changes its owner. What the host passes is valid during the call; what the plugin
 *    has to say goes through the functions of snap_host, which copy it before they return. They are
 *    called by the thread of the call, before it returns.
 *  - Calls block, and come from several threads at once. The host runs at most 16 at a time.
 *  - A function returns SNAP_OK, or SNAP_FAILED after it has called host->fail once.
 *  - A struct begins with its size as its maker knows it. Fields are only ever appended, so each side
 *    reads no further than the smaller size. Anything else gets a new symbol, snapstore_plugin_v2.
 *  - What a function must do is written in the docs of the Rust trait snapstore::Snapstore, and
 *    checked by the suite.
 *  - Handles are closed one after another, by a thread that makes no other calls; a store after what came
 *    from it. When the process ends it waits 5 seconds for the last of them.
 *  - The library is never unloaded, and its destructors and exit handlers are not run.
 */
#ifndef SNAPSTORE_H
#define SNAPSTORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SNAP_OK 0
#define SNAP_FAILED 1

/* Kinds of failure: what the caller should do next. */
#define SNAP_UNEXPECTED 0
#define SNAP_NOT_FOUND 1
#define SNAP_ALREADY_EXISTS 2
#define SNAP_IMMUTABLE 3
#define SNAP_DENIED 4
#define SNAP_RATE_LIMITED 5
#define SNAP_UNSUPPORTED 6
#define SNAP_CONFIG 7
#define SNAP_CORRUPT 8

/* What to do when the key is taken. */
#define SNAP_CREATE_NEW 0
#define SNAP_OVERWRITE 1

/* Bytes; text is UTF-8. data is NULL for "none", which differs from "empty". */
typedef struct snap_bytes {
    const uint8_t *data;
    size_t length;
} snap_bytes;

/* What the store knows about an object. */
#define SNAP_EXCLUDED 1u      /* not to be used for restores */
#define SNAP_DELETE_MARKER 2u /* no data, but the mark that it was deleted */
#define SNAP_RETAINED 4u      /* retain_until holds */

typedef struct snap_meta {
    uint32_t struct_size;
    uint32_t flags;
    snap_bytes key;
    snap_bytes version; /* none: the store keeps no versions */
    snap_bytes etag;    /* none: unknown */
    uint64_t size;
    int64_t modified;     /* nanoseconds since 1970; INT64_MIN if not known */
    int64_t retain_until; /* nanoseconds since 1970, with SNAP_RETAINED */
} snap_meta;

/* What the store can do, and where it is. */
#define SNAP_CAN_CREATE_NEW 1u
#define SNAP_CAN_VERSIONS 2u
#define SNAP_CAN_RETENTION 4u
#define SNAP_CAN_UPLOADS 8u
#define SNAP_CAN_CHECK_CONTENT 16u /* what arrives is held to a checksum of what was sent, before it is taken */

typedef struct snap_description {
    uint32_t struct_size;
    uint32_t capabilities;
    snap_bytes bucket; /* shown to people: never a secret */
    snap_bytes prefix;
    uint64_t part_size_min; /* with SNAP_CAN_UPLOADS */
    uint64_t part_size_max;
    uint32_t max_parts;
    uint32_t reserved; /* 0 */
} snap_description;

/* What the host does with a plugin's answers. reply is snap_call.reply. */
typedef struct snap_host {
    uint32_t struct_size;
    uint32_t reserved; /* 0 */
    void (*fail)(void *reply, uint32_t kind, int32_t retryable, snap_bytes message);
    void (*object)(void *reply, const snap_meta *meta);
    void (*text)(void *reply, snap_bytes text);
    void (*range)(void *reply, uint64_t start, uint64_t end);
    void (*description)(void *reply, const snap_description *description);
} snap_host;

/* Comes with every call. */
typedef struct snap_call {
    uint32_t struct_size;
    uint32_t reserved; /* 0 */
    const snap_host *host;
    void *reply;
    uint64_t deadline_ms; /* after so many milliseconds nobody waits for the answer; 0: no deadline */
} snap_call;

typedef struct snap_receipt {
    uint32_t number;
    uint32_t reserved; /* 0 */
    snap_bytes token;
} snap_receipt;

typedef struct snap_plugin {
    uint32_t struct_size;
    uint32_t reserved; /* 0 */

    /* config is a JSON object of strings: container, prefix, endpoint_override, ... */
    int32_t (*open)(const snap_call *call, snap_bytes config, void **store);
    void (*close)(void *store);
    /* Calls host->description once. */
    int32_t (*describe)(const snap_call *call, void *store);

    /* Calls host->object once. */
    int32_t (*put)(const snap_call *call, void *store, snap_bytes key, snap_bytes data, uint32_t mode);
    int32_t (*head)(const snap_call *call, void *store, snap_bytes key, snap_bytes version);
    /* Calls host->object for each object of a page, and host->text with the token of the next page
     * if there is one. page is none for the first. versions: 1 for all of them. */
    int32_t (*list)(const snap_call *call, void *store, snap_bytes prefix, uint32_t versions, snap_bytes page);
    int32_t (*remove)(const snap_call *call, void *store, snap_bytes key, snap_bytes version);

    /* Bytes start..end of an object; UINT64_MAX as end for all. Calls host->object and host->range
     * with what it really is, cut at the object's end. */
    int32_t (*get)(const snap_call *call, void *store, snap_bytes key, snap_bytes version, uint64_t start,
                   uint64_t end, void **reader);
    /* Fills at most length bytes of buffer and says how many in *read; 0 at the end of the range. */
    int32_t (*read)(const snap_call *call, void *reader, uint8_t *buffer, size_t length, size_t *read);
    void (*close_reader)(void *reader);

    /* NULL, all five, without SNAP_CAN_UPLOADS. part calls host->text with its receipt's token;
     * complete calls host->object. Every part but the last has part_size bytes. */
    int32_t (*start_upload)(const snap_call *call, void *store, snap_bytes key, uint32_t mode,
                            uint64_t part_size, void **upload);
    int32_t (*part)(const snap_call *call, void *upload, uint32_t number, snap_bytes data);
    int32_t (*complete)(const snap_call *call, void *upload, const snap_receipt *receipts, size_t count);
    int32_t (*abort)(const snap_call *call, void *upload);
    void (*close_upload)(void *upload);

    /* Appended later; NULL: nothing is ever left. Removes dead uploads to which nothing has come since
     * idle_since (nanoseconds since 1970), and says in *swept how many. */
    int32_t (*sweep)(const snap_call *call, void *store, int64_t idle_since, uint64_t *swept);
} snap_plugin;

/* The one symbol. The host sets out->struct_size to what it has room for; the plugin fills no more
 * and sets struct_size to what it filled. Returns SNAP_OK. */
int32_t snapstore_plugin_v1(snap_plugin *out);

#ifdef __cplusplus
}
#endif

#endif
