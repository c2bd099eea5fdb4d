//! Answers preflights, and marks every other answer, including the edge's own errors, as readable by allowed origins.

use std::sync::Arc;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
};

use super::config::Policies;
use crate::{
    filters::api::{BoxFuture, Exchange, Filter, FilterFactory, Flow},
    http::{Request, Response, empty},
};

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

pub struct CorsFactory {
    pub name: Arc<str>,
}

impl FilterFactory for CorsFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(Cors { name: self.name.clone(), answer: HeaderMap::new() })
    }
}

struct Cors {
    name: Arc<str>,
    /// What the answer must carry. Decided on the way in: a filter may change the route before the answer passes here.
    answer: HeaderMap,
}

impl Filter for Cors {
    fn on_request<'a>(&'a mut self, request: Request, exchange: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        Box::pin(std::future::ready(self.decide(request, exchange)))
    }

    fn on_response<'a>(&'a mut self, mut response: Response, _: &'a mut Exchange) -> BoxFuture<'a, Response> {
        if !self.answer.is_empty() {
            let headers = response.headers_mut();
            for (name, value) in self.answer.drain().filter_map(|(name, value)| Some((name?, value))) {
                // Only this filter speaks for the edge's origins: a service's own CORS headers would contradict it.
                if name == VARY {
                    headers.append(name, value)
                } else {
                    headers.insert(name, value).is_some()
                };
            }
        }
        Box::pin(std::future::ready(response))
    }
}

impl Cors {
    fn decide(&mut self, request: Request, exchange: &Exchange) -> Flow {
        let Some(origin) = request.headers().get(ORIGIN) else { return Flow::Continue(request) };
        let Some(policies) = Policies::new(exchange.per_route_configs(&self.name)) else {
            return Flow::Continue(request);
        };
        if !policies.enabled(rand::random()) {
            return Flow::Continue(request);
        }
        let preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let is_alone = request.headers().get_all(ORIGIN).iter().nth(1).is_none();
        let is_allowed = is_alone && policies.allows(origin);
        if !is_allowed && (!preflight || policies.forward_not_matching_preflights()) {
            return Flow::Continue(request);
        }
        self.answer.insert(VARY, HeaderValue::from_static("origin"));
        if is_allowed {
            self.answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            if let Some(exposed) = policies.expose_headers() {
                self.answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
            }
        }
        if policies.allow_credentials() {
            self.answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if preflight {
            answer_preflight(&mut self.answer, &policies, request.headers());
            return Flow::Respond(Response::new(empty()));
        }
        Flow::Continue(request)
    }
}

fn answer_preflight(headers: &mut HeaderMap, policies: &Policies<'_>, asked: &HeaderMap) {
    // "*" is answered with what was asked: a literal "*" covers neither credentials nor `authorization` (Fetch, 3.3.3).
    let mut allow = |answer: HeaderName, policy: Option<&HeaderValue>, asked: Option<&HeaderValue>| {
        let value = match policy {
            Some(value) if value == "*" => asked,
            other => other,
        };
        if let Some(value) = value {
            headers.insert(answer, value.clone());
        }
    };
    allow(ACCESS_CONTROL_ALLOW_METHODS, policies.allow_methods(), asked.get(ACCESS_CONTROL_REQUEST_METHOD));
    allow(ACCESS_CONTROL_ALLOW_HEADERS, policies.allow_headers(), asked.get(ACCESS_CONTROL_REQUEST_HEADERS));
    allow(ACCESS_CONTROL_MAX_AGE, policies.max_age(), None);
    if policies.allow_private_network_access()
        && asked.get(REQUEST_PRIVATE_NETWORK).is_some_and(|v| v == "true")
    {
        headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
    }
}
