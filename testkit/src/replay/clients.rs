use std::collections::HashMap;

use anyhow::Result;
use serde_json::{Value, json};

use crate::etcd::{Etcd, Refused};

/// Everybody's password.
pub(super) const PASSWORD: &str = "pw";

/// A client that asks in anybody's name.
#[derive(Debug, Default)]
pub(super) struct Client {
    tokens: HashMap<String, String>,
}

impl Client {
    /// Asks as `user`, who logs in when need be. What etcd refuses is `None`.
    pub(super) fn ask(
        &mut self,
        etcd: &Etcd,
        user: Option<&str>,
        rpc: &str,
        request: &Value,
    ) -> Result<Option<Value>> {
        for _ in 0..2 {
            let token = match user {
                Some(user) => self.token(etcd, user)?,
                None => None,
            };
            match etcd.ask(rpc, request, token.as_deref()) {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) => match error.downcast_ref::<Refused>() {
                    Some(refused) if refused.message.contains("invalid auth token") => {
                        self.tokens.clear();
                    }
                    Some(_) => return Ok(None),
                    None => return Err(error),
                },
            }
        }
        Ok(None)
    }

    fn token(&mut self, etcd: &Etcd, user: &str) -> Result<Option<String>> {
        if let Some(token) = self.tokens.get(user) {
            return Ok(Some(token.clone()));
        }
        let login = json!({"name": user, "password": PASSWORD});
        match etcd.ask("auth/authenticate", &login, None) {
            Ok(answer) => {
                let token = answer["token"].as_str().unwrap_or_default().to_owned();
                self.tokens.insert(user.to_owned(), token.clone());
                Ok(Some(token))
            }
            // Users are not checked, or not this one.
            Err(error) if error.downcast_ref::<Refused>().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
