/* A whole plugin in C: objects on a pile in memory, no uploads in parts, no versions.
 *
 * cc -shared -fPIC -Wall -Wextra -Werror -I ../include pile.c -o libpile.so
 */
#define _POSIX_C_SOURCE 200809L
#include "snapstore.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bodies are counted: who reads one keeps it while it is replaced or deleted. */
struct body { size_t users, length; uint8_t bytes[]; };
struct object { struct object *next; struct body *body; int64_t written; char tag[24], key[1024]; };
struct pile { pthread_mutex_t lock; struct object *first; int64_t writes; };
struct reader { struct pile *pile; struct body *body; size_t at, end; };

static int32_t fail(const snap_call *call, uint32_t kind, const char *why) {
    call->host->fail(call->reply, kind, 0, (snap_bytes){(const uint8_t *)why, strlen(why)});
    return SNAP_FAILED;
}

static void let_go(struct body *body) { if (--body->users == 0) free(body); }

static struct object **find(struct pile *pile, snap_bytes key) {
    struct object **at = &pile->first;
    while (*at && (strlen((*at)->key) != key.length || memcmp((*at)->key, key.data, key.length) != 0))
        at = &(*at)->next;
    return at;
}

static void describe_object(const snap_call *call, const struct object *object) {
    snap_meta meta = {.struct_size = sizeof meta, .size = object->body->length, .modified = object->written};
    meta.key = (snap_bytes){(const uint8_t *)object->key, strlen(object->key)};
    meta.etag = (snap_bytes){(const uint8_t *)object->tag, strlen(object->tag)};
    call->host->object(call->reply, &meta);
}

static int32_t open_pile(const snap_call *call, snap_bytes config, void **store) {
    (void)config;
    struct pile *pile = calloc(1, sizeof *pile);
    if (!pile || pthread_mutex_init(&pile->lock, NULL) != 0)
        return fail(call, SNAP_UNEXPECTED, "out of memory");
    *store = pile;
    return SNAP_OK;
}

static void close_pile(void *store) {
    struct pile *pile = store;
    for (struct object *object = pile->first, *next; object; object = next) {
        next = object->next;
        let_go(object->body);
        free(object);
    }
    free(pile);
}

static int32_t describe(const snap_call *call, void *store) {
    (void)store;
    snap_description said = {.struct_size = sizeof said, .capabilities = SNAP_CAN_CREATE_NEW};
    said.bucket = (snap_bytes){(const uint8_t *)"pile", 4};
    call->host->description(call->reply, &said);
    return SNAP_OK;
}

static int32_t put(const snap_call *call, void *store, snap_bytes key, snap_bytes data, uint32_t mode) {
    struct pile *pile = store;
    struct body *body = malloc(sizeof *body + data.length);
    if (!body || key.length >= sizeof pile->first->key)
        return free(body), fail(call, SNAP_UNEXPECTED, "out of memory");
    *body = (struct body){.users = 1, .length = data.length};
    if (data.length) memcpy(body->bytes, data.data, data.length);
    pthread_mutex_lock(&pile->lock);
    struct object **at = find(pile, key);
    int32_t answer = SNAP_OK;
    if (*at && mode == SNAP_CREATE_NEW) {
        let_go(body);
        answer = fail(call, SNAP_ALREADY_EXISTS, "");
    } else if (!*at && !(*at = calloc(1, sizeof **at))) {
        let_go(body);
        answer = fail(call, SNAP_UNEXPECTED, "out of memory");
    } else {
        memcpy((*at)->key, key.data, key.length);
        if ((*at)->body) let_go((*at)->body);
        (*at)->body = body;
        (*at)->written = ++pile->writes;
        snprintf((*at)->tag, sizeof (*at)->tag, "%lld", (long long)pile->writes);
        describe_object(call, *at);
    }
    pthread_mutex_unlock(&pile->lock);
    return answer;
}

static int32_t head(const snap_call *call, void *store, snap_bytes key, snap_bytes version) {
    struct pile *pile = store;
    if (version.data) return fail(call, SNAP_UNSUPPORTED, "a pile keeps no versions");
    pthread_mutex_lock(&pile->lock);
    struct object *object = *find(pile, key);
    if (object) describe_object(call, object);
    pthread_mutex_unlock(&pile->lock);
    return object ? SNAP_OK : fail(call, SNAP_NOT_FOUND, "");
}

static int32_t list(const snap_call *call, void *store, snap_bytes prefix, uint32_t versions, snap_bytes page) {
    struct pile *pile = store;
    (void)page;
    if (versions) return fail(call, SNAP_UNSUPPORTED, "a pile keeps no versions");
    pthread_mutex_lock(&pile->lock);
    for (struct object *object = pile->first; object; object = object->next)
        if (prefix.length == 0 || strncmp(object->key, (const char *)prefix.data, prefix.length) == 0)
            describe_object(call, object);
    pthread_mutex_unlock(&pile->lock);
    return SNAP_OK;
}

static int32_t take_off(const snap_call *call, void *store, snap_bytes key, snap_bytes version) {
    struct pile *pile = store;
    if (version.data) return fail(call, SNAP_UNSUPPORTED, "a pile keeps no versions");
    pthread_mutex_lock(&pile->lock);
    struct object **at = find(pile, key), *object = *at;
    if (object) {
        *at = object->next;
        let_go(object->body);
        free(object);
    }
    pthread_mutex_unlock(&pile->lock);
    return SNAP_OK;
}

static int32_t get(const snap_call *call, void *store, snap_bytes key, snap_bytes version, uint64_t start,
                   uint64_t end, void **handle) {
    struct pile *pile = store;
    if (version.data) return fail(call, SNAP_UNSUPPORTED, "a pile keeps no versions");
    struct reader *reader = malloc(sizeof *reader);
    if (!reader) return fail(call, SNAP_UNEXPECTED, "out of memory");
    pthread_mutex_lock(&pile->lock);
    struct object *object = *find(pile, key);
    if (object) {
        size_t length = object->body->length, to = end < length ? end : length, from = start < to ? start : to;
        *reader = (struct reader){pile, object->body, from, to};
        object->body->users++;
        describe_object(call, object);
        call->host->range(call->reply, from, to);
    }
    pthread_mutex_unlock(&pile->lock);
    if (!object) return free(reader), fail(call, SNAP_NOT_FOUND, "");
    *handle = reader;
    return SNAP_OK;
}

static int32_t read_on(const snap_call *call, void *handle, uint8_t *buffer, size_t length, size_t *read) {
    struct reader *reader = handle;
    (void)call;
    size_t left = reader->end - reader->at;
    *read = left < length ? left : length;
    memcpy(buffer, reader->body->bytes + reader->at, *read);
    reader->at += *read;
    return SNAP_OK;
}

static void close_reader(void *handle) {
    struct reader *reader = handle;
    pthread_mutex_lock(&reader->pile->lock);
    let_go(reader->body);
    pthread_mutex_unlock(&reader->pile->lock);
    free(reader);
}

int32_t snapstore_plugin_v1(snap_plugin *out) {
    snap_plugin table = {.struct_size = sizeof table, .open = open_pile, .close = close_pile, .describe = describe,
                         .put = put, .head = head, .list = list, .remove = take_off, .get = get, .read = read_on,
                         .close_reader = close_reader};
    uint32_t room = out->struct_size < sizeof table ? out->struct_size : (uint32_t)sizeof table;
    memcpy(out, &table, room);
    out->struct_size = room;
    return SNAP_OK;
}
