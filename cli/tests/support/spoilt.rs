/// A database with the header of a page in use spoilt: the first without which its other pages still
/// tell where it stands. Which pages an etcd writes first depends on when it writes.
pub(crate) fn spoilt(db: &[u8]) -> Vec<u8> {
    for page in 2..db.len() / 4096 {
        let mut spoilt = db.to_vec();
        spoilt[page * 4096..][..64].fill(0);
        let db = bolt::Db::open(spoilt.as_slice()).unwrap();
        let state = etcd::store_state::StoreState::read(&db);
        let members = etcd::store_state::members(&db);
        if !db.check().is_clean() && state.is_ok() && members.is_ok() {
            return spoilt;
        }
    }
    panic!("there is no such page");
}
