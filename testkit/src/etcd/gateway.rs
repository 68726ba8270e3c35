use std::io::Read;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wait;

/// Longer than any answer of a healthy etcd takes.
const LIMIT: Duration = Duration::from_secs(60);

/// etcd's JSON gateway: every RPC is a POST (etcd 3.4 to 3.7, `Documentation/dev-guide/
/// api_grpc_gateway.md`).
#[derive(Debug)]
pub(super) struct Gateway {
    agent: ureq::Agent,
    base: String,
}

/// etcd understood and said no.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("etcd refused: {message}")]
pub struct Refused {
    /// Its reason.
    pub message: String,
}

impl Refused {
    /// Whether the cluster was only busy with itself (`api/v3rpc/rpctypes/error.go`).
    fn is_passing(&self) -> bool {
        let passing = ["leader changed", "no leader", "request timed out"];
        passing.iter().any(|word| self.message.contains(word))
    }
}

impl Gateway {
    pub(super) fn new(port: u16) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT))
            .build();
        Self {
            agent: config.new_agent(),
            base: format!("http://127.0.0.1:{port}"),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.base
    }

    /// What a GET of `path` answers, if anything does.
    pub(super) fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A> {
        let response = self.agent.get(format!("{}{path}", self.base)).call()?;
        Ok(serde_json::from_reader(response.into_body().into_reader())?)
    }

    /// What a GET of `path` answers, as text.
    pub(super) fn text(&self, path: &str) -> Result<String> {
        let response = self.agent.get(format!("{}{path}", self.base)).call()?;
        let mut text = String::new();
        let mut body = response.into_body().into_reader();
        body.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Sends a PUT with `body` to `path`, of which no answer but the status is wanted.
    pub(super) fn put(&self, path: &str, content_type: &str, body: &str) -> Result<()> {
        let put = self.agent.put(format!("{}{path}", self.base));
        let response = put.header("Content-Type", content_type).send(body)?;
        let status = response.status();
        ensure!(status.is_success(), "PUT {path} fails with {status}");
        Ok(())
    }

    /// The answer of one RPC.
    pub(super) fn call<A: DeserializeOwned>(
        &self,
        rpc: &str,
        request: &impl Serialize,
    ) -> Result<A> {
        let mut answer = Vec::new();
        self.stream(rpc, request)?
            .read_to_end(&mut answer)
            .with_context(|| format!("read the answer of {rpc}"))?;
        serde_json::from_slice(&answer).with_context(|| {
            let text = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
            format!("{rpc} answers {text:?}")
        })
    }

    /// The answer of an RPC that only reads. On a busy machine a cluster may choose another leader at
    /// any time, and answers just that: it is asked again.
    pub(super) fn read<A: DeserializeOwned>(
        &self,
        rpc: &str,
        request: &impl Serialize,
    ) -> Result<A> {
        wait::until(rpc, LIMIT, || match self.call(rpc, request) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => match error.downcast_ref::<Refused>() {
                Some(refused) if refused.is_passing() => Ok(None),
                _ => Err(error),
            },
        })
    }

    /// The answer of one RPC to whoever holds `token`.
    pub(super) fn call_with_token(
        &self,
        rpc: &str,
        request: &Value,
        token: Option<&str>,
    ) -> Result<Value> {
        let mut post = self.agent.post(format!("{}/v3/{rpc}", self.base));
        if let Some(token) = token {
            post = post.header("Authorization", token);
        }
        let response = post
            .send(&serde_json::to_vec(request)?[..])
            .with_context(|| rpc.to_owned())?;
        let status = response.status();
        let mut text = String::new();
        response
            .into_body()
            .into_reader()
            .read_to_string(&mut text)?;
        if status.is_success() {
            return serde_json::from_str(&text).with_context(|| format!("{rpc} answers {text:?}"));
        }
        let refused: Refused = serde_json::from_str(&text)
            .with_context(|| format!("{rpc} fails with {status}: {text}"))?;
        Err(anyhow::Error::new(refused).context(rpc.to_owned()))
    }

    /// The answers of a streaming RPC, one JSON document after the other, as long as they come.
    /// Dropping the reader ends the call.
    pub(super) fn stream(
        &self,
        rpc: &str,
        request: &impl Serialize,
    ) -> Result<ureq::BodyReader<'static>> {
        let body = serde_json::to_vec(request)?;
        let response = self
            .agent
            .post(format!("{}/v3/{rpc}", self.base))
            .send(&body[..])
            .with_context(|| rpc.to_owned())?;
        let status = response.status();
        let mut answer = response.into_body().into_reader();
        if status.is_success() {
            return Ok(answer);
        }
        let mut text = String::new();
        answer.read_to_string(&mut text)?;
        let refused: Refused = serde_json::from_str(&text)
            .with_context(|| format!("{rpc} fails with {status}: {text}"))?;
        Err(anyhow::Error::new(refused).context(rpc.to_owned()))
    }
}
