use std::io;

use client::Etcd;
use engine::recover_quorum::{
    Asked, Backup, Candidate, Condition, NoAnswer, Peer, Plan, Recovered, ask, plan, recover,
};
use serde::Serialize;

use crate::args::{Format, RecoverQuorumArgs, StoreArgs};
use crate::error::{Error, Result};
use crate::members::MemberMark;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, hints, progress, session, signals};

impl From<engine::recover_quorum::Error> for Error {
    fn from(error: engine::recover_quorum::Error) -> Self {
        Self::new(hints::after(&error.to_string(), &error.hints()))
    }
}

/// Makes a cluster of one member out of what is left, or prints how.
pub(crate) fn run(args: &RecoverQuorumArgs, format: Format) -> Result<()> {
    match session::run(&args.store, work(args))? {
        Done::Planned(view) => match format {
            Format::Json => {
                warn(&view.plan);
                print_json(&view)
            }
            Format::Table | Format::Wide => {
                ignore_broken_pipe(print_plan(&mut screen(format), &view))
            }
        },
        Done::Recovered(done) => {
            warn(&done.plan);
            match format {
                Format::Json => print_json(&done),
                Format::Table | Format::Wide => {
                    ignore_broken_pipe(print(&mut screen(format), &done))
                }
            }
        }
    }
}

fn warn(plan: &Plan) {
    for warning in &plan.warnings {
        tracing::warn!("{warning}");
    }
}

enum Done {
    Planned(Box<PlanView>),
    Recovered(Box<Recovered>),
}

/// What would be done, and how it is asked for.
#[derive(Serialize)]
struct PlanView {
    dry_run: bool,
    #[serde(flatten)]
    plan: Plan,
    /// Members that were asked, and have not spoken for a quorum.
    no_answer: Vec<NoAnswer>,
    /// What does it.
    command: String,
    /// Its words.
    #[serde(skip)]
    words: Vec<String>,
}

async fn work(args: &RecoverQuorumArgs) -> Result<Done> {
    let asked = asked(args).await?;
    let request = args.request(backup(args).await?)?;
    let (plan, no_answer) = asked.allow(plan(&request).await)?;
    if let Some(typed) = args.cluster_id() {
        plan.confirm(typed)?;
    }
    if args.confirmed().is_none() {
        let words = args.command(&plan.cluster_id)?;
        return Ok(Done::Planned(Box::new(PlanView {
            dry_run: true,
            command: words.join(" "),
            words,
            no_answer,
            plan,
        })));
    }
    let file = plan.database()?;
    let store = StoreArgs::default().around_file(&file.directory);
    let session = session::open(&store, progress::observer()).await?;
    let recovered = recover(&session, &file, plan).await?;
    mark(&recovered.plan)?;
    Ok(Done::Recovered(Box::new(recovered)))
}

/// What the backups lead to, where a store is named.
async fn backup(args: &RecoverQuorumArgs) -> Result<Option<Backup>> {
    if !args.store.is_named() {
        return Ok(None);
    }
    let session = session::open(&args.store, progress::observer()).await;
    let session = session.map_err(|why| {
        Error::new(format!(
            "how far the backups lead is not known, so nothing is done: {why}; leave the store out to plan without it"
        ))
    })?;
    Ok(Backup::newest(&session).await?)
}

/// The word that a sidecar has left beside the directory names the member that is no more: with it, the new one is taken
/// for one whose volume was swapped.
fn mark(plan: &Plan) -> Result<()> {
    let Some(data_dir) = plan.data_dir() else {
        return Ok(());
    };
    let Some(mark) = MemberMark::read(data_dir).map_err(Error::new)? else {
        return Ok(());
    };
    let (cluster_id, member_id) = (&plan.member.cluster_id, &plan.member.member_id);
    let mark = MemberMark {
        cluster_id: cluster_id.clone(),
        member_id: member_id.clone(),
        ..mark
    };
    mark.write(data_dir).map_err(|why| {
        Error::new(format!(
            "the member was recovered, and what a sidecar has left beside it still names the old one: {why}; remove that file"
        ))
    })
}

/// Asks the members that are named whether there is a quorum.
async fn asked(args: &RecoverQuorumArgs) -> Result<Asked> {
    let Some(config) = args.config()? else {
        return Ok(Asked::default());
    };
    let cancel = signals::cancelled_by_signals()
        .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))?;
    let endpoints = config.endpoints.clone();
    let etcd = etcd::connect(&cancel, config).await?;
    let etcd: &dyn Etcd = &*etcd;
    Ok(ask(etcd, &endpoints).await)
}

