//! Two sidecars: a follower hands triggers to the one that leads.

use std::time::Duration;

use reqwest::Method;
use server::{Ending, Role, TriggerAccess, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::certificates::Authority;
use crate::world::{LONG, Plan, Sidecar};

/// What etcd names: the host is one of its configuration.
fn at_localhost() -> Role {
    Role::Follower {
        leader: "http://localhost:2379".to_owned(),
    }
}

/// A follower of the sidecar at this port.
fn following(port: u16) -> Plan {
    let mut plan = Plan::new();
    plan.role = at_localhost();
    plan.settings.delegation.port = Some(port);
    plan
}

async fn pair() -> (Sidecar, Sidecar) {
    let leader = Plan::new().start().await;
    let follower = following(leader.address.port()).start().await;
    (leader, follower)
}

#[tokio::test]
async fn triggers_reach_the_leader_from_any_pod() {
    let (mut leader, mut follower) = pair().await;
    for (method, path, wanted) in [
        (
            Method::GET,
            "/snapshot/full",
            Wanted::Full(Ending::Ordinary),
        ),
        (
            Method::POST,
            "/snapshot/full?final=TRUE&x=y",
            Wanted::Full(Ending::Final),
        ),
        (Method::POST, "/snapshot/delta", Wanted::Delta),
    ] {
        leader.snapshots.position.lock().unwrap().revision += 1;
        let answer = follower.asking(method, path);
        let taking = leader.taking().await;
        assert_eq!(taking.wanted, wanted);
        taking.done(9);
        let (status, body) = answer.await.unwrap();
        assert_eq!(status, 200);
        assert!(body.contains("\"lastRevision\":9"), "{body}");
    }
    let answer = follower.asking(Method::POST, "/snapshot/delta");
    leader.taking().await.end.send(Ok(None)).unwrap();
    assert_eq!(answer.await.unwrap(), (200, "null".to_owned()));
    let answer = follower.asking(Method::POST, "/snapshot/delta");
    let failed = Err("the store is down".to_owned());
    leader.taking().await.end.send(failed).unwrap();
    assert_eq!(answer.await.unwrap(), (500, "the store is down".to_owned()));
    let latest = r#"{"fullSnapshot":null,"deltaSnapshots":null}"#;
    assert_eq!(
        follower.get("/snapshot/latest").await,
        (200, latest.to_owned())
    );
    assert!(follower.taking.try_recv().is_err());
}

/// Each of two sidecars took the other one for the leader, and a request went back and forth between them.
#[tokio::test]
async fn a_request_goes_no_further_than_one_hop() {
    // It takes another one for the leader, which must not be asked.
    let third = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    third.set_nonblocking(true).unwrap();
    let second = following(third.local_addr().unwrap().port());
    let second = second.start().await;
    let mut first = following(second.address.port());
    first.settings.limits.wait_for_leader = Duration::from_millis(50);
    let first = first.start().await;
    let (status, why) = first.post("/snapshot/full").await;
    assert_eq!(status, 405);
    assert!(why.contains("does not lead"), "{why}");
    nobody_came(&third);
}

/// The leader that etcd names is none of its configuration: nobody is asked, and no token is shown.
#[tokio::test]
async fn nobody_else_is_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut plan = following(listener.local_addr().unwrap().port());
    plan.role = Role::Follower {
        leader: "http://127.0.0.1:2379".to_owned(),
    };
    let follower = plan.start().await;
    let (status, why) = follower.post("/snapshot/full").await;
    assert_eq!(status, 405);
    assert!(
        why.contains("127.0.0.1") && why.contains("no client URL there"),
        "{why}"
    );
    nobody_came(&listener);
}

/// Whoever connects waits in a queue until they are accepted.
fn nobody_came(listener: &std::net::TcpListener) {
    let accepted = listener.accept().unwrap_err();
    assert_eq!(accepted.kind(), std::io::ErrorKind::WouldBlock);
}

/// What the other side is sent, and a stub that answers it.
async fn stub(listener: &TcpListener, answer: &str) -> String {
    let accepted = tokio::time::timeout(LONG, listener.accept()).await;
    let (mut stream, _) = accepted.expect("nobody comes").unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    // One that is too long is not read to its end.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    String::from_utf8(request).unwrap()
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The reference hands on every header of whoever asked.
#[tokio::test]
async fn nothing_of_the_request_goes_along() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut plan = following(listener.local_addr().unwrap().port());
    let token = plan.room.path().join("token");
    std::fs::write(&token, "s3cret").unwrap();
    plan.settings.triggers = TriggerAccess::Token(token);
    let follower = plan.start().await;
    let request = crate::client::plain()
        .post(follower.url("/snapshot/full?final=true&a=b"))
        .bearer_auth("s3cret")
        .header("cookie", "a=b")
        .header("x-forwarded-for", "10.0.0.1");
    let asking = tokio::spawn(async move { crate::client::said(request.send().await).await });
    let body = r#"{"kind":"Full","snapName":"x","lastRevision":3}"#;
    let sent = stub(&listener, &answer("200 OK", body))
        .await
        .to_lowercase();
    assert_eq!(asking.await.unwrap(), (200, body.to_owned()));
    assert!(
        sent.starts_with("post /snapshot/full?final=true http/1.1\r\n"),
        "{sent}"
    );
    assert!(sent.contains("\r\nx-etcdbr-delegated: 1\r\n"), "{sent}");
    assert!(
        sent.contains("\r\nauthorization: bearer s3cret\r\n"),
        "{sent}"
    );
    assert!(
        !sent.contains("cookie") && !sent.contains("forwarded"),
        "{sent}"
    );
}

