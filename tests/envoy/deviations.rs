//! Where our edge answers otherwise than Envoy, on purpose. `edge/README.md` has the same list, in the same words.

use super::compare::{Case, Difference};

/// A difference that is meant.
pub struct Deviation {
    /// What differs and why it is better so, as `edge/README.md` says it.
    pub what: &'static str,
    /// Exactly the differences that follow from it.
    pub is: fn(&Case, &Difference) -> bool,
}

/// Of differences in what clients see. One that no longer occurs must leave the list.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "Every error of the edge has a body: `google.rpc.Status` JSON for REST clients. Envoy sends text, or nothing.",
        is: |case, found| match found.aspect.as_str() {
            "body" => is_text(&found.envoy) && is_status(&found.ours),
            "header content-type" => {
                matches!(found.envoy.as_str(), "" | "text/plain") && found.ours == "application/json"
            }
            // To HEAD, the length of the body that is not sent.
            "header content-length" => case.scenario.starts_with("HEAD "),
            _ => false,
        },
    },
    Deviation {
        what: "An error reaches a gRPC-Web client as gRPC-Web wherever it arises, also in front of the filter.",
        is: |case, found| {
            case.scenario == "gRPC-Web: one too many"
                && (found.is("body") || found.is("header content-type") || found.is_grpc_status())
        },
    },
    Deviation {
        what: "Errors are in the edge's own words.",
        is: |case, found| {
            let is_message = found.is("header grpc-message") || found.is("trailer grpc-message");
            is_message && !found.envoy.is_empty() && !case.told.is_empty() && case.status[0] == case.status[1]
        },
    },
    Deviation {
        what: "A refused request does not cost an HTTP/1.1 client its connection.",
        is: |_, found| {
            found.is("header connection") && (found.envoy.as_str(), found.ours.as_str()) == ("close", "")
        },
    },
    Deviation {
        what: "A path that other methods have is 405 with `allow`, not 404; a method that nobody knows is a wrong one, not a malformed request.",
        is: |case, found| {
            let unknown = case.scenario.starts_with("BREW ") || case.scenario.starts_with("get ");
            found.is("header allow")
                || found.is("status") && (case.status == ["404", "405"] || unknown && case.status[0] == "400")
        },
    },
    Deviation {
        what: "CORS answers have `vary: origin`: what differs by origin must not be cached for another.",
        is: |_, found| found.is("header vary") && found.ours == "origin",
    },
    Deviation {
        what: "429 carries `retry-after` and `RetryInfo`.",
        is: |case, found| {
            found.is("header retry-after") && case.scenario.ends_with("one too many")
                || found.aspect.ends_with(" grpc-status-details-bin")
                    && case.told.contains("too many requests")
        },
    },
    Deviation {
        what: "REST fields bind as path > body > query; nothing overwrites what the path says, and a rule without a body reads none.",
        is: |case, found| {
            refused(
                case,
                found,
                &[
                    "is given by path or body, not by the query",
                    "takes no request body",
                    "differs from the value in the path",
                ],
            )
        },
    },
    Deviation {
        what: "An empty text in the body is a field that is not set, so it is not in conflict with the path.",
        is: |case, found| {
            case.status == ["400", "200"] && case.scenario.contains(r#"{"name": "", "#) && found.is_outcome()
        },
    },
    Deviation {
        what: "A body of another content type than JSON, or a compressed one, is 415.",
        is: |case, found| refused(case, found, &["must be application/json", "must not be compressed"]),
    },
    Deviation {
        what: "JSON is read strictly: a field given twice, one object for a list, `null` in a list and a field mask that is not in lowerCamelCase are errors.",
        is: |case, found| {
            refused(
                case,
                found,
                &["is given twice", "but found", "must not be null in a list", "in lowerCamelCase"],
            )
        },
    },
    Deviation {
        what: "A whole number in JSON may have an exponent in quotes too; one in a path or query has digits only, without `+` or a leading zero.",
        is: |case, found| {
            let lenient = case.status == ["400", "200"] && case.scenario.contains(r#":"1e2""#);
            (lenient || case.told.contains("must be a whole number")) && found.is_outcome()
        },
    },
    Deviation {
        what: "Malformed escapes, `%00` and what is not UTF-8 are refused where Envoy passes them on.",
        is: |case, found| refused(case, found, &["malformed percent-encoding, a NUL, or is not UTF-8"]),
    },
    Deviation {
        what: "A request with two hosts, with a malformed one, or with a path above 8 KiB is refused.",
        is: |case, found| refused(case, found, &["host header", "user information", "longer than 8 KiB"]),
    },
    Deviation {
        what: "A body above the limit is 413. Envoy reads JSON piece by piece, and a little more gets through to the service.",
        is: |case, found| refused(case, found, &["the body is larger than the edge takes"]),
    },
    Deviation {
        what: "`..;x` is a segment like any other (RFC 3986), where Envoy takes it for `..`.",
        is: |case, found| case.scenario.contains("/..;") && found.is_outcome(),
    },
    Deviation {
        what: "Nothing in a token is believed before its signature, so a foreign one is 401 whatever its audience says.",
        is: |case, found| found.is("status") && case.status == ["403", "401"] && case.told.starts_with("Jwt"),
    },
    Deviation {
        what: "A token with a dot too many is refused at the edge, where Envoy leaves it to the service.",
        is: |case, found| {
            let twice =
                case.told.contains("with two dots and 3 sections") && case.scenario.starts_with("token 11 ");
            twice && (found.is("body") || found.is("header www-authenticate"))
        },
    },
    Deviation {
        what: "Media types of gRPC and gRPC-Web are compared without case and parameters, so that such a call is not taken for REST.",
        is: |case, _| {
            case.scenario.contains("content-type: application/grpc") && case.scenario.contains("; charset")
                || case.scenario.contains("content-type: application/grpc;")
                || case.scenario.contains("content-type: Application/Grpc")
        },
    },
    Deviation {
        what: "gRPC-Web text may be padded in its middle, as PROTOCOL-WEB allows.",
        is: |case, found| {
            case.scenario == "WebText: padded pieces" && (found.is_outcome() || found.is_grpc_status())
        },
    },
    Deviation {
        what: "A stream's form follows `accept` (`text/event-stream`, `application/x-ndjson`, `application/json`) before the configuration.",
        is: |case, found| {
            let asked = ["[accept: text/event-stream]", "[accept: application/x-ndjson]"];
            asked.iter().any(|asked| case.scenario.contains(asked))
                && (found.is("body") || found.is("header content-type"))
        },
    },
    Deviation {
        what: "REST answers over HTTP/2 have no trailers; their `grpc-status: 0` is a header, as over HTTP/1.1.",
        is: |case, found| found.is("trailer grpc-status") && case.scenario.ends_with(" over HTTP/2"),
    },
    Deviation {
        what: "What a REST client says of gRPC encodings does not reach the service.",
        is: |case, found| {
            case.scenario.ends_with("[grpc-encoding: gzip]")
                && (found.is_outcome() || found.is("header grpc-accept-encoding"))
        },
    },
    Deviation {
        what: "More header fields, or longer ones, than are allowed are 431 without body and without further headers.",
        is: |case, found| {
            let too_many = case.scenario.ends_with(" headers") || case.scenario.starts_with("a header of ");
            too_many && case.status == ["431", "431"] && found.ours.trim_matches('"').is_empty()
        },
    },
    Deviation {
        what: "The upstream sees the length of a transcoded message, `grpc-accept-encoding: identity` and a trace.",
        is: |_, found| {
            matches!(
                found.aspect.as_str(),
                "call's content-length" | "call's grpc-accept-encoding" | "call's traceparent"
            ) && found.envoy.is_empty()
        },
    },
    Deviation {
        what: "`grpc-timeout` reaches the upstream as the time that is left under the route's limits.",
        is: |_, found| found.is("call's grpc-timeout") && found.envoy.is_empty(),
    },
    Deviation {
        what: "A loopback client keeps its address in `x-forwarded-for`; Envoy puts its own machine's there.",
        is: |_, found| found.is("call's x-forwarded-for") && found.ours == "127.0.0.1",
    },
];

impl Difference {
    fn is(&self, aspect: &str) -> bool {
        self.aspect == aspect
    }

    /// Whether a request is taken or refused, and all that follows from it.
    fn is_outcome(&self) -> bool {
        let outcome = [
            "status",
            "body",
            "call",
            "header content-type",
            "header content-length",
            "header transfer-encoding",
        ];
        outcome.contains(&self.aspect.as_str()) || self.is_grpc_status()
    }

    fn is_grpc_status(&self) -> bool {
        self.aspect.ends_with(" grpc-status") || self.aspect.ends_with(" grpc-message")
    }
}

/// Ours refuses the request, for one of these reasons.
fn refused(case: &Case, found: &Difference, reasons: &[&str]) -> bool {
    found.is_outcome() && reasons.iter().any(|reason| case.told.contains(reason))
}

/// A JSON string: bodies that are no JSON are compared as text.
fn is_text(body: &str) -> bool {
    body.starts_with('"')
}

fn is_status(body: &str) -> bool {
    body.starts_with(r#"{"code":"#)
}
