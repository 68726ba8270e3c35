use prost::Message;

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(crate) struct ResponseHeader {
    #[prost(uint64, tag = "1")]
    pub(crate) cluster_id: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) member_id: u64,
    #[prost(int64, tag = "3")]
    pub(crate) revision: i64,
    #[prost(uint64, tag = "4")]
    pub(crate) raft_term: u64,
}

/// An answer that says who gives it.
pub(crate) trait Headed {
    fn header(&self) -> Option<ResponseHeader>;
}

macro_rules! headed {
    ($($answer:ty),+ $(,)?) => {
        $(
            impl $crate::wire::Headed for $answer {
                fn header(&self) -> Option<$crate::wire::ResponseHeader> {
                    self.header
                }
            }
        )+
    };
}
pub(super) use headed;
