//! `initialize` killed at any moment, two at once, and with no room to write: it ends in the same
//! good state, or the directory is as it was.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fastrand::Rng;
use support::timed::{took, wait};
use support::{Run, Site, contents, spoilt};

const DB: &str = "member/snap/db";

const OLD: &str = ".etcdbr.old";

/// How often one is killed.
const KILLS: usize = 80;

/// How often one is killed while the members change places.
const KILLS_AT_THE_EXCHANGE: usize = 15;

/// `dir` with its files' bytes, as paths below it.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let below = |path: PathBuf| path.strip_prefix(dir).unwrap().to_owned();
    let contents = contents(dir).into_iter();
    contents.map(|(path, bytes)| (below(path), bytes)).collect()
}

/// A backup, a member restored from it, the files of that member, and those it has when damaged.
struct Scene {
    site: Site,
    whole: BTreeMap<PathBuf, Vec<u8>>,
    damaged: BTreeMap<PathBuf, Vec<u8>>,
}

impl Scene {
    /// Of a few megabytes.
    fn new() -> Self {
        Self::of(Site::with_backup("e35-gzip"))
    }

    /// Of a few pages: it is killed as often, and a run is short.
    fn small() -> Self {
        Self::of(Site::with_history().0)
    }

    fn of(site: Site) -> Self {
        site.restore(&[]);
        let whole = tree(&site.data_dir());
        let scene = Self {
            site,
            damaged: whole.clone(),
            whole,
        };
        scene.damage();
        let damaged = tree(&scene.site.data_dir());
        assert!(scene.whole != damaged);
        Self { damaged, ..scene }
    }

    fn damage(&self) {
        let path = self.site.data_dir().join(DB);
        fs::write(path, spoilt(&self.whole[Path::new(DB)])).unwrap();
    }

