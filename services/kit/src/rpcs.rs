//! From the generated traits to the handlers of a service.

use tonic::Response;

/// What a handler answers: a message, or a message with metadata.
pub trait Reply<M> {
    /// The response that carries it.
    fn into_response(self) -> Response<M>;
}

impl<M> Reply<M> for M {
    fn into_response(self) -> Response<M> {
        Response::new(self)
    }
}

impl<M> Reply<M> for Response<M> {
    fn into_response(self) -> Response<M> {
        self
    }
}

/// Serves the services of a contract by handlers `async fn(&App, &Call, Request) -> Result<Reply>`, and makes `routes` of
/// them:
///
/// ```ignore
/// rpcs! {
///     App;
///     CartService in CartServiceServer {
///         create_cart(CreateCartRequest) -> Cart = carts::create,
///     }
/// }
/// ```
///
/// A service that streams names its streams, `CheckoutService in CheckoutServiceServer where WatchCheckoutStream = Checkouts`,
/// and replies `Self::WatchCheckoutStream`.
#[macro_export]
macro_rules! rpcs {
    ($app:ty; $(
        $service:ident in $server:ident $(where $($stream:ident = $items:ty),+)? {
            $($rpc:ident($request:ty) -> $reply:ty = $handler:path),+ $(,)?
        }
    )+) => {
        /// The services of the contract, by delegation only.
        #[derive(Clone)]
        pub struct Rpcs(pub ::std::sync::Arc<$app>);

        /// Their routes.
        pub fn routes(app: ::std::sync::Arc<$app>) -> ::tonic::service::Routes {
            let rpcs = Rpcs(app);
            ::tonic::service::Routes::default()$(.add_service($server::new(rpcs.clone())))+
        }

        $(
            #[::tonic::async_trait]
            impl $service for Rpcs {
                $($(type $stream = $items;)+)?

                $(
                    async fn $rpc(
                        &self,
                        request: ::tonic::Request<$request>,
                    ) -> ::std::result::Result<::tonic::Response<$reply>, ::tonic::Status> {
                        let (call, request) = $crate::server::Call::take(request)?;
                        let reply = $handler(&self.0, &call, request).await?;
                        Ok($crate::rpcs::Reply::<$reply>::into_response(reply))
                    }
                )+
            }
        )+
    };
}
