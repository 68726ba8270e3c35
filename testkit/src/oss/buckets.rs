use hyper::{Method, Response};

use super::asked::Asked;
use super::bucket::World;
use super::refusal::Refusal;
use super::reply::empty;
use crate::loopback::Body;

/// Making and removing buckets.
pub(super) fn answer(asked: &Asked, world: &mut World) -> Result<Response<Body>, Refusal> {
    match asked.method {
        Method::PUT => {
            world.create(&asked.bucket);
            Ok(empty(200))
        }
        Method::HEAD => world.bucket(&asked.bucket).map(|_| empty(200)),
        Method::DELETE => {
            let bucket = world.bucket(&asked.bucket)?;
            if !bucket.objects.is_empty() || !bucket.uploads.is_empty() {
                let message = "The bucket you tried to delete is not empty.";
                return Err(Refusal::new(409, "BucketNotEmpty", message));
            }
            world.buckets.remove(&asked.bucket);
            Ok(empty(204))
        }
        _ => Err(Refusal::not_implemented("this method on a bucket")),
    }
}
