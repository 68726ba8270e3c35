//! What an operator asks of Keystone: users, passwords, application credentials.
//! <https://docs.openstack.org/api-ref/identity/v3/>

use http::HeaderValue;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use snapstore_cloud::http::Tls;

/// Who is there from the beginning, and in which project.
pub const ADMIN: Login<'_> = Login {
    name: "admin",
    password: "adminpass",
    project: "admin",
};
pub const DEMO: Login<'_> = Login {
    name: "demo",
    password: "demopass",
    project: "demo",
};

/// A user with a password, and where it works. All are of the domain Default.
#[derive(Debug, Clone, Copy)]
pub struct Login<'a> {
    pub name: &'a str,
    pub password: &'a str,
    pub project: &'a str,
}

/// Keystone, as one of its users sees it.
pub struct Keystone {
    pub client: Client,
    auth_url: String,
    pub token: HeaderValue,
    /// What came with the token: the user, the project, the catalogue.
    pub told: Value,
}

impl Keystone {
    pub async fn log_in(auth_url: &str, login: Login<'_>) -> Self {
        let client = snapstore_cloud::http::client(&Tls::default()).unwrap();
        let domain = json!({"name": "Default"});
        let user = json!({"name": login.name, "domain": domain, "password": login.password});
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": login.project, "domain": domain}},
        }});
        let reply = client
            .post(format!("{auth_url}/auth/tokens"))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert!(reply.status().is_success(), "log in: {reply:?}");
        let token = reply.headers()["x-subject-token"].clone();
        let told: Value = serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap();
        Self {
            client,
            auth_url: auth_url.to_owned(),
            token,
            told: told["token"].clone(),
        }
    }

    pub fn user_id(&self) -> String {
        text(&self.told["user"]["id"])
    }

    fn project_id(&self) -> String {
        text(&self.told["project"]["id"])
    }

    /// Makes another user with the role `member` in the project of `DEMO`. By the admin.
    pub async fn make_member(&self, name: &str, password: &str) {
        let demo = Self::log_in(&self.auth_url, DEMO).await;
        let user = json!({"user": {
            "name": name, "password": password, "domain_id": "default",
        }});
        let made = self.call(Method::POST, "/users", Some(user)).await;
        let user = text(&made["user"]["id"]);
        let roles = self.call(Method::GET, "/roles?name=member", None).await;
        let role = text(&roles["roles"][0]["id"]);
        let project = demo.project_id();
        let path = format!("/projects/{project}/users/{user}/roles/{role}");
        self.call(Method::PUT, &path, None).await;
    }

    /// Changes one's own password. All tokens that came from the old one are revoked.
    pub async fn change_password(&self, old: &str, new: &str) {
        let path = format!("/users/{}/password", self.user_id());
        let both = json!({"user": {"original_password": old, "password": new}});
        self.call(Method::POST, &path, Some(both)).await;
    }

    /// Makes an application credential of one's own, and returns its ID.
    pub async fn make_credential(&self, name: &str, secret: &str) -> String {
        let path = format!("/users/{}/application_credentials", self.user_id());
        let credential = json!({"application_credential": {
            "name": name, "secret": secret, "roles": [{"name": "member"}],
        }});
        let made = self.call(Method::POST, &path, Some(credential)).await;
        text(&made["application_credential"]["id"])
    }

    /// The ID of the application credential `name`.
    pub async fn credential(&self, name: &str) -> String {
        let path = format!(
            "/users/{}/application_credentials?name={name}",
            self.user_id()
        );
        let found = self.call(Method::GET, &path, None).await;
        text(&found["application_credentials"][0]["id"])
    }

    /// Deletes an application credential. All tokens that came from it are revoked.
    pub async fn delete_credential(&self, id: &str) {
        let path = format!("/users/{}/application_credentials/{id}", self.user_id());
        self.call(Method::DELETE, &path, None).await;
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.auth_url))
            .header("x-auth-token", &self.token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let reply = request.send().await.unwrap();
        let status = reply.status();
        let body = reply.bytes().await.unwrap();
        let said = String::from_utf8_lossy(&body);
        assert!(status.is_success(), "{method} {path}: {status} {said}");
        serde_json::from_slice(&body).unwrap_or_default()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
