//! What peers are asked, and what they answer and tell.

use std::{collections::BTreeMap, time::Duration};

use shopmesh_kit::{
    error::Result,
    money::{Currency, Money},
};
use shopmesh_proto::{
    catalog::v1 as catalog,
    inventory::v1::{BatchGetAvailabilityResponse, ReserveLine, ReserveRequest},
    payments::v1::{AuthorizePaymentRequest, Payment, PaymentRefunded, PaymentState},
};

use crate::domain::{
    channel::Channel,
    line::{Line, Quote, Quotes},
    order::Refund,
    payment::Authorization,
};

/// A channel.
pub fn channel(channel: catalog::Channel) -> Result<Channel> {
    Ok(Channel { currency: Currency::parse(&channel.currency_code)?, countries: channel.countries })
}

/// Quotes by variant. A price finer than its currency is refused.
pub fn quotes(response: catalog::QuoteVariantsResponse) -> Result<Quotes> {
    let mut quotes = Quotes::default();
    for quote in response.quotes {
        let unit_price = Money::from_proto("unit_price", &quote.unit_price.unwrap_or_default())?;
        let offer = Quote {
            product: quote.product,
            seller: quote.seller,
            sku: quote.sku,
            title: quote.title,
            unit_price,
        };
        quotes.0.insert(quote.variant, offer);
    }
    Ok(quotes)
}

/// Units of every line, to be held for a checkout.
pub fn reserve(checkout: &str, lines: &[Line], hold: Duration) -> ReserveRequest {
    let line = |line: &Line| ReserveLine { variant: line.variant.clone(), quantity: line.quantity };
    ReserveRequest {
        owner: checkout.to_owned(),
        lines: lines.iter().map(line).collect(),
        ttl: prost_types::Duration::try_from(hold).ok(),
    }
}

/// Units that can be bought, by variant.
pub fn available(response: BatchGetAvailabilityResponse) -> BTreeMap<String, i64> {
    response.availabilities.into_iter().map(|of| (of.variant, of.available)).collect()
}

/// Money to be held for a checkout.
pub fn authorize(
    checkout: &str,
    owner: &str,
    amount: Money,
    payment_token: String,
) -> AuthorizePaymentRequest {
    AuthorizePaymentRequest {
        checkout: checkout.to_owned(),
        owner: owner.to_owned(),
        amount: Some(amount.to_proto()),
        payment_token,
    }
}

/// What a payment's state says about its authorization.
pub fn authorization(payment: Payment) -> Authorization {
    match payment.state() {
        PaymentState::Authorised | PaymentState::Captured => Authorization::Authorized(payment.name),
        PaymentState::Failed => Authorization::Failed(payment.failure_code),
        PaymentState::Voided => Authorization::Failed("voided".to_owned()),
        PaymentState::Unspecified | PaymentState::Authorising | PaymentState::Unknown => {
            Authorization::Unknown
        }
    }
}

/// Money that was given back.
pub fn refund(refunded: PaymentRefunded) -> Result<Refund> {
    let amount = Money::from_proto("amount", &refunded.amount.unwrap_or_default())?;
    Ok(Refund { name: refunded.refund, amount })
}
