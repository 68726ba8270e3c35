/// What is wrong with a certificate, for whoever words what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// Nobody who is trusted has signed the server's certificate, and it was not named itself.
    UnknownIssuer,
    /// The server's certificate has expired.
    Expired,
    /// The server's certificate is not valid yet.
    NotYetValid,
    /// The server's certificate is for another name.
    OtherName,
    /// The server shows the certificate of a CA as its own, and it was not named itself.
    CaAsServer,
    /// The server refuses our certificate, or wants one and got none.
    Ours,
    /// The server refuses our certificate, which has expired.
    OursExpired,
    /// The server does not speak TLS.
    NotSpoken,
    /// The server speaks TLS, but not HTTP/2 over it.
    NotHttp2,
    /// The server speaks TLS, and was spoken to in the clear.
    Spoken,
    /// Anything else.
    Other,
}
