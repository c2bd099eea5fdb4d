//! Applies the filter's mutations, then those of the route.

use std::sync::Arc;

use super::config::Mutations;
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{Request, Response},
};

pub struct HeaderMutationFactory {
    pub name: Arc<str>,
    pub mutations: Arc<Mutations>,
}

impl FilterFactory for HeaderMutationFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(HeaderMutation { name: self.name.clone(), mutations: self.mutations.clone() })
    }
}

struct HeaderMutation {
    name: Arc<str>,
    mutations: Arc<Mutations>,
}

impl Filter for HeaderMutation {
    fn on_request<'a>(&'a mut self, mut request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        let of_route = exchange.per_route_configs::<Mutations>(&self.name);
        for mutations in std::iter::once(&*self.mutations).chain(of_route) {
            mutations.request_mutations.iter().for_each(|mutation| mutation.apply(request.headers_mut()));
        }
        Box::pin(std::future::ready(Flow::Continue(request)))
    }

    fn on_response<'a>(
        &'a mut self,
        mut response: Response,
        exchange: &'a mut Exchange,
    ) -> BoxFuture<'a, Response> {
        let of_route = exchange.per_route_configs::<Mutations>(&self.name);
        for mutations in std::iter::once(&*self.mutations).chain(of_route) {
            mutations.response_mutations.iter().for_each(|mutation| mutation.apply(response.headers_mut()));
        }
        Box::pin(std::future::ready(response))
    }
}
