//! Who asks, and whether they may.

use std::time::{Duration, SystemTime};

use super::account::Account;
use super::asked::Asked;
use super::refusal::Refusal;
use super::{signature_v1, signature_v4};

/// By so much may the client's clock be wrong.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// Lets `asked` through when one of `accounts` has signed it, lately.
pub(super) fn authenticate(
    asked: &Asked,
    accounts: &[Account],
    region: &str,
    now: SystemTime,
) -> Result<(), Refusal> {
    let Some(authorization) = asked.header("authorization") else {
        let message = "You have no right to access this object because of bucket acl.";
        return Err(Refusal::new(403, "AccessDenied", message));
    };
    if let Some(rest) = authorization.strip_prefix("OSS4-HMAC-SHA256 ") {
        let claim = signature_v4::Claim::parse(rest)?;
        let account = account(asked, accounts, claim.id)?;
        is_of_now(signature_v4::date(asked)?, now)?;
        return claim.verify(asked, &account.secret, region);
    }
    let claim = authorization.strip_prefix("OSS ");
    let claim = claim.and_then(|claim| claim.split_once(':'));
    let (id, signature) = claim.ok_or_else(|| {
        Refusal::argument("Authorization is of no kind that this emulator knows".to_owned())
    })?;
    let account = account(asked, accounts, id)?;
    is_of_now(signature_v1::date(asked)?, now)?;
    signature_v1::verify(asked, &account.secret, signature)
}

fn account<'a>(asked: &Asked, accounts: &'a [Account], id: &str) -> Result<&'a Account, Refusal> {
    let unknown = || {
        let message = "The OSS Access Key Id you provided does not exist in our records.";
        Refusal::new(403, "InvalidAccessKeyId", message)
    };
    let account = accounts.iter().find(|account| account.id == id);
    let account = account.ok_or_else(unknown)?;
    match (&account.token, asked.header("x-oss-security-token")) {
        // A key of a session is not known by itself.
        (Some(_), None) => Err(unknown()),
        (token, sent) if token.as_deref() == sent => Ok(account),
        _ => {
            let message = "The security token you provided is invalid.";
            Err(Refusal::new(403, "InvalidSecurityToken", message))
        }
    }
}

fn is_of_now(date: SystemTime, now: SystemTime) -> Result<(), Refusal> {
    let apart = now
        .duration_since(date)
        .or_else(|_| date.duration_since(now));
    if apart.is_ok_and(|apart| apart <= SKEW) {
        return Ok(());
    }
    let message = "The difference between the request time and the current time is too large.";
    Err(Refusal::new(403, "RequestTimeTooSkewed", message))
}
