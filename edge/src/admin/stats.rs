//! Counters as Envoy prints them: `/stats` and the Prometheus form.

use std::{fmt::Write as _, sync::atomic::Ordering};

use super::state::Admin;

/// Bytes of bodies that are held now.
const HELD: &str = "overload.held_bytes";

/// `http.<stat_prefix>.<counter>: <value>` and the same for clusters.
pub fn text(admin: &Admin) -> String {
    let mut lines = Vec::new();
    for (_, _, manager) in &admin.listeners {
        let prefix = &manager.config.stat_prefix.0;
        lines.extend(
            manager
                .counters
                .snapshot()
                .into_iter()
                .map(|(name, value)| format!("http.{prefix}.{name}: {value}")),
        );
    }
    for (cluster, name, value) in cluster_counters(admin) {
        lines.push(format!("cluster.{cluster}.{name}: {value}"));
    }
    lines.push(format!("{HELD}: {}", admin.budget.held()));
    lines.sort();
    lines.join("\n") + "\n"
}

/// Prometheus text format 0.0.4; each family once, with Envoy's label names.
pub fn prometheus(admin: &Admin) -> String {
    let mut families: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    let mut add = |family: String, label: &str, owner: &str, value: u64| {
        let owner = owner.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let line = format!("{family}{{{label}=\"{owner}\"}} {value}");
        families.entry(family).or_default().push(line);
    };
    for (_, _, manager) in &admin.listeners {
        for (name, value) in manager.counters.snapshot() {
            add(
                format!("envoy_http_{name}"),
                "envoy_http_conn_manager_prefix",
                &manager.config.stat_prefix.0,
                value,
            );
        }
    }
    for (cluster, name, value) in cluster_counters(admin) {
        add(format!("envoy_cluster_{name}"), "envoy_cluster_name", cluster, value);
    }
    let held = HELD.replace('.', "_");
    let mut out = format!("# TYPE envoy_{held} gauge\nenvoy_{held} {}\n", admin.budget.held());
    for (family, lines) in families {
        let _ = writeln!(out, "# TYPE {family} counter\n{}", lines.join("\n"));
    }
    out
}

fn cluster_counters(admin: &Admin) -> impl Iterator<Item = (&str, &'static str, u64)> {
    admin.clusters.iter().flat_map(|cluster| {
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        [
            (cluster.name.as_str(), "upstream_rq_total", count(&cluster.counters.requests)),
            (cluster.name.as_str(), "upstream_rq_no_answer", count(&cluster.counters.failures)),
        ]
    })
}
