//! `-w fields`: a line for each field, named as etcdctl names them (etcdctl/ctlv3/command/printer_fields.go).

use std::io::{self, Write};

use engine::get::{Answer, Kind};

use crate::args::GetArgs;
use crate::kube_object::described;
use crate::screen::quoted_bytes;

pub(super) fn print(
    out: &mut dyn Write,
    answer: &Answer,
    shown: usize,
    args: &GetArgs,
) -> io::Result<()> {
    writeln!(out, "\"Revision\" : {}", answer.backup.revision)?;
    let versions = answer.versions.iter().take(shown);
    for version in versions.filter(|_| !args.count_only) {
        if args.history {
            let kind = match version.kind {
                Kind::Put => "PUT",
                Kind::Tombstone => "DELETE",
            };
            writeln!(out, "\"Type\" : \"{kind}\"")?;
        }
        writeln!(out, "\"Key\" : {}", quoted_bytes(&version.key))?;
        writeln!(out, "\"CreateRevision\" : {}", version.create_revision)?;
        writeln!(out, "\"ModRevision\" : {}", version.revision.main)?;
        writeln!(out, "\"Version\" : {}", version.version)?;
        if let Some(value) = &version.value {
            writeln!(out, "\"Value\" : {}", quoted_bytes(value))?;
            if let Some(object) = args.decode.then(|| described(value)).flatten() {
                writeln!(out, "\"Object\" : {}", quoted_bytes(object.as_bytes()))?;
            }
        }
        writeln!(out, "\"Lease\" : {}", version.lease)?;
    }
    writeln!(out, "\"More\" : {}", shown < answer.versions.len())?;
    writeln!(out, "\"Count\" : {}", answer.versions.len())
}
