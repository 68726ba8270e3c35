//! What a drill needs of this machine: an etcd on free ports, and a place for its report.

mod report_file;
mod stock_etcd;

pub(crate) use report_file::{log_beside, look, write};
pub(crate) use stock_etcd::StockEtcd;
