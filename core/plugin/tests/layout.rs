//! The header and its mirror describe the same bytes: a C compiler is asked.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod built;

use std::fmt::Write as _;
use std::fs;
use std::mem::{offset_of, size_of};

use snapstore_plugin::abi::{Bytes, Call, Description, Host, Meta, Plugin, Receipt};

macro_rules! asserts {
    ($out:ident, $c:literal, $rust:ty, [$($field:ident),* $(,)?]) => {
        writeln!($out, "_Static_assert(sizeof({}) == {}, \"size\");", $c, size_of::<$rust>()).unwrap();
        $(writeln!(
            $out,
            "_Static_assert(offsetof({}, {}) == {}, \"{}\");",
            $c, stringify!($field), offset_of!($rust, $field), stringify!($field)
        ).unwrap();)*
    };
}

#[test]
fn every_field_stands_where_the_header_has_it() {
    let mut c = String::from("#include \"snapstore.h\"\n");
    asserts!(c, "snap_bytes", Bytes, [data, length]);
    asserts!(
        c,
        "snap_meta",
        Meta,
        [
            struct_size,
            flags,
            key,
            version,
            etag,
            size,
            modified,
            retain_until
        ]
    );
    asserts!(
        c,
        "snap_description",
        Description,
        [
            struct_size,
            capabilities,
            bucket,
            prefix,
            part_size_min,
            part_size_max,
            max_parts,
            reserved,
        ]
    );
    asserts!(
        c,
        "snap_host",
        Host,
        [
            struct_size,
            reserved,
            fail,
            object,
            text,
            range,
            description
        ]
    );
    asserts!(
        c,
        "snap_call",
        Call,
        [struct_size, reserved, host, reply, deadline_ms]
    );
    asserts!(c, "snap_receipt", Receipt, [number, reserved, token]);
    asserts!(
        c,
        "snap_plugin",
        Plugin,
        [
            struct_size,
            reserved,
            open,
            close,
            describe,
            put,
            head,
            list,
            remove,
            get,
            read,
            close_reader,
            start_upload,
            part,
            complete,
            abort,
            close_upload,
            sweep,
        ]
    );
    c.push_str("extern int nothing;\nint nothing;\n");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("layout.c");
    fs::write(&file, c).unwrap();
    built::compile(&file, dir.path());
}

/// The size that the documentation promises to a newcomer.
#[test]
fn the_rust_example_is_under_a_hundred_lines() {
    let example = include_str!("../examples/shelf.rs");
    assert!(example.lines().count() < 100);
}
