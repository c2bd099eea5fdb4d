//! Rules of carts, and that no sequence of changes breaks them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shopmesh_kit::error::ErrorKind;

use super::*;
use crate::domain::line::{PriceProblem, Quote, reprice};

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn variant(number: usize) -> String {
    format!("variants/v{number}")
}

fn quotes(offers: impl IntoIterator<Item = (usize, i64)>) -> Quotes {
    let offer = |(number, minor): (usize, i64)| {
        let quote = Quote {
            product: format!("products/p{number}"),
            seller: "sellers/house".to_owned(),
            sku: format!("sku-{number}"),
            title: format!("Thing {number}"),
            unit_price: Money { minor, currency: usd() },
        };
        (variant(number), quote)
    };
    Quotes(offers.into_iter().map(offer).collect())
}

fn want(number: usize, quantity: i64) -> Wanted {
    Wanted { variant: variant(number), quantity }
}

fn cart() -> Cart {
    Cart::open(CartId::generate(), "users/a".into(), "channels/default".into(), usd(), Timestamp(1))
}

fn cart_of(lines: &[(usize, i64)]) -> Cart {
    let mut cart = cart();
    let wanted: Vec<Wanted> = lines.iter().map(|(number, quantity)| want(*number, *quantity)).collect();
    let quotes = quotes(lines.iter().map(|(number, _)| (*number, 250)));
    cart.change(Change::Add, &wanted, &quotes, Timestamp(2)).unwrap();
    cart
}

#[test]
fn units_of_a_known_variant_are_added_to_its_line_at_the_new_price() {
    let mut cart = cart_of(&[(1, 2)]);
    cart.change(Change::Add, &[want(1, 3), want(1, 1)], &quotes([(1, 300)]), Timestamp(3)).unwrap();
    assert_eq!(cart.lines.len(), 1);
    assert_eq!((cart.lines[0].quantity, cart.lines[0].unit_minor), (6, 300));
    assert_eq!(cart.subtotal().unwrap().minor, 1800);
}

#[test]
fn setting_zero_takes_a_line_out_even_when_it_is_no_longer_sold() {
    let mut cart = cart_of(&[(1, 2), (2, 1)]);
    assert!(cart.change(Change::Set, &[want(1, 0)], &Quotes::default(), Timestamp(3)).unwrap());
    assert_eq!(cart.lines.iter().map(|line| line.variant.as_str()).collect::<Vec<_>>(), [variant(2)]);
    assert!(!cart.change(Change::Set, &[want(1, 0)], &Quotes::default(), Timestamp(4)).unwrap());
    assert_eq!((cart.version, cart.updated), (3, Timestamp(3)));
}

#[test]
fn unavailable_variants_are_all_named_and_nothing_changes() {
    let mut cart = cart_of(&[(1, 2)]);
    let before = cart.clone();
    let error = cart
        .change(Change::Add, &[want(1, 1), want(7, 1), want(8, 1)], &quotes([(1, 250)]), Timestamp(3))
        .unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "UNAVAILABLE_ITEM"));
    assert_eq!(cart, before);
}

#[test]
fn a_quote_in_another_currency_is_no_offer() {
    let mut other = quotes([(1, 250)]);
    other.0.get_mut(&variant(1)).unwrap().unit_price.currency = Currency::parse("EUR").unwrap();
    assert!(cart().change(Change::Add, &[want(1, 1)], &other, Timestamp(2)).is_err());
}

#[test]
fn no_cart_costs_more_than_can_be_charged() {
    let price = Money::LARGEST_CHARGE / MAX_QUANTITY;
    let mut cart = cart();
    cart.change(Change::Add, &[want(1, MAX_QUANTITY)], &quotes([(1, price)]), Timestamp(2)).unwrap();
    let both = quotes([(1, price), (2, 1)]);
    let error = cart.change(Change::Add, &[want(2, 1)], &both, Timestamp(3)).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "LIMIT"));
    // Prices may have risen since the cart was made; one from before there was a limit is not charged either.
    cart.lines[0].unit_minor = i64::MAX / MAX_QUANTITY;
    assert_eq!(cart.begin_checkout(CheckoutId::generate(), Timestamp(4)).unwrap_err().reason(), "LIMIT");
}

#[test]
fn limits_hold_after_merging() {
    let mut cart = cart_of(&[(1, MAX_QUANTITY)]);
    let error = cart.change(Change::Add, &[want(1, 1)], &quotes([(1, 250)]), Timestamp(3)).unwrap_err();
    assert_eq!(error.reason(), "LIMIT");

    let all: Vec<(usize, i64)> = (0..MAX_LINES).map(|number| (number, 1)).collect();
    let mut full = cart_of(&all);
    let error = full.change(Change::Add, &[want(900, 1)], &quotes([(900, 1)]), Timestamp(3)).unwrap_err();
    assert_eq!(error.reason(), "LIMIT");
    assert_eq!(full.lines.len(), MAX_LINES);
    assert_eq!(full.variants_to_quote(&[want(900, 1)]).len(), MAX_LINES);
}

