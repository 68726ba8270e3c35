/// Makes a test per etcd out of each function that takes a version: `case::on_etcd_3_4_23` and so
/// on, for all of [`ETCDS`](crate::oracles::ETCDS).
#[macro_export]
macro_rules! on_every_etcd {
    ($($case:ident),+ $(,)?) => {
        $(
            mod $case {
                #[test]
                fn on_etcd_3_4_23() {
                    super::$case("3.4.23");
                }

                #[test]
                fn on_etcd_3_5_1() {
                    super::$case("3.5.1");
                }

                #[test]
                fn on_etcd_3_5_35() {
                    super::$case("3.5.35");
                }

                #[test]
                fn on_etcd_3_6_16() {
                    super::$case("3.6.16");
                }

                #[test]
                fn on_etcd_3_7_3() {
                    super::$case("3.7.3");
                }
            }
        )+
    };
}
