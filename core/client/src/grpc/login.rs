use std::fmt;

use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use super::call::{Token, unary};
use super::member::Member;
use super::refusal::strange;
use super::rpc::AUTHENTICATE;
use crate::config::Login;
use crate::error::{Error, ErrorKind, Result};
use crate::wire::auth::{AuthenticateRequest, AuthenticateResponse};

/// Who asks, and the token that says so. All members of a cluster know a token, until it is forgotten: with a
/// restart, after minutes without use, and, for tokens that carry the revision of users and roles, with
/// every change of these.
pub(super) struct LoggedIn {
    login: Option<Login>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Counts the tokens, so that one that was refused is renewed once, and not by everybody who held it.
    generation: u64,
    token: Option<Token>,
    /// Users are not checked here: there is no token to have.
    unchecked: bool,
}

/// A token, or none where none is needed, and which one.
#[derive(Clone)]
pub(super) struct Pass {
    generation: u64,
    pub(super) token: Option<Token>,
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl LoggedIn {
    pub(super) fn new(login: Option<Login>) -> Self {
        let known = Mutex::new(Known::default());
        Self { login, known }
    }

    /// What to show to `member`, which is asked for it if there is none yet.
    pub(super) async fn pass(&self, member: &Member) -> Result<Pass> {
        let Some(login) = &self.login else {
            return Ok(Pass {
                generation: 0,
                token: None,
            });
        };
        let mut known = self.known.lock().await;
        if known.token.is_none() && !known.unchecked {
            match authenticate(member, login).await {
                Ok(token) => known.token = Some(token),
                Err(error) if is_unchecked(&error) => known.unchecked = true,
                Err(error) => return Err(error),
            }
            known.generation += 1;
        }
        Ok(Pass {
            generation: known.generation,
            token: known.token.clone(),
        })
    }

    /// Whether it may help to ask for another token, after `error` was the answer to one.
    pub(super) fn may_renew(&self, error: &Error) -> bool {
        // Some versions say "permission denied" to a token of the past (etcd#12385).
        let about_users = matches!(
            error.kind(),
            ErrorKind::Unauthenticated | ErrorKind::PermissionDenied
        );
        self.login.is_some() && about_users && error.operation() != AUTHENTICATE.name
    }

    /// `pass` was refused: the next one is new.
    pub(super) async fn refused(&self, pass: &Pass) {
        let mut known = self.known.lock().await;
        if known.generation == pass.generation {
            known.token = None;
            known.unchecked = false;
        }
    }
}

async fn authenticate(member: &Member, login: &Login) -> Result<Token> {
    let question = AuthenticateRequest {
        name: login.user.clone(),
        password: login.password.expose_secret().to_owned(),
    };
    let answer: AuthenticateResponse = unary(member, AUTHENTICATE, None, question).await?;
    let wrong = || strange(AUTHENTICATE.name, member.endpoint(), "the token is none");
    if answer.token.is_empty() {
        return Err(wrong());
    }
    let mut token = Token::try_from(answer.token).map_err(|_| wrong())?;
    token.set_sensitive(true);
    Ok(token)
}

/// etcd knows no tokens as long as it does not check users; its own clients go on without one.
fn is_unchecked(error: &Error) -> bool {
    error.kind() == ErrorKind::Refused && error.message().contains("authentication is not enabled")
}
