//! What `up` prints when the shop is open.

use std::fmt::Write;

use shopmesh_mesh::ServiceName;
use shopmesh_proto::ports;

use crate::{cli::UpArgs, demo, layout::Paths};

/// Where everything is, and what to try next.
pub fn render(args: &UpArgs, paths: &Paths, ready_in: std::time::Duration) -> String {
    let port = |default: u16| default + args.port_offset;
    let (edge, admin) =
        (format!("127.0.0.1:{}", port(ports::EDGE)), format!("127.0.0.1:{}", port(ports::EDGE_ADMIN)));
    let (shop, inside) =
        (format!("http://{edge}"), if args.no_edge { "edge not started: --no-edge" } else { "" });
    let mut out = format!(
        "\n  shopmesh {} is open, after {:.1} s\n\n",
        env!("CARGO_PKG_VERSION"),
        ready_in.as_secs_f64()
    );
    let mut row = |key: &str, value: &str| {
        let _ = writeln!(out, "  {key:<11} {value}");
    };
    row("shop", if args.no_edge { inside } else { &shop });
    if !args.no_edge {
        row("edge admin", &format!("http://{admin}"));
    }
    row("metrics", &format!("http://127.0.0.1:{}/metrics", port(ports::PROCESS_ADMIN)));
    let services: Vec<String> = ServiceName::ALL
        .into_iter()
        .map(|service| format!("{service} {}", port(service.default_port())))
        .collect();
    row("services", &format!("{} (mTLS)", services.join(", ")));
    row("data", &paths.root().display().to_string());
    row("edge YAML", &paths.edge_yaml().display().to_string());
    row("mails", &paths.mail().display().to_string());
    let _ = writeln!(
        out,
        "\n  sign in as  {}, {} or {}\n  password    {}",
        demo::SHOPPER,
        demo::SELLER,
        demo::OPERATOR,
        demo::PASSWORD
    );
    let pki = paths.pki().display().to_string();
    let _ = write!(
        out,
        "\n  try next\n    curl '{shop}/v1/products:search?query=earl+grey'\n    grpcurl -plaintext {edge} list\n    \
         grpcurl -cacert {pki}/ca.crt -cert {pki}/operator-cli.crt -key {pki}/operator-cli.key \\\n      \
         localhost:{} shopmesh.payments.v1.LedgerService/TrialBalance\n    open {shop}/ in a browser\n\n  ctrl-C drains and stops\n\n",
        port(ServiceName::Payments.default_port()),
    );
    out
}
