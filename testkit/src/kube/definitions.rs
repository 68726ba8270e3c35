//! Kinds that the operator of Prometheus brings, by the definitions in its own module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;

use super::process::ApiServer;
use crate::{program, wait};

const MODULE: &str = "github.com/prometheus-operator/prometheus-operator@v0.85.0";

/// Of all its files, as go.sum would have it.
const SUM: &str = "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=";

const KINDS: [&str; 2] = ["servicemonitors", "prometheusrules"];

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// How long the server may take until it serves a new kind.
const SERVED: Duration = Duration::from_secs(60);

impl ApiServer {
    /// From now on it knows ServiceMonitor and PrometheusRule.
    pub async fn learn_monitoring(&self) -> Result<()> {
        let module = module()?;
        for kind in KINDS {
            let file = format!("example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml");
            let text = fs::read_to_string(module.join(&file)).context(file)?;
            self.make_from_yaml(DEFINITIONS, text).await?;
        }
        for kind in KINDS {
            let path = format!("/apis/monitoring.coreos.com/v1/{kind}");
            let mut waited = Duration::ZERO;
            while self.ask(Method::GET, &path, Value::Null).await?.0 != 200 {
                ensure!(waited < SERVED, "{path} is not served");
                waited += Duration::from_millis(100);
                wait::pass(Duration::from_millis(100));
            }
        }
        Ok(())
    }
}

/// Where its files are, in Go's own cache.
fn module() -> Result<PathBuf> {
    let room = tempfile::tempdir()?;
    let mut go = Command::new("go");
    go.args(["mod", "download", "-json", MODULE])
        .current_dir(room.path());
    let said = program::run(&mut go)
        .context("it comes as a Go module: install Go 1.26 or later (https://go.dev/dl)")?;
    let said: Value = serde_json::from_str(&said)?;
    ensure!(said["Sum"] == SUM, "{MODULE}: {said}");
    Ok(Path::new(said["Dir"].as_str().context("no directory")?).to_owned())
}
