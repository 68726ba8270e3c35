#!/bin/bash
# Makes the HashKV golden files. usage: make.sh ETCD ETCDCTL NAME
# Boots ETCD on an empty directory, plays the history NAME, saves a snapshot, restarts the
# server on the same directory (so that no hash comes from its cache) and asks it for
# HashKV at every revision. Writes NAME.db.gz (the snapshot without its trailing sha256)
# and NAME.txt: "revision hash compact_revision" lines, revision 0 first.
set -euo pipefail
etcd=$1 etcdctl=$2 name=$3
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
ports=$(python3 - <<'P'
import socket
s=[socket.socket() for _ in range(2)]
[x.bind(('127.0.0.1',0)) for x in s]
print(*[x.getsockname()[1] for x in s])
P
)
read -r client peer <<<"$ports"
boot() {
  "$etcd" --data-dir "$dir/data" --listen-client-urls http://127.0.0.1:$client \
    --advertise-client-urls http://127.0.0.1:$client \
    --listen-peer-urls http://127.0.0.1:$peer --initial-advertise-peer-urls http://127.0.0.1:$peer \
    --initial-cluster default=http://127.0.0.1:$peer --log-level error >"$dir/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do ctl endpoint health >/dev/null 2>&1 && return; sleep 0.1; done
  cat "$dir/log"; exit 1
}
halt() { kill "$pid"; wait "$pid" || true; }
ctl() { ETCDCTL_API=3 "$etcdctl" --endpoints http://127.0.0.1:$client "$@"; }
trap 'kill $pid 2>/dev/null || true; rm -rf "$dir"' EXIT

churn() { # rounds of puts, overwrites, deletes, prefix deletes and transactions
  for i in $(seq "$1"); do
    ctl put "a/$((i % 5))" "value $i"
    ctl put "b/$i" "$(printf 'x%.0s' $(seq $((i * 7))))"
    [ $((i % 3)) = 0 ] && ctl del "a/$((i % 5))"
    [ $((i % 4)) = 0 ] && ctl del --prefix b/
    printf '\nput t/1 %d\ndel b/%d\nput t/x%d z\n\n\n' "$i" "$i" "$i" | ctl txn
  done
}
current() { ctl get nothing -w json | python3 -c 'import json,sys;print(json.load(sys.stdin)["header"]["revision"])'; }
compact() { ctl compact "$1" --physical; }

history() {
  case $1 in
    plain) churn 6 ;;
    compacted) churn 6; compact $(($(current) - 6)) ;;
    compacted-twice) churn 6; compact $(($(current) - 9)); churn 2; compact $(($(current) - 3)) ;;
    # The compaction revision is that of a tombstone, other keys live on (rule 3, and 2 hides it).
    compacted-at-tombstone) churn 3; ctl del t/1; compact "$(current)"; ctl put a/9 again; ctl del a/9 ;;
    # Every key is gone at the end: Keep is empty, so only rule 3 hides the tombstone.
    all-deleted) ctl put k 1; ctl put k 2; ctl put j 1; ctl del j; ctl del k; compact "$(current)" ;;
    # Nothing is live at the end, but the compaction left live keys behind (rule 2 is off).
    deleted-after-compaction) ctl put k 1; ctl put j 1; ctl put j 2; ctl del i; compact "$(current)"; ctl del k; ctl del j ;;
  esac
}

boot
history "$name" >/dev/null
ctl snapshot save "$dir/snapshot" >/dev/null 2>&1
last=$(current)
halt; boot
for revision in 0 $(seq "$last"); do
  answer=$(ctl endpoint hashkv --rev "$revision" -w json 2>/dev/null) || continue
  python3 -c 'import json,sys; h=json.loads(sys.argv[2])[0]["HashKV"]; print(sys.argv[1], h["hash"], h.get("compact_revision", 0))' "$revision" "$answer"
done >"$here/$name.txt"
head -c -32 "$dir/snapshot" | gzip -9n >"$here/$name.db.gz"
halt
wc -l "$here/$name.txt"
