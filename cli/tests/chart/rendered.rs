//! The objects of a release, and what stands in them.
#![allow(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

use std::path::{Path, PathBuf};

use serde_json::Value;
use testkit::helm::{Helm, Release};

/// Whose names the tests know.
pub(crate) const RELEASE: Release<'static> = Release {
    name: "main",
    namespace: "garden",
};

pub(crate) fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts/etcdbrctl")
}

/// What the chart makes of these values.
pub(crate) fn objects(values: &Value) -> Vec<Value> {
    objects_of(RELEASE, values)
}

pub(crate) fn objects_of(release: Release<'_>, values: &Value) -> Vec<Value> {
    let helm = Helm::new().unwrap();
    let text = helm
        .template(&chart(), release, &values.to_string())
        .unwrap_or_else(|error| panic!("{values}: {error:#}"));
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text)
        .unwrap_or_else(|error| panic!("{values}: {error}\n{text}"));
    documents.into_iter().filter(|one| !one.is_null()).collect()
}

/// Why these values are refused.
pub(crate) fn refusal(values: &Value) -> String {
    let helm = Helm::new().unwrap();
    let rendered = helm.template(&chart(), RELEASE, &values.to_string());
    match rendered {
        Ok(text) => panic!("{values} was rendered: {text}"),
        Err(error) => format!("{error:#}"),
    }
}

pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|one| one["kind"] == kind).collect()
}

/// The only one of this kind.
pub(crate) fn only<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found = of_kind(objects, kind);
    assert_eq!(found.len(), 1, "{kind}: {found:#?}");
    found[0]
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

/// The path of the API below which an object of this kind is made.
pub(crate) fn collection(object: &Value) -> String {
    let version = object["apiVersion"].as_str().unwrap();
    let api = match version {
        "v1" => "api/v1".to_owned(),
        of_group => format!("apis/{of_group}"),
    };
    let kind = object["kind"].as_str().unwrap().to_lowercase();
    let plural = match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    };
    let namespace = object["metadata"]["namespace"].as_str().unwrap();
    format!("/{api}/namespaces/{namespace}/{plural}")
}

/// The templates of pods among the objects, with the volumes that claims bring.
pub(crate) fn pods(objects: &[Value]) -> Vec<Value> {
    let mut pods = Vec::new();
    for object in objects {
        let spec = &object["spec"];
        let mut pod = match object["kind"].as_str().unwrap() {
            "StatefulSet" => spec["template"].clone(),
            "CronJob" => spec["jobTemplate"]["spec"]["template"].clone(),
            _ => continue,
        };
        for claim in spec["volumeClaimTemplates"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let volume = serde_json::json!({
                "name": claim["metadata"]["name"],
                "persistentVolumeClaim": {"claimName": "claimed"},
            });
            let volumes = pod["spec"]["volumes"].as_array_mut();
            volumes.unwrap().push(volume);
        }
        pod["apiVersion"] = "v1".into();
        pod["kind"] = "Pod".into();
        pod["metadata"]["name"] = format!("{}-0", name(object)).into();
        pod["metadata"]["namespace"] = object["metadata"]["namespace"].clone();
        pods.push(pod);
    }
    pods
}

/// The containers in which the program runs.
pub(crate) fn of_the_program(pod: &Value) -> Vec<&Value> {
    let containers = pod["spec"]["containers"].as_array().unwrap().iter();
    let runs_it = |one: &&Value| one["image"].as_str().unwrap().starts_with("etcdbrctl:");
    containers.filter(runs_it).collect()
}

/// The command line of a container, without the program.
pub(crate) fn arguments(container: &Value) -> Vec<String> {
    let arguments = container["args"].as_array().unwrap().iter();
    arguments
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}
