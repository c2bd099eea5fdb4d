//! Carts over the wire: keys, versions, owners, pages.

use std::collections::BTreeSet;

use prost::Message;
use shopmesh_kit::{db::Tx, error::Result, money::Currency, page::PAGE_BYTES};
use shopmesh_proto::orders::v1 as pb;
use tonic::Code;

use super::{ANN, BOB, Shop, buy, by, fresh_id, peers::Fault, refusal, variant};
use crate::{
    domain::{cart::Cart, line::Line},
    ids::CartId,
    store::carts,
};

fn add(cart: &pb::Cart, number: u32, quantity: i64) -> pb::AddLinesRequest {
    pb::AddLinesRequest {
        cart: cart.name.clone(),
        lines: vec![pb::LineItem { variant: variant(number), quantity }],
        etag: String::new(),
        request_id: fresh_id(),
    }
}

#[tokio::test]
async fn lines_are_priced_by_the_catalog() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 3).await;
    assert_eq!((cart.owner.as_str(), cart.channel.as_str()), (ANN, "channels/default"));
    let subtotal = cart.subtotal.clone().unwrap();
    assert_eq!((subtotal.units, subtotal.nanos, subtotal.currency_code.as_str()), (7, 500_000_000, "USD"));

    shop.peers.world().prices.insert(variant(1), 300);
    let cart = shop.carts().add_lines(by(ANN, add(&cart, 2, 1))).await.unwrap().into_inner();
    assert_eq!(cart.subtotal.unwrap().units, 11, "a change prices every line anew");

    shop.peers.world().prices.remove(&variant(3));
    let (code, violations) =
        refusal(shop.carts().add_lines(by(ANN, add(&shop.cart(ANN, 1).await, 3, 1))).await);
    assert_eq!((code, violations), (Code::FailedPrecondition, vec![("UNAVAILABLE_ITEM".into(), variant(3))]));
}

#[tokio::test]
async fn a_repeated_addition_adds_once_and_answers_the_same() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 1).await;
    let request = pb::AddLinesRequest { etag: cart.etag.clone(), ..add(&cart, 1, 4) };
    let first = shop.carts().add_lines(by(ANN, request.clone())).await.unwrap().into_inner();
    let second = shop.carts().add_lines(by(ANN, request.clone())).await.unwrap().into_inner();
    assert_eq!(first, second);
    // A UUID is the same in either case (RFC 9562, section 4).
    let upper = pb::AddLinesRequest { request_id: request.request_id.to_uppercase(), ..request.clone() };
    assert_eq!(shop.carts().add_lines(by(ANN, upper)).await.unwrap().into_inner(), first);
    assert_eq!(shop.get_cart(ANN, &cart.name).await.lines[0].quantity, 5);

    let other = pb::AddLinesRequest { lines: add(&cart, 1, 9).lines, ..request };
    assert_eq!(refusal(shop.carts().add_lines(by(ANN, other)).await).0, Code::InvalidArgument);
}

#[tokio::test]
async fn a_stale_version_is_aborted() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 1).await;
    shop.carts().add_lines(by(ANN, add(&cart, 1, 1))).await.unwrap();
    let stale = pb::AddLinesRequest { etag: cart.etag.clone(), ..add(&cart, 1, 1) };
    assert_eq!(refusal(shop.carts().add_lines(by(ANN, stale)).await).0, Code::Aborted);
    let stale = pb::StartCheckoutRequest { expected_total: None, ..buy(&cart) };
    assert_eq!(refusal(shop.checkouts().start_checkout(by(ANN, stale)).await).0, Code::Aborted);
}

