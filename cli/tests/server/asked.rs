//! What a pod is asked: its sidecar, and its etcd whether it is healthy.

use serde_json::Value;
use testkit::wait;

use crate::http::{self, Answer, Request, ask};
use crate::place::Door;
use crate::pod::{LIMIT, Pod};

/// Asks a sidecar, from another thread perhaps.
pub(crate) fn ask_at(door: &Door, method: &str, path: &str) -> Option<Answer> {
    let request = Request {
        method,
        path,
        ..Request::default()
    };
    ask(door.open()?, http::LIMIT, request)
}

impl Pod {
    /// Asks the sidecar; `None` where it does not answer.
    pub(crate) fn get(&self, path: &str) -> Option<Answer> {
        self.ask("GET", path)
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Option<Answer> {
        ask_at(&self.sidecar_door(), method, path)
    }

    /// Where a browser finds its status page.
    pub(crate) fn page_url(&self) -> String {
        format!("http://{}/", self.sidecar_door().address)
    }

    /// Where its sidecar is asked.
    pub(crate) fn sidecar_door(&self) -> Door {
        Door {
            place: self.place.clone(),
            address: format!("{}:{}", self.place.inside(), self.port()),
        }
    }

    /// Asks etcd over HTTP; `None` where it does not answer.
    pub(crate) fn ask_etcd(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let request = Request {
            method,
            path,
            body,
            token: self.token.as_deref(),
        };
        ask(self.door().open()?, http::LIMIT, request)
    }

    /// Where its etcd is asked.
    pub(crate) fn door(&self) -> Door {
        Door {
            place: self.place.clone(),
            address: format!("{}:{}", self.place.ip, self.client_port()),
        }
    }

    /// What it answers, which must be 200.
    pub(crate) fn body(&self, method: &str, path: &str) -> String {
        let answer = self.ask(method, path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}\n{}", self.log());
        answer.body
    }

    pub(crate) fn json(&self, method: &str, path: &str) -> Value {
        serde_json::from_str(&self.body(method, path)).unwrap()
    }

    pub(crate) fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let asked = wait::until(what, LIMIT, || Ok(is_so(self).then_some(())));
        asked.unwrap_or_else(|error| unreachable!("{error}: {}", self.log()));
    }

    /// Waits until it leads.
    pub(crate) fn leads(&self) {
        self.until("it leads", |pod| pod.get("/healthz").unwrap().status == 200);
    }

    pub(crate) fn etcd_is_healthy(&self) -> bool {
        let answer = self.ask_etcd("GET", "/health", "");
        answer.is_some_and(|answer| answer.body.contains("true"))
    }
}
