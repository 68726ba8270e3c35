use anyhow::Result;
use base64_simd::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use testkit::emulators::accounts::AZURITE_ACCOUNT;

/// Azurite's key, which Microsoft publishes.
pub(super) const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// `endpoint` with an account SAS that may do anything ("Create an account SAS", signed version
/// 2021-12-02): rclone takes an account's key only for addresses of Azure's own.
pub(super) fn with_sas(endpoint: &str) -> Result<String> {
    const VERSION: &str = "2021-12-02";
    const MAY: [(&str, &str); 6] = [
        ("sp", "rwdlac"),
        ("ss", "b"),
        ("srt", "sco"),
        ("st", ""),
        ("se", "2099-01-01T00:00:00Z"),
        ("sip", ""),
    ];
    let mut signed = format!("{AZURITE_ACCOUNT}\n");
    for (_, value) in MAY {
        signed += &format!("{value}\n");
    }
    // Protocol, version, encryption scope.
    signed += &format!("http,https\n{VERSION}\n\n");
    let mut hmac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode_to_vec(KEY)?)?;
    hmac.update(signed.as_bytes());
    let signature = STANDARD.encode_to_string(hmac.finalize().into_bytes());
    let signature = signature
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let mut url = format!("{endpoint}?sv={VERSION}&spr=http,https&sig={signature}");
    for (name, value) in MAY.iter().filter(|(_, value)| !value.is_empty()) {
        url += &format!("&{name}={}", value.replace(':', "%3A"));
    }
    Ok(url)
}