/// An answer of something else is not the word that a snapshot was taken.
#[tokio::test]
async fn an_answer_that_is_not_understood_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let follower = following(listener.local_addr().unwrap().port())
        .start()
        .await;
    let name = "x".repeat(2_000_000);
    let long = format!(r#"{{"kind":"Full","snapName":"{name}","lastRevision":3}}"#);
    for answer in [
        answer("200 OK", "<html>it works</html>"),
        answer("200 OK", &long),
        answer("401 Unauthorized", "who are you"),
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let asking = follower.asking(Method::POST, "/snapshot/full");
        stub(&listener, &answer).await;
        let (status, why) = asking.await.unwrap();
        assert_eq!(status, 405, "{why}");
        assert!(why.contains("sidecar that leads") && why.len() < 500, "{why}");
    }
}

/// The leader died in the middle of an upload. Another one leads soon, and takes it.
#[tokio::test]
async fn a_leader_that_dies_is_followed_by_another() {
    let dying = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut follower = following(dying.local_addr().unwrap().port()).start().await;
    let asking = follower.asking(Method::POST, "/snapshot/full");
    let (stream, _) = dying.accept().await.unwrap();
    drop(dying);
    drop(stream);
    follower.role.send_replace(Role::Unknown);
    follower.role.send_replace(Role::Leader);
    follower.taking().await.done(9);
    assert_eq!(asking.await.unwrap().0, 200);
}

/// The etcd beside it ceased to lead in the middle of an upload: the request was answered with an error, though the
/// next leader would have taken the snapshot.
#[tokio::test]
async fn a_leader_that_steps_down_hands_it_on() {
    let mut next = Plan::new().start().await;
    let mut plan = following(next.address.port());
    plan.role = Role::Leader;
    let mut leader = plan.start().await;
    let asking = leader.asking(Method::POST, "/snapshot/full");
    let taking = leader.taking().await;
    leader.role.send_replace(at_localhost());
    taking.end.send(Err("interrupted".to_owned())).unwrap();
    next.taking().await.done(9);
    assert_eq!(asking.await.unwrap().0, 200);
}

#[tokio::test]
async fn a_leader_that_is_not_reached_ends_some_time() {
    let mut plan = following(1);
    plan.settings.limits.wait_for_leader = Duration::from_millis(50);
    let follower = plan.start().await;
    let (status, why) = follower.post("/snapshot/full").await;
    assert_eq!(status, 405);
    assert!(why.contains("gave no answer"), "{why}");
}

/// Over TLS, by the CA that was named; the other side has to show who it is.
#[tokio::test]
async fn sidecars_ask_each_other_over_tls() {
    let authority = Authority::new();
    let secure = |mut plan: Plan, trusted: &Authority| {
        plan.settings.tls = Some(authority.equip(plan.room.path()));
        let ca = plan.room.path().join("ca.pem");
        std::fs::write(&ca, trusted.pem()).unwrap();
        plan.settings.delegation.ca = Some(ca);
        plan.settings.limits.wait_for_leader = Duration::from_millis(500);
        plan
    };
    let mut leader = secure(Plan::new(), &authority).start().await;
    let ask = async |trusted: &Authority| {
        let follower = secure(following(leader.address.port()), trusted)
            .start()
            .await;
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap()])
            .build()
            .unwrap();
        let url = format!(
            "https://localhost:{}/snapshot/latest",
            follower.address.port()
        );
        crate::client::said(client.get(url).send().await).await
    };
    assert_eq!(ask(&authority).await.0, 200);
    let (status, why) = ask(&Authority::new()).await;
    assert_eq!(status, 405);
    assert!(why.contains("certificate"), "{why}");
    assert!(leader.taking.try_recv().is_err());
}

/// Where triggers need a certificate, none that a follower handed on was taken: it showed nothing.
#[tokio::test]
async fn who_triggers_is_shown_to_the_leader() {
    let (servers, callers) = (Authority::new(), Authority::new());
    let secure = |mut plan: Plan, shown: &Authority| {
        let room = plan.room.path().to_owned();
        let (own, other) = (room.join("own"), room.join("shown"));
        for room in [&own, &other] {
            std::fs::create_dir(room).unwrap();
        }
        let [ca, callers_ca] = ["ca.pem", "callers.pem"].map(|name| room.join(name));
        std::fs::write(&ca, servers.pem()).unwrap();
        std::fs::write(&callers_ca, callers.pem()).unwrap();
        plan.settings.tls = Some(servers.equip(&own));
        plan.settings.delegation.ca = Some(ca);
        plan.settings.delegation.identity = Some(shown.equip(&other));
        plan.settings.triggers = TriggerAccess::ClientCa(callers_ca);
        plan.settings.limits.wait_for_leader = Duration::from_millis(500);
        plan
    };
    let mut leader = secure(Plan::new(), &callers).start().await;
    let port = leader.address.port();
    let (certificate, key) = callers.issue(&["an-operator"]);
    let operator = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(servers.pem().as_bytes()).unwrap()])
        .identity(reqwest::Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap())
        .build()
        .unwrap();
    let ask = |follower: &Sidecar| {
        let port = follower.address.port();
        let url = format!("https://localhost:{port}/snapshot/full");
        let sent = operator.post(url).send();
        tokio::spawn(async move { crate::client::said(sent.await).await })
    };
    let follower = secure(following(port), &callers).start().await;
    let answer = ask(&follower);
    leader.taking().await.done(7);
    assert_eq!(answer.await.unwrap().0, 200);
    let untrusted = secure(following(port), &Authority::new()).start().await;
    let (status, why) = ask(&untrusted).await.unwrap();
    assert_eq!(status, 405, "{why}");
    assert!(leader.taking.try_recv().is_err());
}
