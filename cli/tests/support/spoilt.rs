/// A database with the header of its first page in use spoilt: an old page, so that its newest
/// pages still tell where it stands.
pub(crate) fn spoilt(db: &[u8]) -> Vec<u8> {
    for page in 2..db.len() / 4096 {
        let mut spoilt = db.to_vec();
        spoilt[page * 4096..][..64].fill(0);
        let db = bolt::Db::open(spoilt.as_slice()).unwrap();
        if !db.check().is_clean() {
            return spoilt;
        }
    }
    panic!("no page of the database is in use");
}
