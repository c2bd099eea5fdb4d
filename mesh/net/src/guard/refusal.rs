//! What hyper answers by itself, to a head of HTTP/1 that it cannot parse: a status and nothing else.

use bytes::Bytes;

/// The same answer with a `google.rpc.Status` for a body; none if it is no such answer.
pub fn with_body(answer: &[u8]) -> Option<Bytes> {
    const EMPTY: &str = "content-length: 0\r\n";
    let (before, after) = std::str::from_utf8(answer).ok()?.split_once(EMPTY)?;
    let problem = match before.strip_prefix("HTTP/1.")?.get(2..5)? {
        "400" => "the request is malformed",
        "414" => "the path is too long",
        "431" => "the header fields are more or longer than is allowed",
        _ => return None,
    };
    let body = format!(r#"{{"code":3,"message":"{problem}","details":[]}}"#);
    let length = body.len();
    let whole =
        format!("{before}content-type: application/json\r\ncontent-length: {length}\r\n{after}{body}");
    Some(whole.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_refusal_gets_a_body_and_nothing_else_does() {
        let own = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        let whole = with_body(own.as_bytes()).unwrap();
        let (head, body) = std::str::from_utf8(&whole).unwrap().split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{head}");
        assert!(head.ends_with("\r\ndate: now") && !head.contains("content-length: 0\r\n"), "{head}");
        for other in
            ["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "x", ""]
        {
            assert_eq!(with_body(other.as_bytes()), None);
        }
    }
}
