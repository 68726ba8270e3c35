use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prost::Message;

use super::call::{Token, unary};
use super::login::LoggedIn;
use super::member::Member;
use super::rpc::{Again, Rpc};
use super::sticky::Sticky;
use crate::config::{Config, Login, Pace, Retries, Tls};
use crate::endpoint::{Endpoint, Scheme};
use crate::error::{Error, ErrorKind, Result};

/// etcd's `--grpc-keepalive-min-time`: who pings more often is told to calm down, and cut off.
const MOST_OFTEN: Duration = Duration::from_secs(5);

/// The [`Etcd`](crate::Etcd) that is asked over gRPC.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    sticky: Arc<Sticky>,
}

/// What the client of one member shares with that of all.
#[derive(Debug)]
struct Shared {
    tls: Arc<Tls>,
    pace: Pace,
    login: LoggedIn,
    retries: Retries,
    random: AtomicU64,
}

impl Client {
    /// A client for `config`. Connects when it is asked something; the files of certificates are read now,
    /// too, if an endpoint needs them.
    ///
    /// Errors: `Config`.
    pub async fn new(config: Config, retries: Retries) -> Result<Self> {
        let Config {
            endpoints,
            tls,
            login,
            pace,
        } = config;
        if pace.keepalive < MOST_OFTEN {
            let message = format!(
                "signs of life are asked for every {} s, and etcd ends connections that ask more often than \
                 every {} s",
                pace.keepalive.as_secs_f64(),
                MOST_OFTEN.as_secs()
            );
            return Err(Error::new(ErrorKind::Config, "connect", message));
        }
        if endpoints.iter().any(|e| e.scheme() == Scheme::Tls) {
            crate::tls::settings(&tls).await?;
        }
        let shared = Arc::new(Shared::new(tls, pace, login, retries));
        let members = endpoints.into_iter().map(|e| shared.member(e));
        let sticky = Arc::new(Sticky::new(members.collect())?);
        Ok(Self { shared, sticky })
    }

    /// The same, but with one member alone: the connections to it are shared if it is one of ours.
    pub(super) fn with(&self, endpoint: &Endpoint) -> Self {
        let ours = self.sticky.all().iter();
        let ours = ours.into_iter().find(|m| m.endpoint() == endpoint).cloned();
        let member = ours.unwrap_or_else(|| self.shared.member(endpoint.clone()));
        let sticky = Arc::new(Sticky::alone(member));
        let shared = self.shared.clone();
        Self { shared, sticky }
    }

    /// The members, and who of them is asked now.
    pub(super) fn sticky(&self) -> &Arc<Sticky> {
        &self.sticky
    }

    /// The answer to `question`, of whoever gives one, and who that was.
    pub(super) async fn ask<Q, A>(&self, rpc: Rpc, question: Q) -> Result<(Arc<Member>, A)>
    where
        Q: Message + Clone + Send + Sync + 'static,
        A: Message + Default + Send + Sync + 'static,
    {
        let question = &question;
        let ask = |member: Arc<Member>, token| async move {
            let answer = unary(&member, rpc, token, question.clone()).await?;
            Ok((member, answer))
        };
        self.attempt(rpc, ask).await
    }

    /// What `work` makes of a member: the first one that answers. A token that is refused is renewed once.
    pub(super) async fn attempt<T, F>(
        &self,
        rpc: Rpc,
        work: impl Fn(Arc<Member>, Option<Token>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let (mut failures, mut renewed) = (0, false);
        loop {
            let member = self.sticky.now().clone();
            let error = match self.shared.login.pass(&member).await {
                Err(error) => error,
                Ok(pass) => match work(member.clone(), pass.token.clone()).await {
                    Ok(done) => return Ok(done),
                    Err(error) => {
                        if !renewed && self.shared.login.may_renew(&error) {
                            renewed = true;
                            self.shared.login.refused(&pass).await;
                            continue;
                        }
                        error
                    }
                },
            };
            if !error.is_of_the_member() {
                return Err(error);
            }
            self.sticky.failed(&member, &error);
            failures += 1;
            if !may_repeat(rpc, &error) || !self.pause(failures, &error).await {
                return Err(error);
            }
        }
    }

    /// Waits when all members have failed once more; false if that was often enough.
    async fn pause(&self, failures: usize, error: &Error) -> bool {
        if !failures.is_multiple_of(self.sticky.count()) {
            return true;
        }
        let rounds = u32::try_from(failures / self.sticky.count()).unwrap_or(u32::MAX);
        let Retries { backoff, clock, .. } = &self.shared.retries;
        if rounds >= backoff.attempts || !error.is_passing() {
            return false;
        }
        let wait = backoff.wait(rounds, self.shared.number());
        tracing::debug!(%error, ?wait, "no etcd member answers: they are asked again");
        clock.sleep(wait).await;
        true
    }
}

/// Whether the call may be repeated after `error`.
fn may_repeat(rpc: Rpc, error: &Error) -> bool {
    use ErrorKind::{Learner, Tls, Unreachable};
    match rpc.again {
        Again::Yes => true,
        Again::IfNotSent => matches!(error.kind(), Unreachable | Tls | Learner),
    }
}

impl Shared {
    fn new(tls: Tls, pace: Pace, login: Option<Login>, retries: Retries) -> Self {
        Self {
            tls: Arc::new(tls),
            pace,
            login: LoggedIn::new(login),
            random: AtomicU64::new(retries.seed),
            retries,
        }
    }

    fn member(&self, endpoint: Endpoint) -> Arc<Member> {
        Arc::new(Member::new(endpoint, self.tls.clone(), self.pace))
    }

    /// The next number without a pattern (SplitMix64).
    fn number(&self) -> u64 {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        let before = self.random.fetch_add(step, Ordering::Relaxed);
        let mut z = before.wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
