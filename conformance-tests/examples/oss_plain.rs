//! One object up or down by reqwest and nothing else, in one request: what the emulator of OSS does
//! for a plain client. `oss_plain up|down URL BUCKET KEY FILE`.

use std::error::Error;
use std::fs::File;

use aws_lc_rs::hmac;
use futures::TryStreamExt;
use reqwest::{Body, Client, Method, RequestBuilder};
use snapstore_cloud::http::Tls;

type Failure = Box<dyn Error + Send + Sync>;

const ID: &str = "etcdbr-test";
const SECRET: &str = "etcdbr-test-secret";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    testkit::disk::keep_freed_memory();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [way, url, bucket, key, file] = &arguments[..] else {
        return Err("oss_plain up|down URL BUCKET KEY FILE".into());
    };
    let client = snapstore_cloud::http::client(&Tls::default())?;
    let path = format!("/{bucket}/{key}");
    match way.as_str() {
        "up" => {
            let length = std::fs::metadata(file)?.len();
            let body = testkit::disk::read(File::open(file)?);
            let sent = signed(&client, Method::PUT, url, &path)
                .header("content-length", length)
                .body(Body::wrap_stream(body))
                .send();
            sent.await?.error_for_status()?;
        }
        _ => {
            let reply = signed(&client, Method::GET, url, &path).send().await?;
            let body = reply.error_for_status()?.bytes_stream();
            let body = body.map_err(std::io::Error::other);
            testkit::disk::write(body, file).await?;
        }
    }
    Ok(())
}

/// With OSS's signature of version 1 ("Include a V1 signature in the Authorization header").
fn signed(client: &Client, method: Method, url: &str, path: &str) -> RequestBuilder {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server compares it with its own clock"
    )]
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let text = format!("{method}\n\n\n{date}\n{path}");
    let secret = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, SECRET.as_bytes());
    let signature = hmac::sign(&secret, text.as_bytes());
    let signature = base64_simd::STANDARD.encode_to_string(signature);
    client
        .request(method, format!("{url}{path}"))
        .header("date", date)
        .header("authorization", format!("OSS {ID}:{signature}"))
}
