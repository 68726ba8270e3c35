//! One call to one member.

use std::future::Future;

use http::uri::PathAndQuery;
use prost::Message;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::alert::{Heard, Last};
use super::connect::Use;
use super::member::Member;
use super::refusal::{late, refusal};
use super::rpc::{Rpc, Wait};
use crate::error::{Error, ErrorKind, Result};

/// What etcd wants to be told of who asks.
pub(super) type Token = AsciiMetadataValue;

/// The answer of `member`.
pub(super) async fn unary<Q, A>(
    member: &Member,
    rpc: Rpc,
    token: Option<Token>,
    question: Q,
) -> Result<A>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let (mut grpc, heard) = member.grpc(Use::Bulk)?;
    let request = request(question, token);
    let answer = async {
        ready(&mut grpc).await?;
        let codec = ProstCodec::<Q, A>::default();
        let path = PathAndQuery::from_static(rpc.path);
        grpc.unary(request, path, codec).await
    };
    let answer = in_time(member, rpc, answer)
        .await
        .map_err(|error| because(error, &heard))?;
    Ok(answer.into_inner())
}

/// The answers of `member`.
pub(super) async fn stream<Q, A>(
    member: &Member,
    rpc: Rpc,
    token: Option<Token>,
    question: Q,
) -> Result<Streaming<A>>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let (mut grpc, heard) = member.grpc(Use::Bulk)?;
    let request = request(question, token);
    let answers = async {
        ready(&mut grpc).await?;
        let codec = ProstCodec::<Q, A>::default();
        let path = PathAndQuery::from_static(rpc.path);
        grpc.server_streaming(request, path, codec).await
    };
    let answers = in_time(member, rpc, answers)
        .await
        .map_err(|error| because(error, &heard))?;
    Ok(answers.into_inner())
}

/// The answers of `member` to a question after which others could be asked, but are not. The stream of
/// questions stays open: etcd ends with it.
pub(super) async fn conversation<Q, A>(
    member: &Member,
    (rpc, used): (Rpc, Use),
    token: Option<Token>,
    question: Q,
) -> Result<Streaming<A>>
where
    Q: Message + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    use futures::StreamExt;
    let (mut grpc, heard) = member.grpc(used)?;
    let questions = futures::stream::iter([question]).chain(futures::stream::pending());
    let mut request = request(questions, token);
    // Refused without a leader, and ended when there has been none for a while.
    let with_leader = Token::from_static("true");
    request.metadata_mut().insert("hasleader", with_leader);
    let answers = async {
        ready(&mut grpc).await?;
        let codec = ProstCodec::<Q, A>::default();
        let path = PathAndQuery::from_static(rpc.path);
        grpc.streaming(request, path, codec).await
    };
    let answers = in_time(member, rpc, answers)
        .await
        .map_err(|error| because(error, &heard))?;
    Ok(answers.into_inner())
}

/// The first answer of a stream, which must come.
pub(super) async fn first<A>(member: &Member, rpc: Rpc, answers: &mut Streaming<A>) -> Result<A> {
    let answer = in_time(member, rpc, answers.message()).await?;
    answer.ok_or_else(|| {
        let message = "the stream ends before it has begun";
        Error::new(ErrorKind::Protocol, rpc.name, message).at(member.endpoint())
    })
}

/// `error`, or what TLS said when the connection broke.
fn because(error: Error, heard: &Heard) -> Error {
    match (error.kind(), error.endpoint()) {
        (ErrorKind::Unavailable, Some(endpoint)) => match heard.take() {
            Some(Last::Fault(fault, words)) => Error::new(ErrorKind::Tls, error.operation(), words)
                .with_tls(fault)
                .at(endpoint),
            Some(Last::Nothing) => {
                let message = format!(
                    "{}: it closed the connection before it said a byte, as an etcd that speaks TLS does; if it does, \
                     write https:// in place of http://",
                    error.message()
                );
                Error::new(error.kind(), error.operation(), message)
                    .at(endpoint)
                    .with_source(error)
            }
            None => error,
        },
        _ => error,
    }
}

async fn ready(grpc: &mut tonic::client::Grpc<tonic::transport::Channel>) -> Result<(), Status> {
    let ready = grpc.ready().await;
    ready.map_err(|error| Status::from_error(error.into()))
}

fn request<Q>(question: Q, token: Option<Token>) -> Request<Q> {
    let mut request = Request::new(question);
    if let Some(token) = token {
        request.metadata_mut().insert("token", token);
    }
    request
}

/// Not by gRPC's own deadline: etcd would end a stream by it.
async fn in_time<T>(
    member: &Member,
    rpc: Rpc,
    answer: impl Future<Output = Result<T, Status>>,
) -> Result<T> {
    let refused = |status| refusal(rpc.name, member.endpoint(), status);
    let limit = member.pace().answer;
    match rpc.wait {
        Wait::Unbounded => answer.await.map_err(refused),
        Wait::Answer => match tokio::time::timeout(limit, answer).await {
            Ok(answer) => answer.map_err(refused),
            Err(_) => Err(late(rpc.name, member.endpoint(), limit)),
        },
    }
}