fn print_plan(out: &mut Screen, view: &PlanView) -> io::Result<()> {
    let plan = &view.plan;
    let cluster = &plan.cluster_id;
    out.text(
        "",
        format!("Cluster {cluster} has lost its quorum, if none of its other members comes back"),
    )?;
    for silent in &view.no_answer {
        out.text("  no answer  ", &silent.why)?;
    }
    if view.no_answer.is_empty() {
        out.text(
            "  not asked  ",
            "no member was named in --endpoints: whether some still serve was not looked at",
        )?;
    }
    for (at, candidate) in plan.candidates.iter().enumerate() {
        let label = if at == plan.chosen {
            "  chosen     "
        } else {
            "  left       "
        };
        out.text(label, told(candidate))?;
    }
    if let Some(backup) = &plan.backup {
        let (place, revision) = (&backup.location, backup.revision);
        out.text(
            "  backups    ",
            format!("{place}: they lead to revision {revision}"),
        )?;
    }
    for warning in &plan.warnings {
        out.text("  lost?      ", warning)?;
    }
    let member = &plan.member;
    let (name, urls, revision) = (
        &member.name,
        member.peer_urls.join(","),
        plan.standing.revision,
    );
    out.text(
        "  would      ",
        format!(
            "become {name} ({urls}), the one member of the new cluster {}, at revision {revision}, with all that its \
             log holds; the old member stays in the same directory, in .etcdbr.old",
            member.cluster_id
        ),
    )?;
    out.text(
        "",
        "Nothing was changed. With the etcd of every member stopped, this does it:",
    )?;
    // Each flag on its line, so that what is pasted is one command, however wide the terminal is.
    let (command, flags) = view.words.split_at(view.words.len().min(2));
    let flags: String = flags
        .iter()
        .map(|flag| format!(" \\\n      {flag}"))
        .collect();
    let lines = format!("  {}{flags}", command.join(" "));
    lines.lines().try_for_each(|line| out.line(line))
}

/// A directory, and where it stands.
fn told(candidate: &Candidate) -> String {
    let dir = candidate.data_dir.display();
    let name = candidate.itself().map_or("", |peer| peer.name.as_str());
    let place =
        |term, index, commit| format!("term {term}, entry {index} (committed for sure: {commit})");
    match &candidate.condition {
        Condition::Valid(standing) => {
            let at = standing.place;
            let at = place(at.term, at.index, at.commit);
            format!("{dir}: member {name}, {at}, revision {}", standing.revision)
        }
        Condition::Uncertain { place: at, why } => {
            let at = place(at.term, at.index, at.commit);
            format!("{dir}: member {name}, {at}; its revision is not certain: {why}")
        }
        Condition::Unusable { .. } => format!("{dir}: passed over ({})", candidate.verdict.name()),
        Condition::Unread { .. } => format!("{dir}: not read"),
        Condition::InUse { .. } => format!("{dir}: in use"),
    }
}

fn print(out: &mut Screen, done: &Recovered) -> io::Result<()> {
    let (plan, report) = (&done.plan, &done.report);
    let (member, cluster) = (&plan.member, &plan.cluster_id);
    let dir = plan
        .data_dir()
        .map(|dir| dir.display().to_string())
        .unwrap_or_default();
    let revision = report.revision;
    out.text(
        "",
        format!("Recovered {dir} at revision {revision}: a cluster of one member"),
    )?;
    let (name, id, new) = (&member.name, &member.member_id, &member.cluster_id);
    out.text(
        "  member  ",
        format!("{name} {id} of cluster {new} (before: {cluster})"),
    )?;
    out.text(
        "  old     ",
        format!("{} has the member as it was", done.old.display()),
    )?;
    if let Some(lacks) = &done.lacks {
        out.text("  lacks   ", lacks)?;
    }
    out.text("", "Next:")?;
    out.text(
        "  1. ",
        format!("Start the etcd of {name} on this directory, with the flags that it had. It serves alone."),
    )?;
    if !plan.others.is_empty() {
        out.text(
            "  2. ",
            "One after another, each other member: keep its etcd stopped and move its data directory away (do not \
             delete it yet), since it is of the old cluster. Then add it:",
        )?;
    }
    for peer in &plan.others {
        let (name, urls) = (name_of(peer), peer.peer_urls.join(","));
        out.text(
            "     ",
            format!("etcdctl member add {name} --learner --peer-urls={urls}"),
        )?;
    }
    if !plan.others.is_empty() {
        out.text(
            "  3. ",
            "After each: start its etcd with an empty data directory, --initial-cluster-state=existing and the \
             --initial-cluster that `member add` has printed. When it has caught up, give it its vote, and only then \
             add the next:",
        )?;
        out.text("     ", "etcdctl member promote ID")?;
    }
    Ok(())
}

/// The name of a member, or a word for one that never had any.
fn name_of(peer: &Peer) -> &str {
    match peer.name.as_str() {
        "" => "NAME",
        name => name,
    }
}
