//! What a shopper pays with, and what the provider says of it. Card numbers are kept out: a token that reads as one is
//! refused before it is stored anywhere.

use shopmesh_kit::{
    card_number,
    error::{Error, Result},
};

/// What the provider says about money that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// It is held, as `payments/...`.
    Authorized(String),
    /// Nobody knows yet.
    Unknown,
    /// It is not held and will not be; a code such as `card_declined`.
    Failed(String),
}

/// Refuses a token that is a card number.
pub fn refuse_card_number(token: &str) -> Result<()> {
    if !card_number::looks_like_one(token) {
        return Ok(());
    }
    Err(Error::invalid("payment_token", "looks like a card number; send a token of the payment provider"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_refused_however_they_are_spaced() {
        for number in ["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005", "6304000000000000"] {
            assert!(refuse_card_number(number).is_err(), "{number}");
        }
    }

    #[test]
    fn tokens_and_other_digits_pass() {
        for token in ["tok_approve", "4242424242424241", "123456789012", "tok_4242424242424242", ""] {
            assert!(refuse_card_number(token).is_ok(), "{token}");
        }
    }
}
