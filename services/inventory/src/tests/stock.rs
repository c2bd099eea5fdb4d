//! Locations, adjustments, lists: who may, and what is refused.

use tonic::Code;

use super::*;

#[tokio::test]
async fn a_location_is_made_once() {
    let shop = Shop::open().await;
    let create = |title: &str| {
        let location = Location { name: EAST.into(), title: title.into(), priority: 1 };
        let request = CreateLocationRequest { location: Some(location) };
        shop.rpcs.create_location(by(operator(), "CreateLocation", request))
    };
    create("LOCATIONS/EAST").await.unwrap();
    assert_eq!(create("Other").await.unwrap_err().code(), Code::AlreadyExists);
    let listed = shop.rpcs.list_locations(by(operator(), "ListLocations", ListLocationsRequest {})).await;
    let listed = listed.unwrap().into_inner();
    let names: Vec<&str> = listed.locations.iter().map(|location| location.name.as_str()).collect();
    assert_eq!(names, [EAST, WEST]);
}

#[tokio::test]
async fn a_repeated_adjustment_moves_units_once() {
    let shop = Shop::open().await;
    let request = adjustment(1, EAST, 5);
    let first = shop.adjust(operator(), request.clone()).await.unwrap();
    assert_eq!((first.on_hand, first.available, first.seller.as_str()), (5, 5, "sellers/house"));
    assert_eq!(shop.adjust(operator(), request.clone()).await.unwrap(), first);
    assert_eq!(shop.available(1).await, 5);
    let reused = AdjustStockRequest { delta: 6, ..request };
    let status = shop.adjust(operator(), reused).await.unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(shop.events(&variant(1)).await, ["StockAdjusted"]);
}

#[tokio::test]
async fn no_more_can_be_taken_than_is_available() {
    let shop = Shop::with(5, 0).await;
    shop.reserve(1, &[(1, 3)]).await.unwrap();
    let status = shop.adjust(operator(), adjustment(1, EAST, -3)).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(violations(&status), [("STOCK".to_owned(), variant(1))]);
    shop.adjust(operator(), adjustment(1, EAST, -2)).await.unwrap();
    assert_eq!(shop.events(&variant(1)).await.last().unwrap(), "StockRanOut");
    let nothing_there = shop.adjust(operator(), adjustment(1, WEST, -1)).await.unwrap_err();
    assert_eq!(nothing_there.code(), Code::FailedPrecondition);
    let unknown = shop.adjust(operator(), adjustment(1, "locations/moon", 1)).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    shop.assert_sound().await;
}

#[tokio::test]
async fn sums_stay_far_from_overflow() {
    let shop = Shop::open().await;
    let units = 1_000_000_000;
    shop.import("a", vec![count(1, 1_000_000_000_000)]).await.unwrap();
    let status = shop.adjust(operator(), adjustment(1, EAST, units)).await.unwrap_err();
    assert_eq!(violations(&status), [("LIMIT".to_owned(), variant(1))]);
}

#[tokio::test]
async fn pages_cover_everything_once() {
    let shop = Shop::open().await;
    for number in 1..=5 {
        for location in [EAST, WEST] {
            shop.adjust(operator(), adjustment(number, location, 1)).await.unwrap();
        }
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListStockRequest { page_size: 3, page_token, ..Default::default() };
        let page = shop.rpcs.list_stock(by(operator(), "ListStock", request)).await.unwrap().into_inner();
        seen.extend(page.stock.into_iter().map(|stock| (stock.variant, stock.location)));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.is_sorted());
    let request = ListMovementsRequest { variant: variant(3), page_size: 1, ..Default::default() };
    let first = shop.rpcs.list_movements(by(operator(), "ListMovements", request.clone())).await.unwrap();
    let page_token = first.into_inner().next_page_token;
    let second = ListMovementsRequest { page_token: page_token.clone(), ..request };
    let second =
        shop.rpcs.list_movements(by(operator(), "ListMovements", second)).await.unwrap().into_inner();
    assert_eq!((second.movements[0].location.as_str(), second.next_page_token.as_str()), (EAST, ""));
    let other = ListMovementsRequest { variant: variant(4), page_token, ..Default::default() };
    let status = shop.rpcs.list_movements(by(operator(), "ListMovements", other)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "a token of another list");
}
