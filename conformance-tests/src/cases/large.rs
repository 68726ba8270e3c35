//! What writes more than anybody wants to wait for each time: run when somebody asks for it.

use super::body::arrives_whole;
use crate::case::cases;
use crate::{Context, Outcome};

cases!("body":
    Uploads of_1_gib_arrives_whole,
);

async fn of_1_gib_arrives_whole(t: Context) -> Outcome {
    arrives_whole(&t, 1 << 30).await
}
