//! Answers of the neighbours.

use shopmesh_kit::{error::Result, money::Money};
use shopmesh_proto::{
    catalog::v1::QuoteVariantsResponse,
    payments::v1::{Payment, PaymentState},
};

use crate::{
    domain::line::{Quote, Quotes},
    peers::Authorisation,
};

/// Quotes by variant. A price finer than its currency is refused.
pub fn quotes(response: QuoteVariantsResponse) -> Result<Quotes> {
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

/// What a payment's state says about its authorisation.
pub fn authorisation(payment: Payment) -> Authorisation {
    match payment.state() {
        PaymentState::Authorised | PaymentState::Captured => Authorisation::Authorised(payment.name),
        PaymentState::Failed => Authorisation::Failed(payment.failure_code),
        PaymentState::Voided => Authorisation::Failed("voided".to_owned()),
        PaymentState::Unspecified | PaymentState::Authorising | PaymentState::Unknown => {
            Authorisation::Unknown
        }
    }
}
