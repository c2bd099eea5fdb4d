//! What a payment provider says, one type for each thing that it is asked. Silence is the default of each: it does not
//! know yet, and nothing is concluded from that.

/// An answer, with the provider's name of what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer<T> {
    /// The provider's own id, such as `pi_...` of Stripe; a later one takes the place of an earlier one, as PayPal's
    /// capture that of its authorization. Empty when it told none.
    pub reference: String,
    /// What it says.
    pub outcome: T,
}

impl<T> Answer<T> {
    /// The reference to keep where `known` was kept before.
    pub fn reference_after(&self, known: &str) -> String {
        if self.reference.is_empty() { known.to_owned() } else { self.reference.clone() }
    }
}

/// Of an amount to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Authorization {
    /// It is held.
    Held,
    /// It is not and will not be; with the provider's code, such as `card_declined`.
    Declined(String),
    /// It will be once the customer has done something.
    RequiresAction(Action),
    /// It does not know yet.
    #[default]
    Pending,
}

/// What a customer has to do before an amount is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Go to this URL, such as the 3-D Secure page of a bank, or PayPal's approval.
    Redirect(String),
    /// Go on in the page, with this secret in the hands of the provider's script.
    ClientSecret(String),
}

/// Of what became of an authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// This.
    Found(Authorization),
    /// It never heard of it.
    Unheard,
}

impl Default for Lookup {
    fn default() -> Self {
        Self::Found(Authorization::Pending)
    }
}

/// Of an amount to take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Capture {
    /// It is taken; what the provider calls that is kept in place of the authorization's id.
    Captured,
    /// It is not and will not be; with the provider's code.
    Declined(String),
    /// It does not know yet; the authorization's id is kept, which is what a void would name.
    #[default]
    Pending,
}

/// Of an authorization to let go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Void {
    /// Nothing is held, and nothing will be for its key.
    Voided,
    /// Not by a void, such as after its capture; with the provider's code.
    Declined(String),
    /// It does not know yet.
    #[default]
    Pending,
}

/// Of an amount to give back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Refund {
    /// It is given back.
    Refunded,
    /// It is not and will not be; with the provider's code.
    Declined(String),
    /// It does not know yet.
    #[default]
    Pending,
}
