use super::*;
use serde_json::Value;
use std::collections::BTreeSet;

/// The contract that is served, against the router that answers: a path that is only in one of them, or another
/// method, is told here.
#[test]
fn the_contract_names_each_path_and_no_other() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    let paths = contract["paths"].as_object().unwrap();
    let named: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    let routed: BTreeSet<&str> = routes().iter().map(|route| route.path).collect();
    assert_eq!(named, routed);
    assert_eq!(routed.len(), routes().len());
    let mut ids = BTreeSet::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                ["get", "post"].contains(&method.as_str()),
                "{path}: {method}"
            );
            assert!(operation["responses"]["200"].is_object(), "{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
        }
    }
}

/// Each reference inside leads somewhere.
#[test]
fn the_contract_leads_nowhere_else() {
    let contract: Value = serde_saphyr::from_str(status::CONTRACT).unwrap();
    let mut seen = 0;
    let mut left = vec![&contract];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(contract.pointer(pointer).is_some(), "{reference}");
                    seen += 1;
                }
                left.extend(map.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    assert!(seen > 10, "{seen}");
}
