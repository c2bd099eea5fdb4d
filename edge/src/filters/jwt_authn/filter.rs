//! Finds the rule of a request and answers 401 if its requirement does not hold.

use std::sync::Arc;

use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, WWW_AUTHENTICATE},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{
    config::{JwtAuthentication, RequirementRule},
    provider::{JwtError, Provider},
    requirement::{Providers, Requirement},
};
use crate::{
    bootstrap::reader::{ConfigError, YamlPath},
    filters::api::{BoxFuture, Exchange, Filter, FilterContext, FilterFactory, Flow},
    http::{LocalReply, ORIGINAL_PATH, Request, Response, code},
    routing::Matcher,
};

/// Characters of the path that the realm of a challenge names, as Envoy's.
const REALM_PATH: usize = 256;
/// A quotation mark would end the realm; what is not ASCII is encoded too, for it is no text of a header.
const REALM: &AsciiSet = &CONTROLS.add(b'"').add(b'\\');

pub struct JwtAuthnFactory(pub Arc<Rules>);

impl FilterFactory for JwtAuthnFactory {
    fn create(&self) -> Box<dyn Filter> {
        Box::new(JwtAuthn(self.0.clone()))
    }
}

/// The rules, in order.
pub struct Rules {
    rules: Vec<(Matcher, Option<Requirement>)>,
    bypass_cors_preflight: bool,
}

impl Rules {
    pub fn new(
        config: JwtAuthentication,
        at: &YamlPath,
        context: &FilterContext<'_>,
    ) -> Result<Self, ConfigError> {
        let mut providers = Providers::new();
        for (name, provider) in config.providers {
            let provider = Provider::new(provider, &at.field("providers").field(&name), context)?;
            providers.insert(name, Arc::new(provider));
        }
        let map = config.requirement_map;
        let read_rule = |(i, rule): (usize, RequirementRule)| {
            let at = at.field("rules").index(i);
            let requirement = match (rule.requires, rule.requirement_name) {
                (requires, None) => requires.map(|requires| (requires, at.field("requires"))),
                (None, Some(name)) => {
                    let named = map.get(&name).cloned();
                    let named = named.ok_or_else(|| {
                        at.field("requirement_name").error(format!("{name:?} is not in requirement_map"))
                    })?;
                    Some((named, at.field("requirement_map")))
                }
                (Some(_), Some(_)) => {
                    return Err(at.error("requires and requirement_name exclude each other"));
                }
            };
            let requirement =
                requirement.map(|(config, at)| Requirement::new(config, &providers, &at)).transpose()?;
            Ok((Matcher::new(rule.matches, &at.field("match"))?, requirement))
        };
        let rules =
            config.rules.into_iter().enumerate().map(read_rule).collect::<Result<_, ConfigError>>()?;
        Ok(Self { rules, bypass_cors_preflight: config.bypass_cors_preflight })
    }

    fn requirement(&self, request: &Request) -> Option<&Requirement> {
        let headers = request.headers();
        let preflight = request.method() == Method::OPTIONS
            && headers.contains_key(ORIGIN)
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if preflight && self.bypass_cors_preflight {
            return None;
        }
        let (_, requirement) = self.rules.iter().find(|(m, _)| m.is_match(request.uri().path(), headers))?;
        requirement.as_ref()
    }
}

struct JwtAuthn(Arc<Rules>);

impl Filter for JwtAuthn {
    fn on_request<'a>(&'a mut self, request: Request, _: &'a mut Exchange) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            let Some(requirement) = self.0.requirement(&request) else { return Flow::Continue(request) };
            // A body is not `Sync`, so only the head may be borrowed across an await.
            let (mut head, body) = request.into_parts();
            let mut accepted: Vec<Arc<Provider>> = Vec::new();
            match requirement.verify(&head.headers, &mut accepted).await {
                Ok(()) => {
                    accepted.iter().for_each(|provider| provider.strip(&mut head.headers));
                    Flow::Continue(Request::from_parts(head, body))
                }
                Err(error) => Flow::Respond(refuse(error, &head)),
            }
        })
    }
}

fn refuse(error: JwtError, head: &http::request::Parts) -> Response {
    let (status, code) = match error {
        JwtError::AudienceNotAllowed => (StatusCode::FORBIDDEN, code::PERMISSION_DENIED),
        _ => (StatusCode::UNAUTHORIZED, code::UNAUTHENTICATED),
    };
    let reply = LocalReply::new(status, "jwt_authn_access_denied", error.to_string()).with_code(code);
    let mut response = reply.into_response();
    if status == StatusCode::UNAUTHORIZED {
        let host = head.uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        // What the client asked for, not what it was transcoded to.
        let original = head.headers.get(ORIGINAL_PATH).map(|path| String::from_utf8_lossy(path.as_bytes()));
        let asked = original.or_else(|| Some(head.uri.path_and_query()?.as_str().into())).unwrap_or_default();
        let asked: String = asked.chars().take(REALM_PATH).collect();
        let asked = utf8_percent_encode(&asked, REALM);
        let why = if error == JwtError::Missing { "" } else { ", error=\"invalid_token\"" };
        let challenge = format!("Bearer realm=\"http://{host}{asked}\"{why}");
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
    }
    response
}