#[test]
fn a_total_that_does_not_fit_is_refused() {
    let error =
        cart().change(Change::Add, &[want(1, 10)], &quotes([(1, i64::MAX / 2)]), Timestamp(2)).unwrap_err();
    assert_eq!(error.reason(), "LIMIT");
}

#[test]
fn a_variant_named_twice_cannot_be_set() {
    let error = cart_of(&[(1, 1)])
        .change(Change::Set, &[want(1, 1), want(1, 2)], &quotes([(1, 250)]), Timestamp(3))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_cart_in_checkout_is_frozen_until_that_checkout_settles() {
    let (first, second) = (CheckoutId::generate(), CheckoutId::generate());
    let mut cart = cart_of(&[(1, 2)]);
    cart.begin_checkout(first.clone(), Timestamp(3)).unwrap();
    assert!(cart.change(Change::Add, &[want(1, 1)], &quotes([(1, 250)]), Timestamp(4)).is_err());
    assert!(cart.begin_checkout(second.clone(), Timestamp(4)).is_err());
    assert!(cart.convert(&second, Timestamp(4)).is_err());
    assert!(cart.require_active().is_err());

    let mut failed = cart.clone();
    failed.reopen(&first, cart.lines.clone(), Timestamp(5)).unwrap();
    assert_eq!((failed.state, failed.checkout.clone()), (CartState::Active, None));
    failed.begin_checkout(second, Timestamp(6)).unwrap();

    cart.convert(&first, Timestamp(5)).unwrap();
    assert!(cart.reopen(&first, Vec::new(), Timestamp(6)).is_err());
    assert!(cart.begin_checkout(first, Timestamp(6)).is_err());
}

#[test]
fn there_must_be_something_to_pay() {
    assert!(cart().begin_checkout(CheckoutId::generate(), Timestamp(2)).is_err());
    let mut free = cart();
    free.change(Change::Add, &[want(1, 5)], &quotes([(1, 0)]), Timestamp(2)).unwrap();
    assert!(free.begin_checkout(CheckoutId::generate(), Timestamp(3)).is_err());
}

#[test]
fn repricing_tells_gone_from_changed() {
    let lines = cart_of(&[(1, 2), (2, 1)]).lines;
    assert_eq!(reprice(&lines, &quotes([(1, 250), (2, 250)]), usd()).unwrap(), lines);
    assert_eq!(
        reprice(&lines, &quotes([(1, 1)]), usd()).unwrap_err(),
        PriceProblem::Unavailable(vec![variant(2)])
    );
    let PriceProblem::Changed { variants, lines } =
        reprice(&lines, &quotes([(1, 250), (2, 240)]), usd()).unwrap_err()
    else {
        panic!("expected a changed price")
    };
    assert_eq!((variants, lines[1].unit_minor), (vec![variant(2)], 240));
}

proptest! {
    #[test]
    fn no_sequence_of_changes_breaks_a_cart(
        changes in prop::collection::vec(
            (any::<bool>(), prop::collection::vec((0_usize..6, 0_i64..12_000), 1..5), 0_i64..5),
            1..20,
        )
    ) {
        let mut cart = cart();
        for (at, (add, wanted, price)) in changes.into_iter().enumerate() {
            let how = if add { Change::Add } else { Change::Set };
            let wanted: Vec<Wanted> = wanted.into_iter().map(|(number, quantity)| want(number, quantity)).collect();
            // Variant 5 is never sold.
            let quotes = quotes((0..5).map(|number| (number, price)));
            let before = cart.clone();
            match cart.change(how, &wanted, &quotes, Timestamp(i64::try_from(at).unwrap() + 10)) {
                Err(_) => prop_assert_eq!(&cart, &before),
                Ok(changed) => {
                    prop_assert_eq!(changed, cart.lines != before.lines);
                    prop_assert_eq!(cart.version, before.version + i64::from(changed));
                }
            }
            let distinct: BTreeSet<&str> = cart.lines.iter().map(|line| line.variant.as_str()).collect();
            prop_assert_eq!(distinct.len(), cart.lines.len());
            prop_assert!(cart.lines.iter().all(|line| (1..=MAX_QUANTITY).contains(&line.quantity)));
            let sum: i64 = cart.lines.iter().map(|line| line.quantity * line.unit_minor).sum();
            prop_assert_eq!(cart.subtotal().unwrap().minor, sum);
        }
    }
}
