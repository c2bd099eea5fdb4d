//! Pieces of YAML.

use std::net::SocketAddr;

/// Envoy's `Address`, on one line.
pub fn socket_address(address: SocketAddr) -> String {
    format!(
        "{{ socket_address: {{ address: {:?}, port_value: {} }} }}",
        address.ip().to_string(),
        address.port()
    )
}

/// A string as a YAML scalar: JSON strings are YAML.
pub fn quoted(text: impl AsRef<std::path::Path>) -> String {
    format!("{:?}", text.as_ref().display().to_string())
}

/// Every line further in.
pub fn indent(width: usize, text: &str) -> String {
    let margin = " ".repeat(width);
    text.trim_end().lines().map(|line| format!("{margin}{line}")).collect::<Vec<_>>().join("\n")
}
