//! What a member says of itself, and what is done to it.

use snapstore::printable;

use super::client::Client;
use super::refusal::strange;
use super::rpc;
use super::understood::{size, text};
use crate::answers::{Alarm, AlarmKind, AuthState, HashKv, Status};
use crate::error::{ErrorKind, Result};
use crate::wire::auth::{AuthStatusRequest, AuthStatusResponse};
use crate::wire::maintenance::{
    AlarmRequest, AlarmResponse, DefragmentRequest, Done, HashKvRequest, HashKvResponse,
    MoveLeaderRequest, StatusRequest, StatusResponse,
};

/// The actions of an alarm request, and its alarms.
const GET: i32 = 0;
const DEACTIVATE: i32 = 2;
const NO_SPACE: i32 = 1;
const CORRUPT: i32 = 2;

impl Client {
    pub(super) async fn ask_status(&self) -> Result<Status> {
        let read = |header, said: StatusResponse| {
            Ok(Status {
                header,
                version: text(&said.version).ok_or("it has no version")?,
                db_size: size("the size of the database", said.db_size)?,
                db_size_in_use: size("what is in use", said.db_size_in_use)?,
                db_size_quota: Some(size("the quota", said.db_size_quota)?).filter(|q| *q > 0),
                leader: Some(said.leader).filter(|leader| *leader != 0),
                raft_index: said.raft_index,
                raft_applied_index: said.raft_applied_index,
                learner: said.is_learner,
                storage_version: text(&said.storage_version),
                errors: said.errors.iter().map(|error| printable(error)).collect(),
            })
        };
        self.understood(rpc::STATUS, StatusRequest {}, read).await
    }

    pub(super) async fn ask_hash(&self, revision: i64) -> Result<HashKv> {
        let read = |header, said: HashKvResponse| {
            let hash_revision = Some(said.hash_revision).filter(|revision| *revision != 0);
            if let Some(other) = hash_revision.filter(|of| revision != 0 && *of != revision) {
                return Err(format!("it is of revision {other}, not {revision}"));
            }
            Ok(HashKv {
                header,
                hash: said.hash,
                // -1 before the first compaction.
                compact_revision: Some(said.compact_revision).filter(|revision| *revision > 0),
                hash_revision,
            })
        };
        let question = HashKvRequest { revision };
        self.understood(rpc::HASH_KV, question, read).await
    }

    pub(super) async fn ask_auth(&self) -> Result<AuthState> {
        let read = |_, said: AuthStatusResponse| {
            Ok(AuthState::Known {
                enabled: said.enabled,
                revision: said.auth_revision,
            })
        };
        let asked = self
            .understood(rpc::AUTH_STATUS, AuthStatusRequest {}, read)
            .await;
        match asked {
            Err(error) if error.kind() == ErrorKind::Unimplemented => Ok(AuthState::NotTold),
            asked => asked,
        }
    }

    pub(super) async fn ask_alarms(&self) -> Result<Vec<Alarm>> {
        let question = AlarmRequest {
            action: GET,
            member_id: 0,
            alarm: 0,
        };
        // 3.4 sends no header with it.
        let (member, said): (_, AlarmResponse) = self.ask(rpc::ALARMS, question).await?;
        let alarms = said.alarms.iter().map(|alarm| {
            let kind = match alarm.alarm {
                NO_SPACE => AlarmKind::NoSpace,
                CORRUPT => AlarmKind::Corrupt,
                other => {
                    let why = format!("there is an alarm {other} in it");
                    return Err(strange(rpc::ALARMS.name, member.endpoint(), why));
                }
            };
            let member_id = alarm.member_id;
            Ok(Alarm { member_id, kind })
        });
        alarms.collect()
    }

    pub(super) async fn take_alarm_back(&self, alarm: Alarm) -> Result<()> {
        let question = AlarmRequest {
            action: DEACTIVATE,
            member_id: alarm.member_id,
            alarm: match alarm.kind {
                AlarmKind::NoSpace => NO_SPACE,
                AlarmKind::Corrupt => CORRUPT,
            },
        };
        let done: (_, AlarmResponse) = self.ask(rpc::DISARM, question).await?;
        drop(done);
        Ok(())
    }

    pub(super) async fn do_defragment(&self) -> Result<()> {
        let done: (_, Done) = self.ask(rpc::DEFRAGMENT, DefragmentRequest {}).await?;
        drop(done);
        Ok(())
    }

    pub(super) async fn do_move_leader(&self, target_id: u64) -> Result<()> {
        let question = MoveLeaderRequest { target_id };
        let done: (_, Done) = self.ask(rpc::MOVE_LEADER, question).await?;
        drop(done);
        Ok(())
    }
}
