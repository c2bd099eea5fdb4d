//! Metrics of a process: calls by method and code (names of gRPC proposal A66), in Prometheus' text format.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use tonic::Code;

/// Which end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It answers.
    Server,
    /// It asks.
    Client,
}

/// Labels of a call that is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    /// `/shopmesh.orders.v1.OrderService/GetOrder`.
    grpc_method: &'static str,
    /// `OK`, `NOT_FOUND`...
    grpc_status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MethodLabels {
    grpc_method: &'static str,
}

#[derive(Debug, Clone)]
struct Calls {
    started: Family<MethodLabels, Counter>,
    seconds: Family<CallLabels, Histogram>,
}

impl Calls {
    fn register(registry: &mut Registry, role: &str) -> Self {
        let calls = Self {
            started: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_5, 2.0, 16))),
        };
        registry.register(format!("grpc_{role}_call_started"), "Calls that began", calls.started.clone());
        registry.register(
            format!("grpc_{role}_call_duration_seconds"),
            "Time of a call, retries included, by its status",
            calls.seconds.clone(),
        );
        calls
    }
}

/// The registry of a process and what every process counts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    server: Calls,
    client: Calls,
    retries: Counter,
    denied: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let (retries, denied) = (Counter::default(), Counter::default());
        let (server, client) =
            (Calls::register(&mut registry, "server"), Calls::register(&mut registry, "client"));
        registry.register("grpc_client_retries", "Attempts after the first", retries.clone());
        registry.register("mesh_denied_calls", "Calls that the contract does not allow", denied.clone());
        Self { registry: Arc::new(Mutex::new(registry)), server, client, retries, denied }
    }
}

impl Metrics {
    /// Counts a call that begins. `method` is a path that a contract knows.
    pub fn call_started(&self, role: Role, method: &'static str) {
        self.calls(role).started.get_or_create(&MethodLabels { grpc_method: method }).inc();
    }

    /// Counts a call that is over.
    pub fn call_finished(&self, role: Role, method: &'static str, code: Code, time: Duration) {
        let labels = CallLabels { grpc_method: method, grpc_status: code_name(code) };
        self.calls(role).seconds.get_or_create(&labels).observe(time.as_secs_f64());
    }

    fn calls(&self, role: Role) -> &Calls {
        match role {
            Role::Server => &self.server,
            Role::Client => &self.client,
        }
    }

    /// Counts an attempt after the first.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// Counts a call that the contract does not allow.
    pub fn denied(&self) {
        self.denied.inc();
    }

    /// Adds a counter of a service's own.
    pub fn counter(&self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.lock().register(name, help, counter.clone());
        counter
    }

    /// Adds a gauge of a service's own.
    pub fn gauge(&self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.lock().register(name, help, gauge.clone());
        gauge
    }

    /// Everything in the OpenMetrics text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.lock()).expect("a string takes everything");
        text
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().expect("nothing panics while it is held")
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