    /// The damaged member again, and nothing else.
    fn reset(&self) {
        fs::remove_dir_all(self.site.path().join("out")).unwrap();
        for (path, bytes) in &self.damaged {
            let path = self.site.data_dir().join(path);
            if bytes.is_empty() && path.extension().is_none() {
                fs::create_dir_all(path).unwrap();
            } else {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.site.command("initialize", &["--data-dir"]);
        command.arg(self.site.data_dir()).args(args);
        command
    }

    fn spawn(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.site.path().join("out")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    /// Whether a run that was killed had begun to restore, and had not ended it.
    fn is_being_restored(&self) -> bool {
        let dir = self.site.data_dir();
        [".etcdbr.part", ".etcdbr.aside"]
            .iter()
            .any(|name| dir.join(name).exists())
    }

    /// Another run ends in the good state, and nothing is left of the one that was killed.
    fn ends_well(&self, args: &[&str]) {
        let run = Run::of(self.command(args));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let mut now = tree(&self.site.data_dir());
        now.retain(|path, _| !path.starts_with(OLD));
        assert!(now == self.whole, "not what it was: {:?}", now.keys());
        let names = self.names();
        let left = names.iter().filter(|name| name.contains(".part")).count();
        assert_eq!((left, names[0].as_str()), (0, "new.etcd"), "{names:?}");
    }
}

/// Which of the two trees is under the name of the data directory, or waits to be put back.
fn one_of_both_is_there(scene: &Scene) {
    let dir = scene.site.data_dir();
    let member = |at: &Path| {
        let files = tree(at).into_iter();
        // The new one has a mark until the old one is gone.
        let files = files.filter(|(path, _)| {
            path.starts_with("member") && path != Path::new("member/.etcdbr.new")
        });
        files.collect::<BTreeMap<_, _>>()
    };
    let now = member(&dir);
    let aside = dir.join(".etcdbr.aside");
    let whole = now == member_of(&scene.whole);
    let damaged = now == member_of(&scene.damaged);
    let put_aside = now.is_empty() && member(&aside) == member_of(&scene.damaged);
    assert!(
        whole || damaged || put_aside,
        "half a directory: {:?}",
        now.keys()
    );
}

fn member_of(tree: &BTreeMap<PathBuf, Vec<u8>>) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = tree.iter().filter(|(path, _)| path.starts_with("member"));
    files
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}

/// Killed at moments over all of a run, and more often after it has begun to restore: a small member is
/// judged as long as it is restored.
#[test]
fn killed_at_any_moment_the_next_run_ends_in_the_same_state() {
    let scene = Scene::small();
    let whole = took(|| scene.ends_well(&[]));
    let seed = RandomState::new().hash_one(0);
    println!("seed {seed}, an initialization takes {whole:?}");
    let mut random = Rng::with_seed(seed);
    let (mut all, mut rest) = (whole, whole / 2);
    let (mut early, mut inside) = (0, 0);
    for kill in 0..KILLS {
        scene.reset();
        let mut child = scene.spawn(&[]);
        let longest = match kill % 5 {
            0 => &mut all,
            _ => {
                until(&mut child, || scene.is_being_restored());
                &mut rest
            }
        };
        wait(longest.mul_f64(random.f64()));
        child.kill().unwrap();
        let came_to_its_end = child.wait().unwrap().success();
        inside += usize::from(scene.is_being_restored());
        one_of_both_is_there(&scene);
        scene.ends_well(&[]);
        // How long one takes depends on what else runs here: a third of the kills should come too late.
        *longest = longest.mul_f64(if came_to_its_end { 0.9 } else { 1.05 });
        early += usize::from(!came_to_its_end);
    }
    println!("{early} of {KILLS} were killed before their end, {inside} while they restored");
    assert!(
        (KILLS / 4..=KILLS).contains(&early) && inside >= KILLS / 4,
        "the moments were not spread"
    );
}

/// Waits for it, or for the end of the child.
fn until(child: &mut Child, comes: impl Fn() -> bool) {
    while !comes() && child.try_wait().unwrap().is_none() {
        std::hint::spin_loop();
    }
}

/// The old member is kept, and the run killed around the moment in which the two change places. The
/// next one took the new one for the old one, and kept that.
#[test]
fn killed_at_the_exchange_the_old_member_is_the_one_that_is_kept() {
    let scene = Scene::small();
    let aside = scene.site.data_dir().join(".etcdbr.aside-kept");
    let seed = RandomState::new().hash_one(0);
    println!("seed {seed}");
    let (mut random, mut stood_aside) = (Rng::with_seed(seed), 0);
    for _ in 0..KILLS_AT_THE_EXCHANGE {
        scene.reset();
        let mut child = scene.spawn(&["--keep-old"]);
        until(&mut child, || aside.exists());
        wait(Duration::from_micros(random.u64(0..2_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        stood_aside += usize::from(aside.exists());
        scene.ends_well(&["--keep-old"]);
        let kept = tree(&scene.site.data_dir().join(OLD));
        assert!(kept == member_of(&scene.damaged), "another one was kept");
    }
    println!("{stood_aside} were killed between the first rename and the last");
    assert!(stood_aside > 0, "the moments were not met");
}

/// Each state that a kill can leave between two renames, made by hand: the moments are short.
#[test]
fn each_state_between_two_renames_is_gone_on_from() {
    let scene = Scene::new();
    let dir = scene.site.data_dir();
    let aside = dir.join(".etcdbr.aside");
    // The old member aside, the new one not yet in its place.
    fs::create_dir(&aside).unwrap();
    fs::rename(dir.join("member"), aside.join("member")).unwrap();
    fs::create_dir_all(dir.join(".etcdbr.part/member/snap")).unwrap();
    fs::write(dir.join(".etcdbr.part/.etcdbr.building"), "1").unwrap();
    let run = Run::of(scene.command(&[]));
    assert!(run.stderr.contains("killed here before"), "{}", run.stderr);
    scene.ends_well(&[]);

    // Put back by a run that then finds no store: nothing was lost.
    scene.reset();
    fs::create_dir(&aside).unwrap();
    fs::rename(dir.join("member"), aside.join("member")).unwrap();
    let empty = Site::new();
    let store = empty.store();
    let refused = scene.command(&["--store-container", store.to_str().unwrap()]);
    Run::of(refused).failed_with(&["the only copy"]);
    assert!(tree(&dir) == scene.damaged);

    // The new member in its place, the old one not yet removed; the same to be kept.
    scene.ends_well(&[]);
    for (name, left) in [(".etcdbr.aside", 1), (".etcdbr.aside-kept", 2)] {
        fs::create_dir_all(dir.join(name).join("member/snap")).unwrap();
        fs::create_dir_all(dir.join(".etcdbr.part")).unwrap();
        assert_eq!(Run::of(scene.command(&[])).code, Some(0));
        assert_eq!(fs::read_dir(&dir).unwrap().count(), left, "{name}");
    }
    assert!(dir.join(".etcdbr.old/member").exists());
}

/// One wins, and the others are told who or find the work done. None does it twice.
#[test]
fn of_many_at_once_one_restores() {
    let scene = Scene::new();
    for _ in 0..5 {
        scene.reset();
        let children: Vec<_> = (0..4).map(|_| scene.spawn(&[])).collect();
        let runs: Vec<_> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        let mut restored = 0;
        for run in runs {
            let stderr = String::from_utf8(run.stderr).unwrap();
            let stdout = String::from_utf8(run.stdout).unwrap();
            restored += usize::from(stdout.contains("was restored"));
            let told = stderr.contains("is initializing this directory right now");
            assert!(run.status.success() || told, "{stderr}");
        }
        assert_eq!(restored, 1);
        scene.ends_well(&[]);
    }
}

/// As a shell would run it, in a mount namespace of its own, after `before`.
fn in_shell(scene: &Scene, before: &str) -> Run {
    let initialize = scene.command(&[]);
    let mut shell = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let script = format!("dir=\"$1\"; shift; {before} \"$@\"; code=$?; ls -A \"$dir\"; exit $code");
    shell.args(["--mount", "sh", "-c", &script, "sh"]);
    shell.arg(scene.site.data_dir());
    shell
        .arg(initialize.get_program())
        .args(initialize.get_args());
    Run::of(shell)
}

/// The root of a volume cannot be renamed. A file system of its own is mounted on the directory; what
/// was written beside it did not stay with the volume, or could not be written, and the start failed.
#[test]
fn the_root_of_a_volume_is_initialized_inside() {
    let scene = Scene::new();
    let before = "cp -r \"$dir/member\" \"$dir/../copy\"; \
         mount -t tmpfs -o size=64m tmpfs \"$dir\" || exit 77; \
         cp -r \"$dir/../copy\" \"$dir/member\"; mkdir \"$dir/lost+found\"; \
         export POD_NAMESPACE=garden;";
    let run = in_shell(&scene, before);
    let hint = "this test mounts a small file system: run it as root, or allow user namespaces";
    assert_ne!(run.code, Some(77), "{hint}: {}", run.stderr);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("was restored"), "{}", run.stdout);
    assert!(
        run.stdout
            .ends_with("\n.etcdbr.initialized.json\n.etcdbr.safe_guard\nlost+found\nmember\n"),
        "{}",
        run.stdout
    );
}

/// The member is damaged, and beside it is room for half of a new one.
#[test]
fn a_full_disk_leaves_the_old_member_where_it_is() {
    let scene = Scene::new();
    let before = "cp -r \"$dir/member\" \"$dir/../copy\"; \
         mount -t tmpfs -o size=6m tmpfs \"$dir\" || exit 77; \
         cp -r \"$dir/../copy\" \"$dir/member\";";
    let run = in_shell(
        &scene,
        &format!("trap 'diff -r \"$dir/../copy\" \"$dir/member\"' EXIT; {before}"),
    );
    assert_ne!(run.code, Some(77), "{}", run.stderr);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("No space left on device"),
        "{}",
        run.stderr
    );
    // What `ls` says, and nothing of `diff`.
    assert_eq!(run.stdout, "member\n");
}

/// A guard that could not be written failed the start of a healthy etcd.
#[test]
fn a_guard_that_cannot_be_written_is_a_warning() {
    let scene = Scene::new();
    scene.ends_well(&[]);
    let before = "mount --bind \"$dir\" \"$dir\" && mount -o remount,bind,ro \"$dir\" || exit 77; \
         mount --bind \"$dir/..\" \"$dir/..\" && mount -o remount,bind,ro \"$dir/..\" || exit 77; \
         export POD_NAMESPACE=garden;";
    let run = in_shell(&scene, before);
    assert_ne!(run.code, Some(77), "{}", run.stderr);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("is whole"), "{}", run.stdout);
    assert!(run.stderr.contains("safe_guard"), "{}", run.stderr);
}

#[test]
fn a_read_only_volume_is_said_so() {
    let scene = Scene::new();
    let before = "mount --bind \"$dir\" \"$dir\" && mount -o remount,bind,ro \"$dir\" || exit 77;";
    let run = in_shell(&scene, before);
    assert_ne!(run.code, Some(77), "{}", run.stderr);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("mounted read-only"), "{}", run.stderr);
    assert_eq!(run.stdout, "member\n");
    assert!(tree(&scene.site.data_dir()) == scene.damaged);
}
