use std::collections::BTreeMap;

use super::{Mistake, PeerUrl};

/// The members that `--initial-cluster` names, with their URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialCluster {
    urls_by_name: BTreeMap<String, Vec<PeerUrl>>,
}

impl InitialCluster {
    /// Parses `name=url,name=url`. A member with several URLs has its name repeated; empty
    /// elements do not count (client/pkg/types/urlsmap.go).
    pub fn parse(flag: &str) -> Result<Self, Mistake> {
        let mut urls_by_name: BTreeMap<String, Vec<PeerUrl>> = BTreeMap::new();
        for element in flag.split(',').filter(|element| !element.is_empty()) {
            match element.split_once('=') {
                None | Some(("", _)) => {
                    return Err(Mistake::NoName {
                        element: element.to_owned(),
                    });
                }
                Some((name, url)) => {
                    urls_by_name
                        .entry(name.to_owned())
                        .or_default()
                        .push(PeerUrl::parse(url)?);
                }
            }
        }
        if urls_by_name.is_empty() {
            return Err(Mistake::NoMembers);
        }
        for urls in urls_by_name.values_mut() {
            urls.sort();
        }
        Ok(Self { urls_by_name })
    }

    /// Names with their URLs, both sorted.
    pub fn members(&self) -> impl Iterator<Item = (&str, &[PeerUrl])> {
        self.urls_by_name
            .iter()
            .map(|(name, urls)| (name.as_str(), urls.as_slice()))
    }

    pub(super) fn refuse_duplicate_urls(&self) -> Result<(), Mistake> {
        let mut owners = BTreeMap::new();
        for (name, urls) in self.members() {
            for url in urls {
                if let Some(other) = owners.insert(url, name) {
                    let names = [other.to_owned(), name.to_owned()];
                    return Err(Mistake::DuplicateUrl {
                        url: url.clone(),
                        names,
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_repeat_and_elements_may_be_empty() {
        let cluster = InitialCluster::parse(",b=http://h:2,a=http://h:3,,b=http://h:1,").unwrap();
        let members: Vec<_> = cluster
            .members()
            .map(|(name, urls)| (name, urls.iter().map(PeerUrl::as_str).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            members,
            [
                ("a", vec!["http://h:3"]),
                ("b", vec!["http://h:1", "http://h:2"])
            ]
        );
    }

    #[test]
    fn nothing_and_nameless_are_refused() {
        assert_eq!(InitialCluster::parse(",,"), Err(Mistake::NoMembers));
        for element in ["http://h:1", "=http://h:1"] {
            let nameless = Err(Mistake::NoName {
                element: element.to_owned(),
            });
            assert_eq!(InitialCluster::parse(element), nameless);
        }
    }
}
