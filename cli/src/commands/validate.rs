use engine::validate::Validated;
use serde::Serialize;

use crate::args::{Format, ValidateArgs};
use crate::error::Result;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::screen;
use crate::{hints, progress, session};

/// What `--output json` says.
#[derive(Serialize)]
struct View {
    data_dir: String,
    verdict: &'static str,
    exit_code: u8,
    explanation: String,
    remarks: Vec<String>,
}

/// Says whether a data directory can be trusted.
pub(crate) fn run(args: &ValidateArgs, format: Format) -> Result<u8> {
    let validation = args.validation()?;
    let validated: Validated = session::run(&args.store, async {
        let session = session::open_named(&args.store, progress::observer()).await?;
        Ok(engine::validate::validate(session.as_ref(), &validation).await?)
    })?;
    let verdict = validated.finding.verdict();
    let explanation = validated.explain(&validation.data_dir);
    let explanation = hints::after_sentences(&explanation, &validated.hints());
    for remark in &validated.facts.remarks {
        tracing::warn!("{remark}");
    }
    match format {
        Format::Json => print_json(&View {
            data_dir: validation.data_dir.display().to_string(),
            verdict: verdict.name(),
            exit_code: verdict.exit_code(),
            explanation,
            remarks: validated.facts.remarks,
        })?,
        Format::Table | Format::Wide => {
            let told = format!("{}: {explanation}", verdict.name());
            ignore_broken_pipe(screen(format).text("", told))?
        }
    }
    Ok(verdict.exit_code())
}
