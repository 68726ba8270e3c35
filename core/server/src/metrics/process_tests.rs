use super::*;

const STAT: &str = "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 1234 0 5 0 150 50 0 0 20 0 12 0 987654 23068672 3210 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0";

/// The name of a program may hold brackets and spaces, which shift the fields for those who count from the left.
#[test]
fn fields_are_counted_after_the_name() {
    let stat = Stat::parse(STAT).unwrap();
    let expected = Stat {
        cpu_ticks: 200.0,
        start_ticks: 987_654.0,
        virtual_bytes: 23_068_672.0,
        resident_pages: 3210.0,
    };
    assert_eq!(stat, expected);
    for short in ["", "1 (a) S", &STAT[..60], "1 a S 1 2 3"] {
        assert_eq!(Stat::parse(short), None, "{short}");
    }
}

#[test]
fn bytes_of_all_interfaces_are_summed() {
    let text = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
  eth0:  500000     400    0    0    0     0          0         0    70000     300    0    0    0     0       0          0
";
    assert_eq!(network(text), Some((501_000.0, 71_000.0)));
    assert_eq!(network(""), None);
    assert_eq!(network("eth0: 7"), None);
}

#[test]
fn limits_and_boot_are_found() {
    let limits = "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n";
    assert_eq!(most_files(limits), Some(1024.0));
    assert_eq!(
        most_files("Max open files  unlimited unlimited files"),
        Some(f64::INFINITY)
    );
    assert_eq!(most_files("Max cpu time 1 1 s"), None);
    assert_eq!(
        boot_time("cpu 1\nbtime 1700000000\n"),
        Some(1_700_000_000.0)
    );
    assert_eq!(boot_time("cpu 1\n"), None);
}

/// Of this very process: all of them are there, and none is nonsense.
#[test]
fn this_process_is_measured() {
    let known = read();
    let names = OF_PROCESS.map(|(name, _)| name);
    for name in names
        .into_iter()
        .chain([NETWORK_RECEIVED.name, NETWORK_TRANSMITTED.name])
    {
        assert!(
            known.get(name).is_some_and(|value| *value >= 0.0),
            "{name}: {known:?}"
        );
    }
    let resident = known["process_resident_memory_bytes"];
    assert!(resident > 1e5 && resident < known["process_virtual_memory_bytes"]);
    assert!(known["process_open_fds"] >= 3.0);
    assert!(known["process_start_time_seconds"] > 1.6e9);
}
