#!/bin/bash
# Makes the golden data directories. usage: make.sh ETCDUTL
# Restores ../hash_kv/plain.db.gz as a cluster of one and as each member of a cluster of
# three, and keeps of every result GOLDEN.wal (up to its last non-zero byte, padded to whole
# words), GOLDEN.snap, GOLDEN.db.gz and GOLDEN.names, where .wal and .snap were.
set -euo pipefail
etcdutl=$1
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
zcat "$here/../hash_kv/plain.db.gz" >"$dir/snapshot"

restore() { # golden name initial-cluster advertised token
  local out=$dir/$1 keep=$here/$1
  "$etcdutl" snapshot restore "$dir/snapshot" --skip-hash-check --data-dir "$out" --name "$2" \
    --initial-cluster "$3" --initial-advertise-peer-urls "$4" --initial-cluster-token "$5" 2>/dev/null
  (cd "$out" && find member -name '*-*' | sort) >"$keep.names"
  python3 - "$out"/member/wal/*.wal "$keep.wal" <<'P'
import sys
data = open(sys.argv[1], 'rb').read().rstrip(b'\0')
open(sys.argv[2], 'wb').write(data + b'\0' * (-len(data) % 8))
P
  cp "$out"/member/snap/*.snap "$keep.snap"
  gzip -9nc "$out/member/snap/db" >"$keep.db.gz"
}

restore one default default=http://127.0.0.1:23801 http://127.0.0.1:23801 tkn
three='m1=http://10.0.0.1:2380,m2=http://10.0.0.2:2380,m2=http://10.0.0.2:7001,m3=https://10.0.0.3:2380'
restore three-m1 m1 "$three" http://10.0.0.1:2380 etcd-cluster-1
restore three-m2 m2 "$three" http://10.0.0.2:7001,http://10.0.0.2:2380 etcd-cluster-1
restore three-m3 m3 "$three" https://10.0.0.3:2380 etcd-cluster-1
# A name that Go's JSON escapes.
restore odd 'a<&>"é' 'a<&>"é=http://[::1]:1' 'http://[::1]:1' etcd-cluster
