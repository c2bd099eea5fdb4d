//! Where our edge answers otherwise than Envoy, on purpose. `edge/README.md` has the same list, in the same words.

use super::compare::{Case, Difference};

/// A difference that is meant.
pub struct Deviation {
    /// What differs and why it is better so, as `edge/README.md` says it.
    pub what: &'static str,
    /// Exactly the differences that follow from it, claim by claim.
    pub claims: &'static [Claim],
}

/// Whether a difference is of a certain kind.
pub type Claim = fn(&Case, &Difference) -> bool;

impl Deviation {
    pub fn covers(&self, case: &Case, found: &Difference) -> bool {
        self.claims.iter().any(|claim| claim(case, found))
    }
}

/// Of differences in what clients see. One that no longer occurs must leave the list.
pub const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "Every error of the edge has a body: `google.rpc.Status` JSON for REST clients. Envoy sends text, or nothing.",
        claims: &[
            |_, found| found.is("body") && is_text(&found.envoy) && is_status(&found.ours),
            |_, found| {
                let is_text = matches!(found.envoy.as_str(), "" | "text/plain");
                found.is("header content-type") && is_text && found.ours == "application/json"
            },
            // To HEAD, the length of the body that is not sent.
            |case, found| found.is("header content-length") && case.scenario.starts_with("HEAD "),
        ],
    },
    Deviation {
        what: "An error reaches a gRPC-Web client as gRPC-Web wherever it arises, also in front of the filter.",
        claims: &[|case, found| {
            case.scenario == "gRPC-Web: one too many"
                && (found.is("body") || found.is("header content-type") || found.is_grpc_status())
        }],
    },
    Deviation {
        what: "Errors are in the edge's own words.",
        claims: &[|case, found| {
            let is_message = found.is("header grpc-message") || found.is("trailer grpc-message");
            let both_tell = !found.envoy.is_empty() && !found.ours.is_empty();
            is_message && both_tell && !case.is_of_service && case.status[0] == case.status[1]
        }],
    },
    Deviation {
        what: "A refused request does not cost an HTTP/1.1 client its connection.",
        claims: &[|case, found| {
            let is_refused = !case.problem.is_empty() || case.status[0].as_str() >= "400";
            is_refused && found.is("header connection") && found.envoy == "close" && found.ours.is_empty()
        }],
    },
    Deviation {
        what: "A path that other methods have is 405 with `allow`, not 404; a method that nobody knows is a wrong one, not a malformed request.",
        claims: &[
            |case, found| found.is("header allow") && found.envoy.is_empty() && case.status[1] == "405",
            |case, found| found.is("status") && case.status == ["404", "405"],
            |case, found| {
                let is_unknown = case.scenario.starts_with("BREW ") || case.scenario.starts_with("get ");
                let is_wrong = found.envoy == "400" && matches!(found.ours.as_str(), "404" | "405");
                found.is("status") && is_unknown && is_wrong
            },
        ],
    },
    Deviation {
        what: "HEAD is answered as GET is, without the content (RFC 9110); Envoy knows no such path.",
        claims: &[|case, found| {
            let is_head = case.scenario.starts_with("HEAD ") && case.status == ["404", "200"];
            is_head && (found.is_outcome() || found.is("header grpc-message"))
        }],
    },
    Deviation {
        what: "CORS answers have `vary: origin`: what differs by origin must not be cached for another.",
        claims: &[|_, found| {
            let other = found.ours.strip_suffix("origin").map(|other| other.trim_end_matches(", "));
            found.is("header vary") && other == Some(&found.envoy)
        }],
    },
    Deviation {
        what: "`vary: Accept-Encoding` is on answers that are long enough to be compressed. Envoy has it on all whose length it does not know.",
        claims: &[
            |case, found| {
                // What stands behind the fuzzed requests answers shortly.
                let is_short = case.status[0].as_str() >= "400" || given(case, &[" <- "]);
                found.is("header vary") && is_encoding(&found.envoy) && found.ours.is_empty() && is_short
            },
            |_, found| found.is("header vary") && is_encoding(&found.envoy) && found.ours == "origin",
        ],
    },
    Deviation {
        what: "429 carries `retry-after` and `RetryInfo`.",
        claims: &[
            |case, found| {
                let is_new = found.is("header retry-after") && found.envoy.is_empty();
                is_new && case.scenario.ends_with("one too many")
            },
            |case, found| {
                let is_new = found.aspect.ends_with(" grpc-status-details-bin") && found.envoy.is_empty();
                is_new && case.problem.contains("too many requests")
            },
        ],
    },
    Deviation {
        what: "REST fields bind as path > body > query; nothing overwrites what the path says, a query that path or body contradict is refused, and a rule without a body takes none.",
        claims: &[
            |case, found| refused(case, found, "is given by path or body, not by the query"),
            |case, found| refused(case, found, "takes no request body"),
        ],
    },
    Deviation {
        what: "An empty text in the body is a field that is not set, so it is not in conflict with the path.",
        claims: &[|case, found| accepted(case, found, r#"{"name": "", "#)],
    },
    Deviation {
        what: "A body of another content type than JSON, or a compressed one, is 415.",
        claims: &[
            |case, found| refused(case, found, "must be application/json"),
            |case, found| refused(case, found, "must not be compressed"),
        ],
    },
    Deviation {
        what: "JSON is read strictly: a field given twice, one object for a list, a list in a list, `null` in a list, a field mask with characters that no name of a field has, an unknown escape, a bare control character, single quotes, a key without quotes, a comma at the end and other white space than JSON's are errors.",
        claims: &[
            |case, found| refused(case, found, "is given twice"),
            |case, found| refused(case, found, "expected a list but found '{'"),
            |case, found| refused(case, found, "]: expected an object but found '['"),
            |case, found| refused(case, found, "must not be null in a list"),
            |case, found| refused(case, found, "must be field paths such as"),
            |case, found| refused(case, found, "expected a valid escape but found"),
            |case, found| refused(case, found, "control characters must be escaped"),
            |case, found| refused(case, found, r"but found '\''"),
            |case, found| refused(case, found, "expected a key in double quotes but found"),
            |case, found| refused(case, found, "not a trailing comma"),
            |case, found| refused(case, found, r"but found '\u{b}'"),
        ],
    },
    Deviation {
        what: "A whole number in JSON may have an exponent or zeros behind a point in quotes too; none has a `+` or a leading zero.",
        claims: &[
            |case, found| accepted(case, found, r#""1e"#),
            |case, found| accepted(case, found, r#""1.0""#),
            |case, found| given(case, &["=%2B", r#""+"#]) && refused(case, found, "must be a whole number"),
            |case, found| given(case, &["=0", r#""0"#]) && refused(case, found, "must be a whole number"),
        ],
    },
    Deviation {
        what: "Malformed escapes, `%00` and what is not UTF-8 are refused where Envoy passes them on.",
        claims: &[|case, found| refused(case, found, "malformed percent-encoding, a NUL, or is not UTF-8")],
    },
    Deviation {
        what: "A request with two hosts, with a malformed one, or with a path above 8 KiB is refused.",
        claims: &[
            |case, found| refused(case, found, "more than one host header"),
            |case, found| refused(case, found, "malformed host header"),
            |case, found| refused(case, found, "user information"),
            |case, found| refused(case, found, "longer than 8 KiB"),
        ],
    },
    Deviation {
        what: "A body above the limit is 413. Envoy reads JSON piece by piece, and a little more gets through to the service.",
        claims: &[|case, found| refused(case, found, "the body is larger than the edge takes")],
    },
    Deviation {
        what: "`..;x` is a segment like any other (RFC 3986), where Envoy takes it for `..`.",
        claims: &[|case, found| given(case, &["/..;"]) && found.is_outcome()],
    },
    Deviation {
        what: "Nothing in a token is believed before its signature, so a foreign one is 401 whatever its audience says.",
        claims: &[|case, found| {
            found.is("status") && case.status == ["403", "401"] && case.problem.starts_with("Jwt")
        }],
    },
    Deviation {
        what: "A token with a dot too many is refused at the edge, where Envoy leaves it to the service.",
        claims: &[|case, found| {
            let twice = case.problem.contains("with two dots and 3 sections")
                && case.scenario.starts_with("token 11 ");
            twice && (found.is("body") || found.is("header www-authenticate"))
        }],
    },
    Deviation {
        what: "Media types of gRPC and gRPC-Web are compared without case and parameters, so that such a call is not taken for REST.",
        claims: &[
            |case, found| {
                let has_parameter = given(case, &["content-type: application/grpc"])
                    && given(case, &[";charset", "; charset"]);
                has_parameter && is_taken_for_grpc(case, found)
            },
            |case, found| given(case, &["content-type: Application/Grpc"]) && is_taken_for_grpc(case, found),
        ],
    },
    Deviation {
        what: "gRPC-Web text may be padded in its middle, as PROTOCOL-WEB allows.",
        claims: &[|case, found| case.scenario == "WebText: padded pieces" && found.is_outcome()],
    },
    Deviation {
        what: "A stream's form follows `accept` (`text/event-stream`, `application/x-ndjson`, `application/json`) before the configuration.",
        claims: &[
            |case, found| is_form(case, found, "text/event-stream"),
            |case, found| is_form(case, found, "application/x-ndjson"),
        ],
    },
    Deviation {
        what: "REST answers over HTTP/2 have no trailers; their `grpc-status: 0` is a header, as over HTTP/1.1.",
        claims: &[|case, found| found.is("trailer grpc-status") && case.scenario.ends_with(" over HTTP/2")],
    },
    Deviation {
        what: "What a REST client says of gRPC encodings does not reach the service.",
        claims: &[|case, found| {
            case.scenario.ends_with("[grpc-encoding: gzip]")
                && (found.is_outcome() || found.is("header grpc-accept-encoding"))
        }],
    },
    Deviation {
        what: "More header fields, or longer ones, than are allowed are 431 without further headers, over HTTP/2 without body.",
        claims: &[
            |case, found| case.scenario.ends_with(" headers") && is_bare_431(case, found),
            |case, found| case.scenario.starts_with("a header of ") && is_bare_431(case, found),
        ],
    },
    Deviation {
        what: "The upstream sees the length of a transcoded message, `grpc-accept-encoding: identity` and a trace.",
        claims: &[
            |_, found| found.is_added("call's content-length") && found.ours == "the length",
            |_, found| found.is_added("call's grpc-accept-encoding") && found.ours == "identity",
            |_, found| found.is_added("call's traceparent") && found.ours == "a new one",
        ],
    },
    Deviation {
        what: "`grpc-timeout` reaches the upstream as the time that is left under the route's limits.",
        claims: &[|_, found| found.is_added("call's grpc-timeout") && is_timeout(&found.ours)],
    },
    Deviation {
        what: "A loopback client keeps its address in `x-forwarded-for`; Envoy puts its own machine's there.",
        claims: &[|_, found| found.is("call's x-forwarded-for") && found.ours == "127.0.0.1"],
    },
];

impl Difference {
    fn is(&self, aspect: &str) -> bool {
        self.aspect == aspect
    }

    /// Whether only ours has this.
    fn is_added(&self, aspect: &str) -> bool {
        self.is(aspect) && self.envoy.is_empty()
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
            "header vary",
            // A 401 has a challenge (RFC 9110, 11.6.1).
            "header www-authenticate",
        ];
        outcome.contains(&self.aspect.as_str()) || self.is_grpc_status()
    }

    fn is_grpc_status(&self) -> bool {
        self.aspect.ends_with(" grpc-status") || self.aspect.ends_with(" grpc-message")
    }
}

/// The request has one of these in its name.
fn given(case: &Case, parts: &[&str]) -> bool {
    parts.iter().any(|part| case.scenario.contains(part))
}

/// Ours refuses the request, for this reason.
fn refused(case: &Case, found: &Difference, reason: &str) -> bool {
    found.is_outcome() && case.problem.contains(reason)
}

/// Ours takes a request that has this, and Envoy does not.
fn accepted(case: &Case, found: &Difference, part: &str) -> bool {
    case.status == ["400", "200"] && given(case, &[part]) && found.is_outcome()
}

/// Ours answers in gRPC what is no gRPC to Envoy, with the details of the service's error.
fn is_taken_for_grpc(case: &Case, found: &Difference) -> bool {
    let is_detail = found.aspect.ends_with(" grpc-status-details-bin") && found.envoy.is_empty();
    case.status[1] == "200" && case.status[0] != "200" && (found.is_outcome() || is_detail)
}

/// A stream in the form that the client asks for.
fn is_form(case: &Case, found: &Difference, accept: &str) -> bool {
    given(case, &[&format!("[accept: {accept}]")])
        && (found.is("body")
            || found.is("header vary")
            || found.is("header content-type") && found.ours == accept)
}

fn is_encoding(vary: &str) -> bool {
    vary == "Accept-Encoding"
}

fn is_bare_431(case: &Case, found: &Difference) -> bool {
    case.status == ["431", "431"] && found.ours.trim_matches('"').is_empty()
}

/// Digits and a unit, as gRPC writes a time.
fn is_timeout(text: &str) -> bool {
    let amount = text.trim_end_matches(['m', 'u', 'n', 'S']);
    amount.len() + 1 == text.len() && amount.parse().is_ok_and(|amount: u32| amount > 0)
}

/// A JSON string: bodies that are no JSON are compared as text.
fn is_text(body: &str) -> bool {
    body.starts_with('"')
}

fn is_status(body: &str) -> bool {
    body.starts_with(r#"{"code":"#)
}
