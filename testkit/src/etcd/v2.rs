use anyhow::Result;

use super::Etcd;

impl Etcd {
    /// Writes a key of the v2 API, which etcd up to 3.5 has with `--enable-v2`. The value is sent as a form
    /// has it.
    pub fn put_v2(&self, key: &str, value: &str) -> Result<()> {
        let form = "application/x-www-form-urlencoded";
        let body = format!("value={value}");
        self.gateway().put(&format!("/v2/keys{key}"), form, &body)
    }
}
