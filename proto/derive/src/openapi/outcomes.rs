//! Which errors an operation can answer, and what they look like: one response per HTTP status, shared by all.

use std::collections::BTreeMap;

use prost_reflect::DescriptorPool;
use serde_json::json;
use shopmesh_json::{google::rpc::Code, http_status};
use shopmesh_proto::policy::{AllowRule, MethodPolicy, RateClass};

use super::{
    members::Members,
    model::{Header, MediaType, Response},
    schema::Schema,
    schemas::{Schemas, Side},
};

/// What decides which errors there are.
pub struct Facts<'a> {
    pub policy: &'a MethodPolicy,
    /// The path has variables.
    pub names_resource: bool,
    /// A body is read.
    pub has_body: bool,
}

/// One kind of error.
struct Outcome {
    code: Code,
    /// Where the edge itself answers with another status than the code's.
    status: Option<u16>,
    happens: fn(&Facts<'_>) -> bool,
    text: &'static str,
}

const fn outcome(code: Code, happens: fn(&Facts<'_>) -> bool, text: &'static str) -> Outcome {
    Outcome { code, status: None, happens, text }
}

const OUTCOMES: &[Outcome] = &[
    outcome(
        Code::InvalidArgument,
        always,
        "A field is missing or wrong; `google.rpc.BadRequest` says which.",
    ),
    outcome(
        Code::FailedPrecondition,
        mutates,
        "The request is right, the state forbids it; `google.rpc.PreconditionFailure` says what.",
    ),
    outcome(Code::Unauthenticated, always, "There is no access token, or one that does not hold."),
    outcome(Code::PermissionDenied, restricted, "The caller may not, or the resource does not exist."),
    outcome(Code::NotFound, names_something, "There is no such resource."),
    outcome(Code::AlreadyExists, mutates, "There is one already."),
    outcome(Code::Aborted, mutates, "Somebody else was faster; read again and retry."),
    Outcome {
        code: Code::ResourceExhausted,
        status: Some(413),
        happens: always,
        text: "The body is larger than 1 MiB.",
    },
    Outcome {
        code: Code::InvalidArgument,
        status: Some(414),
        happens: always,
        text: "Path and query are longer than 8 KiB.",
    },
    Outcome {
        code: Code::InvalidArgument,
        status: Some(415),
        happens: always,
        text: "The body is not `application/json`, or compressed.",
    },
    Outcome {
        code: Code::InvalidArgument,
        status: Some(431),
        happens: always,
        text: "There are more than 100 headers.",
    },
    Outcome {
        code: Code::Unavailable,
        status: Some(502),
        happens: always,
        text: "A service broke off its answer, or sent one that cannot be read.",
    },
    outcome(Code::ResourceExhausted, limited, "Too many requests; `retry-after` says when to come back."),
    outcome(Code::Internal, always, "A defect of the shop. What happened is in its log."),
    outcome(Code::Unavailable, always, "A service is away or full; try again."),
    outcome(Code::DeadlineExceeded, always, "Time ran out; the outcome is not known."),
];

fn always(_: &Facts<'_>) -> bool {
    true
}

fn mutates(facts: &Facts<'_>) -> bool {
    facts.policy.mutates()
}

fn restricted(facts: &Facts<'_>) -> bool {
    !facts.policy.allow.contains(&AllowRule::Anyone)
}

/// By its path, or in a body that may name others.
fn names_something(facts: &Facts<'_>) -> bool {
    facts.names_resource || facts.has_body
}

/// The limit per address is off only for unlimited RPCs whose path has no variables: see `edge_yaml/routes.rs`.
fn limited(facts: &Facts<'_>) -> bool {
    facts.policy.rate != RateClass::Unlimited || facts.names_resource
}

impl Outcome {
    fn status(&self) -> u16 {
        self.status.unwrap_or_else(|| http_status(self.code))
    }
}

/// The errors of one operation, by status.
pub fn of(facts: &Facts<'_>) -> impl Iterator<Item = (u16, Response)> {
    let happening = OUTCOMES.iter().filter(|outcome| (outcome.happens)(facts));
    happening.map(|outcome| {
        let reference = format!("#/components/responses/{}", name(outcome.status()));
        (outcome.status(), Response::There { reference })
    })
}

/// The shared responses.
pub fn responses(pool: &DescriptorPool, schemas: &mut Schemas) -> Members<Response> {
    let status = status_schema(pool, schemas);
    let status = schemas.add("google.rpc.Status", status);
    let mut by_status: BTreeMap<u16, Vec<&Outcome>> = BTreeMap::new();
    for outcome in OUTCOMES {
        by_status.entry(outcome.status()).or_default().push(outcome);
    }
    let response = |(number, outcomes): (u16, Vec<&Outcome>)| {
        let texts: Vec<String> = outcomes
            .iter()
            .map(|outcome| format!("`{}`: {}", outcome.code.as_str_name(), outcome.text))
            .collect();
        let retry = Header { description: "Seconds to wait.", schema: Schema::of("integer") };
        let response = Response::Here {
            description: texts.join("\n\n"),
            headers: (number == 429).then_some(("retry-after", retry)).into_iter().collect(),
            content: [("application/json".to_owned(), example(&status, outcomes[0]))].into(),
        };
        (name(number).to_owned(), response)
    };
    by_status.into_iter().map(response).collect()
}

/// A status, with an example of its own: that of the schema shows every detail there is.
fn example(status: &Schema, outcome: &Outcome) -> MediaType {
    let code = i32::from(outcome.code);
    let example = Some(json!({"code": code, "message": outcome.text, "details": []}));
    MediaType { schema: status.clone(), example }
}

/// `google.rpc.Status` as `json/status.rs` prints it, with the details that are used (AIP-193).
fn status_schema(pool: &DescriptorPool, schemas: &mut Schemas) -> Schema {
    let names = ["BadRequest", "ErrorInfo", "PreconditionFailure", "ResourceInfo", "RetryInfo"];
    let details = names.iter().filter_map(|name| pool.get_message_by_name(&format!("google.rpc.{name}")));
    let details = details.map(|message| {
        let mut detail = schemas.object(&message, Side::Detail, &|_| false);
        let url = format!("type.googleapis.com/{}", message.full_name());
        let kind = Schema { constant: Some(url), ..Schema::of("string") };
        detail.properties.insert(0, ("@type".to_owned(), kind));
        detail.required.push("@type".to_owned());
        schemas.add(message.full_name(), detail)
    });
    let details = Schema::list(Schema::any_of(details.collect()));
    let properties = [
        ("code", Schema::of("integer").format("int32").described("`google.rpc.Code`.")),
        ("message", Schema::of("string").described("For people.")),
        ("details", details.described("For programs: each says by its `@type` what it is.")),
    ];
    Schema {
        required: properties.iter().map(|(name, _)| (*name).to_owned()).collect(),
        properties: properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect(),
        ..Schema::of("object").described("Every error (AIP-193).")
    }
}

/// The reason phrase of a status as a name (RFC 9110, section 15; RFC 6585).
fn name(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        413 => "ContentTooLarge",
        414 => "UriTooLong",
        415 => "UnsupportedMediaType",
        429 => "TooManyRequests",
        431 => "RequestHeaderFieldsTooLarge",
        500 => "InternalServerError",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        other => unreachable!("status {other} has no name here"),
    }
}
