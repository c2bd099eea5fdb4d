//! Whose units they are: the seller's in the catalog, whoever asks first.

use tonic::Code;

use super::*;

/// A request whose caller waits for this long.
fn within<M>(mut request: Request<M>, time: Duration) -> Request<M> {
    let call = Call::of(&request).unwrap().clone();
    let deadline = tokio::time::Instant::now() + time;
    let Call { peer, principal, policy, traceparent, .. } = call;
    request.extensions_mut().insert(Call::new(peer, principal, policy, deadline, traceparent));
    request
}

#[tokio::test]
async fn sellers_reach_their_own_units_only() {
    let shop = Shop::with(5, 0).await;
    shop.sells(ACME, 2..3).await;
    let own = AdjustStockRequest { seller: ACME.into(), ..adjustment(2, EAST, 7) };
    assert_eq!(shop.adjust(seller(ACME), own).await.unwrap().seller, ACME);
    assert_eq!(shop.adjust(seller(ACME), adjustment(2, EAST, 1)).await.unwrap().seller, ACME, "none named");
    // Whatever seller is named, the variant's own decides.
    for named in [ACME, HOUSE, ""] {
        let foreign = AdjustStockRequest { seller: named.into(), ..adjustment(1, WEST, 1) };
        assert_eq!(shop.adjust(seller(ACME), foreign).await.unwrap_err().code(), Code::PermissionDenied);
    }
    let mistaken = AdjustStockRequest { seller: ACME.into(), ..adjustment(1, WEST, 1) };
    assert_eq!(shop.adjust(operator(), mistaken).await.unwrap_err().code(), Code::FailedPrecondition);

    let list = |who| shop.rpcs.list_stock(by(who, "ListStock", ListStockRequest::default()));
    let theirs = list(seller(ACME)).await.unwrap().into_inner().stock;
    assert_eq!(theirs.iter().map(|stock| stock.variant.clone()).collect::<Vec<_>>(), [variant(2)]);
    assert_eq!(list(operator()).await.unwrap().into_inner().stock.len(), 2);
    let movements = |who| {
        let request = ListMovementsRequest { variant: variant(1), ..Default::default() };
        shop.rpcs.list_movements(by(who, "ListMovements", request))
    };
    assert_eq!(movements(seller(ACME)).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(movements(seller(HOUSE)).await.unwrap().into_inner().movements.len(), 1);
}

#[tokio::test]
async fn nobody_takes_a_rivals_variant_by_being_first() {
    let shop = Shop::open().await;
    shop.sells(ACME, 5..6).await;
    for named in [HOUSE, ACME, ""] {
        let first = AdjustStockRequest { seller: named.into(), ..adjustment(5, EAST, 1000) };
        assert_eq!(shop.adjust(seller(HOUSE), first).await.unwrap_err().code(), Code::PermissionDenied);
    }
    let mut counted = count(5, 7);
    counted.seller = HOUSE.into();
    assert_eq!(shop.import("a", vec![counted]).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(shop.adjust(seller(ACME), adjustment(5, EAST, 3)).await.unwrap().on_hand, 3);
    shop.import("a", vec![count(5, 7)]).await.unwrap();
    let listed = shop.rpcs.list_stock(by(seller(ACME), "ListStock", ListStockRequest::default())).await;
    assert_eq!(listed.unwrap().into_inner().stock[0].on_hand, 7, "a count that names nobody is the seller's");
}

#[tokio::test]
async fn a_variant_that_the_catalog_does_not_know_has_no_stock() {
    let shop = Shop::open().await;
    let short = Duration::from_millis(40);
    for who in [operator(), seller(HOUSE)] {
        let request = within(by(who, "AdjustStock", adjustment(77, EAST, 1)), short);
        let status = shop.rpcs.adjust_stock(request).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.get_details_resource_info().unwrap().resource_name, variant(77));
        assert!(status.get_details_retry_info().is_some(), "it may just not be known yet");
    }
    let request = ImportStockRequest { count_id: "a".into(), counts: vec![count(1, 5), count(77, 5)] };
    let request = within(call(operator(), "StockImportService", "ImportStock", request), short);
    assert_eq!(shop.rpcs.import_stock(request).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(shop.verify().await.checked, 0, "nothing was written");
}

#[tokio::test]
async fn a_variant_made_a_moment_ago_is_waited_for() {
    let shop = Shop::open().await;
    let (adjusted, ()) = tokio::join!(shop.adjust(seller(ACME), adjustment(77, EAST, 4)), async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        shop.sells(ACME, 77..78).await;
    });
    assert_eq!(adjusted.unwrap().seller, ACME);
}

#[tokio::test]
async fn the_catalog_rights_stock_that_another_seller_took() {
    let shop = Shop::with(1000, 0).await;
    shop.reserve(1, &[(1, 3)]).await.unwrap();
    shop.sells(ACME, 1..2).await;
    assert_eq!(
        shop.adjust(seller(HOUSE), adjustment(1, EAST, -1)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let written_off = shop.adjust(seller(ACME), adjustment(1, EAST, -990)).await.unwrap();
    assert_eq!((written_off.seller.as_str(), written_off.on_hand, written_off.held), (ACME, 10, 3));
    shop.assert_sound().await;
}

#[tokio::test]
async fn units_of_a_variant_taken_out_of_its_product_keep_their_owner() {
    let shop = Shop::open().await;
    shop.sells(ACME, 20..22).await;
    shop.adjust(seller(ACME), adjustment(21, EAST, 4)).await.unwrap();
    shop.sells(ACME, 20..21).await;
    assert_eq!(shop.adjust(seller(ACME), adjustment(21, EAST, -4)).await.unwrap().on_hand, 0);
}
