//! GetCart: the cart as it was last priced, and which of its lines cannot be bought as they are.

use std::time::Duration;

use shopmesh_kit::error::Result;
use shopmesh_mesh::server::Call;
use shopmesh_proto::orders::v1 as pb;
use tokio::time::timeout;

use super::authorized;
use crate::{
    app::App,
    domain::{
        cart::{Cart, CartState},
        line::Offers,
    },
    translate,
};

/// How long a peer may take. The cart is shown without what it would have said.
const PATIENCE: Duration = Duration::from_millis(500);

/// The cart, whether or not the peers answer.
pub async fn answer(app: &App, call: &Call, request: pb::GetCartRequest) -> Result<pb::Cart> {
    let cart = authorized::cart(app, call, "name", &request.name).await?;
    let mut reply = translate::rpc::cart(&cart)?;
    if cart.state == CartState::Active && !cart.lines.is_empty() {
        let offers = offers(app, &cart).await;
        for (shown, line) in reply.lines.iter_mut().zip(&cart.lines) {
            shown.set_problem(translate::rpc::line_problem(offers.problem_of(line, cart.currency)));
        }
    }
    Ok(reply)
}

/// What the peers say of the cart's variants, both asked at once.
async fn offers(app: &App, cart: &Cart) -> Offers {
    let variants: Vec<String> = cart.lines.iter().map(|line| line.variant.clone()).collect();
    let (quotes, available) = tokio::join!(
        timeout(PATIENCE, app.peers.quote(&cart.channel, variants.clone())),
        timeout(PATIENCE, app.peers.available(variants)),
    );
    Offers { quotes: quotes.ok().and_then(Result::ok), available: available.ok().and_then(Result::ok) }
}
