//! What a message may say beside our own words: a closed list, each with a form that leaves no room for words.
//!
//! An account's address is whatever somebody typed: nobody has shown that it is theirs. So nothing that a person wrote
//! (a name, a title, a reason, a number of a parcel) goes into a message; else everybody could send everybody theirs in
//! our name. What has to be said is a number, an amount, or one of our own phrases.

use std::collections::BTreeMap;

use shopmesh_kit::{
    error::{Error, Result},
    money::Money,
};

/// Reasons of a refused payment that are told, by the provider's code.
const REASONS: [(&str, &str); 5] = [
    ("card_declined", "the card was declined"),
    ("expired_card", "the card has expired"),
    ("insufficient_funds", "there is not enough money on the account"),
    ("processing_error", "the payment provider had a problem"),
    ("requires_action", "the bank wants a confirmation, for which this shop has no way yet"),
];
/// Of every other refusal: its code is somebody else's text.
const OTHER_REASON: &str = "the payment provider did not say why";
/// Digits of an order's number at most.
const MAX_DIGITS: usize = 18;

/// Values of a template's variables, each a [`Fact`].
pub type Variables = BTreeMap<String, String>;

/// A value of a template's variable.
#[derive(Clone, Debug)]
pub enum Fact<'a> {
    /// `order_number`: digits.
    OrderNumber(&'a str),
    /// `items`: units of everything that was ordered.
    Items(i64),
    /// `total`: of an order.
    Total(Money),
    /// `amount`: of a refund.
    Amount(Money),
    /// `reason`: our phrase for a provider's code.
    Reason(&'a str),
}

impl Fact<'_> {
    /// All variables that a template may have.
    pub const VARIABLES: [&'static str; 5] = ["amount", "items", "order_number", "reason", "total"];

    /// The variable it is a value of.
    pub fn variable(&self) -> &'static str {
        match self {
            Self::OrderNumber(_) => "order_number",
            Self::Items(_) => "items",
            Self::Total(_) => "total",
            Self::Amount(_) => "amount",
            Self::Reason(_) => "reason",
        }
    }

    /// How it is written.
    ///
    /// # Errors
    /// INTERNAL when it does not have its form.
    pub fn text(&self) -> Result<String> {
        match self {
            Self::OrderNumber(number) => {
                let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                if !is_number || number.len() > MAX_DIGITS {
                    return Err(Error::internal(anyhow::anyhow!("an order's number is not of digits")));
                }
                Ok((*number).to_owned())
            }
            Self::Items(count) => Ok(count.to_string()),
            Self::Total(money) | Self::Amount(money) => Ok(money.to_string()),
            Self::Reason(code) => {
                let known = REASONS.iter().find(|(known, _)| known == code);
                Ok(known.map_or(OTHER_REASON, |(_, phrase)| phrase).to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_of_others_are_no_facts() {
        for number in ["", "evil.example", "10 07", "1007\n", "１００７", "1234567890123456789"] {
            assert!(Fact::OrderNumber(number).text().is_err(), "{number}");
        }
        assert_eq!(Fact::OrderNumber("1007").text().unwrap(), "1007");
        assert_eq!(Fact::Reason("card_declined").text().unwrap(), "the card was declined");
    }

    proptest! {
        #[test]
        fn a_reason_is_one_of_our_phrases(code in any::<String>()) {
            let said = Fact::Reason(&code).text().unwrap();
            prop_assert!(said == OTHER_REASON || REASONS.iter().any(|(_, phrase)| *phrase == said));
        }
    }
}