#[tokio::test]
async fn nobody_touches_another_ones_cart() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 1).await;
    let name = cart.name.clone();
    let get = pb::GetCartRequest { name: name.clone() };
    assert_eq!(refusal(shop.carts().get_cart(by(BOB, get)).await).0, Code::PermissionDenied);
    assert_eq!(refusal(shop.carts().add_lines(by(BOB, add(&cart, 1, 1))).await).0, Code::PermissionDenied);
    let delete = pb::DeleteCartRequest { name };
    assert_eq!(refusal(shop.carts().delete_cart(by(BOB, delete)).await).0, Code::PermissionDenied);
    assert_eq!(refusal(shop.checkouts().start_checkout(by(BOB, buy(&cart))).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn quantities_are_set_and_carts_thrown_away() {
    let shop = Shop::open().await;
    let cart = shop.cart(ANN, 5).await;
    let line = |number, quantity| pb::LineQuantity { variant: variant(number), quantity };
    let set =
        pb::SetLinesRequest { cart: cart.name.clone(), lines: vec![line(1, 0), line(2, 7)], etag: cart.etag };
    let cart = shop.carts().set_lines(by(ANN, set)).await.unwrap().into_inner();
    assert_eq!((cart.lines.len(), cart.lines[0].quantity), (1, 7));
    let delete = || by(ANN, pb::DeleteCartRequest { name: cart.name.clone() });
    shop.carts().delete_cart(delete()).await.unwrap();
    assert_eq!(refusal(shop.carts().delete_cart(delete()).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn pages_hold_the_callers_open_carts_newest_first() {
    let shop = Shop::open().await;
    let mut names = Vec::new();
    for _ in 0..5 {
        names.insert(0, shop.cart(ANN, 1).await.name);
    }
    shop.cart(BOB, 1).await;
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCartsRequest { page_size: 2, page_token };
        let page = shop.carts().list_carts(by(ANN, request)).await.unwrap().into_inner();
        seen.extend(page.carts.into_iter().map(|cart| cart.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        let stolen = pb::ListCartsRequest { page_size: 2, page_token: page_token.clone() };
        assert_eq!(refusal(shop.carts().list_carts(by(BOB, stolen)).await).0, Code::InvalidArgument);
    }
    assert_eq!(seen, names);
}

#[tokio::test]
async fn full_carts_make_short_pages() {
    let shop = Shop::open().await;
    let line = |number: u32| Line {
        variant: variant(number),
        product: "products/prd_01J00000000000000000000000".to_owned(),
        seller: "sellers/house".to_owned(),
        sku: format!("SKU-{number}"),
        title: "茶".repeat(400),
        quantity: 1,
        unit_minor: 250,
    };
    let usd = Currency::parse("USD").unwrap();
    // Older ones would be purged.
    let now = shop.app.clock.now();
    let carts: Vec<Cart> = (0..40)
        .map(|_| Cart {
            lines: (0..65).map(line).collect(),
            ..Cart::open(CartId::generate(), ANN.to_owned(), "channels/default".to_owned(), usd, now)
        })
        .collect();
    shop.app.db.write(carts, |tx, carts| Box::pin(insert_all(tx, carts))).await.unwrap();
    let (mut seen, mut page_token) = (BTreeSet::new(), String::new());
    loop {
        let request = pb::ListCartsRequest { page_size: 100, page_token };
        let page = shop.carts().list_carts(by(ANN, request)).await.unwrap().into_inner();
        assert!(page.encoded_len() <= PAGE_BYTES + 1024, "{} bytes", page.encoded_len());
        seen.extend(page.carts.into_iter().map(|cart| cart.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 40);
}

async fn insert_all(tx: &mut Tx, all: &Vec<Cart>) -> Result<()> {
    for cart in all {
        carts::insert(tx, cart).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_channel_and_a_silent_catalog_are_told_apart() {
    let shop = Shop::open().await;
    let request = |channel: &str| {
        let request_id = fresh_id();
        by(ANN, pb::CreateCartRequest { channel: channel.to_owned(), lines: Vec::new(), request_id })
    };
    assert_eq!(refusal(shop.carts().create_cart(request("channels/none")).await).0, Code::InvalidArgument);
    shop.peers.fail("channel", [super::peers::Fault::Lost(Code::DeadlineExceeded)]);
    assert_eq!(refusal(shop.carts().create_cart(request("")).await).0, Code::DeadlineExceeded);
    shop.carts().create_cart(request("")).await.unwrap();
}

#[tokio::test]
async fn a_line_that_cannot_be_bought_says_why() {
    let shop = Shop::open().await;
    let cart =
        shop.carts().add_lines(by(ANN, add(&shop.cart(ANN, 5).await, 2, 1))).await.unwrap().into_inner();
    let cart = shop.carts().add_lines(by(ANN, add(&cart, 3, 1))).await.unwrap().into_inner();
    let problems = async || {
        let cart = shop.get_cart(ANN, &cart.name).await;
        cart.lines.iter().map(pb::CartLine::problem).collect::<Vec<_>>()
    };
    let none = pb::CartLineProblem::Unspecified;
    assert_eq!(problems().await, [none; 3]);
    shop.peers.world().stock.insert(variant(1), 4);
    shop.peers.world().prices.insert(variant(2), 275);
    shop.peers.world().prices.remove(&variant(3));
    let all =
        [pb::CartLineProblem::OutOfStock, pb::CartLineProblem::PriceChanged, pb::CartLineProblem::NotSold];
    assert_eq!(problems().await, all);
    shop.peers.fail("quote", [Fault::Lost(Code::Unavailable)]);
    assert_eq!(problems().await, [all[0], none, none], "the catalog is away");
    shop.peers.fail("available", [Fault::Silent]);
    assert_eq!(problems().await, [none, all[1], all[2]], "the inventory does not answer");
    shop.peers.fail("quote", [Fault::Silent]);
    shop.peers.fail("available", [Fault::Lost(Code::Internal)]);
    assert_eq!(problems().await, [none; 3], "the cart is shown whatever they do");
}
