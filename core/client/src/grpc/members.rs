//! Who is a member.

use super::client::Client;
use super::rpc;
use super::understood::member;
use crate::answers::{Member, Members};
use crate::error::Result;
use crate::port::{Read, Vote};
use crate::wire::cluster::{
    MemberAddRequest, MemberAddResponse, MemberIdRequest, MemberListRequest, MemberUpdateRequest,
    MembersResponse,
};

impl Client {
    pub(super) async fn ask_members(&self, read: Read) -> Result<Members> {
        let question = MemberListRequest {
            linearizable: read == Read::Agreed,
        };
        let understood = |header, said: MembersResponse| {
            if said.members.is_empty() {
                return Err("there is no member in it".to_owned());
            }
            let members = said.members.into_iter().map(member);
            let members = members.collect::<Result<_, _>>()?;
            Ok(Members { header, members })
        };
        self.understood(rpc::MEMBERS, question, understood).await
    }

    pub(super) async fn do_add(&self, peer_urls: Vec<String>, vote: Vote) -> Result<Member> {
        let question = MemberAddRequest {
            peer_urls,
            is_learner: vote == Vote::Learner,
        };
        let understood = |_, said: MemberAddResponse| {
            let added = said.member.ok_or("there is no member in it")?;
            member(added)
        };
        self.understood(rpc::ADD, question, understood).await
    }

    pub(super) async fn do_remove(&self, id: u64) -> Result<()> {
        let question = MemberIdRequest { id };
        self.understood(rpc::REMOVE, question, |_, _: MembersResponse| Ok(()))
            .await
    }

    pub(super) async fn do_promote(&self, id: u64) -> Result<()> {
        let question = MemberIdRequest { id };
        self.understood(rpc::PROMOTE, question, |_, _: MembersResponse| Ok(()))
            .await
    }

    pub(super) async fn do_update(&self, id: u64, peer_urls: Vec<String>) -> Result<()> {
        let question = MemberUpdateRequest { id, peer_urls };
        self.understood(rpc::UPDATE, question, |_, _: MembersResponse| Ok(()))
            .await
    }
}
