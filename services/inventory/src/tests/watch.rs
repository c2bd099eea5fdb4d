//! Watching: the present first, then each change once, also for a watcher that fell behind.

use futures_util::{StreamExt, TryStreamExt};
use shopmesh_mesh::net::Drain;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

type Stream = <Rpcs as InventoryService>::WatchStockStream;

fn request(numbers: &[u32]) -> Request<WatchStockRequest> {
    let variants = numbers.iter().map(|number| variant(*number)).collect();
    by(Principal::Anonymous, "WatchStock", WatchStockRequest { variants })
}

async fn watch(shop: &Shop, numbers: &[u32]) -> Stream {
    shop.rpcs.watch_stock(request(numbers)).await.unwrap().into_inner()
}

async fn next(stream: &mut Stream) -> (String, i64) {
    let told = tokio::time::timeout(PATIENCE, stream.try_next()).await.expect("a change is told");
    let told = told.unwrap().expect("the stream goes on");
    (told.variant, told.available)
}

#[tokio::test]
async fn the_present_and_then_every_change() {
    let shop = Shop::with(5, 0).await;
    let mut stream = watch(&shop, &[1, 2]).await;
    assert_eq!(next(&mut stream).await, (variant(1), 5));
    assert_eq!(next(&mut stream).await, (variant(2), 0));
    shop.reserve(1, &[(1, 2)]).await.unwrap();
    assert_eq!(next(&mut stream).await, (variant(1), 3));
    // Neither a repeat nor a refusal nor another variant is news.
    shop.reserve(1, &[(1, 2)]).await.unwrap();
    shop.reserve(2, &[(1, 9)]).await.unwrap_err();
    shop.adjust(operator(), adjustment(3, EAST, 1)).await.unwrap();
    shop.release(1).await.unwrap();
    assert_eq!(next(&mut stream).await, (variant(1), 5));
    shop.adjust(operator(), adjustment(2, WEST, 4)).await.unwrap();
    assert_eq!(next(&mut stream).await, (variant(2), 4));
}

#[tokio::test]
async fn a_watcher_that_fell_behind_reads_the_present() {
    let shop = Shop::with(1, 0).await;
    let mut stream = watch(&shop, &[1]).await;
    assert_eq!(next(&mut stream).await, (variant(1), 1));
    for _ in 0..1500 {
        shop.app.feed.publish(vec![crate::domain::stock::Availability {
            variant: variant(9),
            available: 0,
            version: 0,
        }]);
    }
    shop.tamper("UPDATE stock SET on_hand = 8, version = version + 1").await;
    assert_eq!(next(&mut stream).await, (variant(1), 8));
}

#[tokio::test]
async fn a_watch_ends_with_the_drain() {
    let shop = Shop::with(1, 0).await;
    let (trigger, drain) = Drain::new();
    let mut request = request(&[1]);
    request.extensions_mut().insert(drain);
    let mut stream = shop.rpcs.watch_stock(request).await.unwrap().into_inner();
    next(&mut stream).await;
    let drained = tokio::spawn(trigger.drain(PATIENCE));
    let end = tokio::time::timeout(PATIENCE, stream.next()).await.expect("the stream ends");
    assert!(end.is_none());
    assert!(drained.await.unwrap());
}
